import { readFleetKey } from './key-file.js';
import type { FleetKey } from './key-file.js';

/** Milliseconds after which a key that cannot be used is looked for again. */
const AGAIN_MS = 2_000;

/** The key of a console, as its file has it: whoever makes the file later, or mends its mode, need not start the gateway anew. */
export class KeptKey {
  readonly #path: string | undefined;
  readonly #read: (before: FleetKey) => void;
  #key: FleetKey = { signer: null, text: 'its key has not been read yet', mend: '' };
  #again: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `read` is called after each reading, with what was before. */
  constructor(path: string | undefined, read: (before: FleetKey) => void) {
    this.#path = path;
    this.#read = read;
  }

  get now(): FleetKey {
    return this.#key;
  }

  /** Reads the file. Never rejects. */
  async read(): Promise<void> {
    const before = this.#key;
    this.#key = await readFleetKey(this.#path);
    if (this.#stopped) return;
    this.#forget();
    if (this.#key.signer === null && this.#path !== undefined)
      this.#again = setTimeout(() => void this.read(), AGAIN_MS);
    this.#read(before);
  }

  stop(): void {
    this.#stopped = true;
    this.#forget();
  }

  #forget(): void {
    if (this.#again !== null) clearTimeout(this.#again);
    this.#again = null;
  }
}
