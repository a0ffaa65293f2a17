/** What of one unit's supervision outlives a restart of the gateway. */
export interface SupervisionRecord {
  readonly unit: string;
  readonly crashes: number;
  readonly restarts: number;
  /** The last run that was seen: 32 hexadecimal digits, as the two below. */
  readonly run: string | null;
  /** The last run whose end is accounted for. */
  readonly invocation: string | null;
  /** The last run that was seen to end because somebody wanted it. */
  readonly asked: string | null;
  /** systemd's own counter of the unit, when it was last seen. */
  readonly systemd_restarts: number;
  readonly phase: 'watching' | 'backoff' | 'cooldown' | 'trying' | 'gave-up';
  /** Tries since a crash loop was detected. */
  readonly tries: number;
  /** Restarts of the unhealthy unit since it was last healthy for long. */
  readonly attempts: number;
  /** Why it is in this phase, for people. */
  readonly text: string;
  /** RFC 3339; null where none is planned. */
  readonly next_at: string | null;
  /** When the unit was started lately (RFC 3339), oldest first: the window of its start limit. */
  readonly starts: readonly string[];
}

/** Where supervision is kept: small, and written as a whole. */
export interface SupervisionStore {
  /** What was saved last; empty where nothing was, or what is there cannot be read (which is logged, and kept beside). */
  load(): Promise<readonly SupervisionRecord[]>;
  /** Replaces it, on the disk when it resolves. Rejects with `state-unwritable`. */
  save(records: readonly SupervisionRecord[]): Promise<void>;
}
