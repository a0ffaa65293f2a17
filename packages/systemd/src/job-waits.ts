type Result = string;

/**
 * Matches jobs with their ends. systemd may announce a job's end before its answer to the call that queued it has
 * been handled, so what ends while a call is open is kept until that call knows its job.
 */
export class JobWaits {
  readonly #early = new Map<string, Result>();
  readonly #waiting = new Map<string, Set<(result: Result) => void>>();
  #open = 0;

  /** Paths of the jobs waited for. */
  get paths(): string[] {
    return [...this.#waiting.keys()];
  }

  /**
   * Runs `dispatch`, which sends the call in this very turn and resolves with the job's path; resolves with that
   * path and a promise of the job's result, which rejects only through `signal`. Where there is no job, path is null
   * and the result is `lost`.
   */
  async dispatch(
    dispatch: () => Promise<string | null>,
    signal: AbortSignal,
  ): Promise<{ readonly path: string | null; readonly result: Promise<Result> }> {
    this.#open += 1;
    try {
      const path = await dispatch();
      if (path === null) return { path, result: Promise.resolve('lost') };
      const early = this.#early.get(path);
      const result = early === undefined ? this.#wait(path, signal) : Promise.resolve(early);
      // Its caller may have lost patience meanwhile and not look at it any more.
      result.catch(() => undefined);
      return { path, result };
    } finally {
      this.#open -= 1;
      if (this.#open === 0) this.#early.clear();
    }
  }

  /** The job has ended. */
  ended(path: string, result: Result): void {
    if (this.#open > 0) this.#early.set(path, result);
    const waiting = this.#waiting.get(path);
    this.#waiting.delete(path);
    for (const resolve of waiting ?? []) resolve(result);
  }

  #wait(path: string, signal: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(path) ?? new Set();
      const abort = (): void => {
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(path) === waiting) this.#waiting.delete(path);
        reject(signal.reason as Error);
      };
      const done = (result: Result): void => {
        signal.removeEventListener('abort', abort);
        resolve(result);
      };
      if (signal.aborted) return abort();
      this.#waiting.set(path, waiting.add(done));
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
