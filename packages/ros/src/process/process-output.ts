import type { Readable } from 'node:stream';

const LINE_CHARACTERS = 1_000;
const LINES_A_MINUTE = 200;

/**
 * What a process prints: told line by line, cut and counted so that one that talks without end cannot fill the
 * journal, and the last line kept for whoever asks why it ended.
 */
export class ProcessOutput {
  readonly #tell: (line: string) => void;
  #last = '';
  #told = 0;
  #since = performance.now();

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** The last line that was not empty; empty where there was none. */
  get last(): string {
    return this.#last;
  }

  /** Follows this stream to its end. */
  follow(stream: Readable): void {
    // Each stream has its own: half a line of one must not be joined to half a line of the other.
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS);
      for (const line of lines) this.#line(line.slice(0, LINE_CHARACTERS));
    });
    stream.on('end', () => this.#line(rest));
    stream.on('error', () => undefined);
  }

  #line(line: string): void {
    if (line.trim() === '') return;
    this.#last = line.trim();
    const now = performance.now();
    if (now - this.#since > 60_000) {
      this.#since = now;
      this.#told = 0;
    }
    this.#told += 1;
    if (this.#told < LINES_A_MINUTE) this.#tell(line);
    else if (this.#told === LINES_A_MINUTE) this.#tell('(more is left out for a minute)');
  }
}
