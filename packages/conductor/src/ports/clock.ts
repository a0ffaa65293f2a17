/** Time as the conductor needs it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for people only, it can jump. */
  now(): number;
  /** Monotonic milliseconds since the machine started, as systemd counts them: for every duration and deadline. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
