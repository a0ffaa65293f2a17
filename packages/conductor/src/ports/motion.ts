/** A motion of the base, in its own frame (REP 103: x forward, y to the left). */
export interface Motion {
  /** m/s. */
  readonly x: number;
  /** m/s. */
  readonly y: number;
  /** Milliseconds on the monotonic clock. */
  readonly durationMs: number;
}

/** How far a motion came. */
export interface Travelled {
  /** Metres; null where nothing measured it. */
  readonly distance: number | null;
  readonly source: 'measured' | 'simulated' | 'not-measured';
}

/** What moves the base. */
export interface MotionBase {
  /** Why it cannot move anything now; null where it can. */
  readonly unavailable: { readonly text: string; readonly mend: string } | null;
  /**
   * Moves, and stops: resolves when the base has been told to stop after `durationMs`. An abort sends the stop in the
   * same turn; the promise resolves then too, once it is sent, with how far it came. Rejects with `motion-lost` where
   * nobody can be told any more, or nobody says so: a dead man's switch then stops the base without this process.
   */
  move(motion: Motion, signal: AbortSignal): Promise<Travelled>;
  /** Tells the base to stop, whatever moves it: sent in this very turn. */
  halt(): void;
}

/** One look around. */
export interface Scan {
  readonly simulated: boolean;
  readonly frame_id: string;
  /** Radians. */
  readonly angle_min: number;
  readonly angle_increment: number;
  /** Metres. */
  readonly range_min: number;
  readonly range_max: number;
  /** Metres; null where nothing was seen within the sensor's bounds. */
  readonly ranges: readonly (number | null)[];
}

/** What looks around. */
export interface Scanner {
  /** Why it cannot look now; null where it can. */
  readonly unavailable: { readonly text: string; readonly mend: string } | null;
  /** The next scan. Rejects with `scan-failed` where none comes before the abort. */
  scan(signal: AbortSignal): Promise<Scan>;
}
