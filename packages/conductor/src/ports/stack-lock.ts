/** Who has the stack lock: a process whose open file description holds the flock. */
export interface LockHolder {
  readonly pid: number;
  readonly comm: string;
  /** The systemd unit whose cgroup the process is in; null if it is in none. */
  readonly unit: string | null;
}

/** The flock on `/run/rovi/stack.lock`, looked at but never kept. */
export interface StackLock {
  /** True if the lock could be had this moment. Rejects with `lock-unavailable` where the file cannot be opened. */
  isFree(): Promise<boolean>;
  /** Every process that holds it, as far as this user may see. */
  holders(): Promise<LockHolder[]>;
}
