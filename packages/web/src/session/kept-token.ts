const KEY = 'rovi-token';

/** The token of this device, kept by the browser; in memory alone where it keeps nothing. */
export class KeptToken {
  #token: string | null;

  constructor() {
    try {
      this.#token = localStorage.getItem(KEY);
    } catch {
      this.#token = null;
    }
  }

  /** The token; null where there is none. */
  read(): string | null {
    return this.#token;
  }

  /** Keeps it in place of the one before; null forgets it. */
  keep(token: string | null): void {
    this.#token = token;
    try {
      if (token === null) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, token);
    } catch {
      // A browser that keeps nothing, as in a private window: it is asked for again next time.
    }
  }
}
