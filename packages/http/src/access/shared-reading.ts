/**
 * One reading at a time, for all who ask: whoever asks while one is under way gets the next, so that what each gets was
 * begun after it asked. However many ask, each waits for two readings at most.
 */
export class SharedReading<Value> {
  readonly #read: () => Promise<Value>;
  #current: Promise<Value> | null = null;
  #next: Promise<Value> | null = null;

  constructor(read: () => Promise<Value>) {
    this.#read = read;
  }

  /** What is read from now on. Rejects as the reading does. */
  fresh(): Promise<Value> {
    if (this.#current === null) return this.#begin();
    const begin = (): Promise<Value> => {
      this.#next = null;
      return this.#current ?? this.#begin();
    };
    this.#next ??= this.#current.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<Value> {
    this.#current = this.#read().finally(() => {
      this.#current = null;
    });
    return this.#current;
  }
}
