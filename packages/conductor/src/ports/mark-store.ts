/** Files that systemd looks for: one file a name in one folder. Every method rejects with `state-unwritable`. */
export interface MarkStore {
  /** Every mark there is, with its text. */
  list(): Promise<ReadonlyMap<string, string>>;
  /** Makes or replaces the mark; it is on the disk when this resolves. */
  set(name: string, text: string): Promise<void>;
  /** Takes it away; no error where there is none. */
  clear(name: string): Promise<void>;
}
