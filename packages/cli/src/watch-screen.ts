import process from 'node:process';
import { presentable } from './control-codes.js';
import type { Terminal } from './terminal.js';

/** Milliseconds between redraws for the ages alone. */
const REDRAW_MS = 1_000;

/** A window that shows one text, redrawn in place each second and whenever it is told to: `status --watch`, `fleet watch`. */
export class WatchScreen {
  readonly #terminal: Terminal;
  readonly #text: () => string;
  readonly #each: () => void;
  readonly #onResize = (): void => {
    this.draw();
  };
  #timer: NodeJS.Timeout | null = null;

  /** `text` is what is shown at this moment, with lines of any number; `each` is called with every redraw by time. */
  constructor(terminal: Terminal, text: () => string, each: () => void = () => undefined) {
    this.#terminal = terminal;
    this.#text = text;
    this.#each = each;
  }

  start(): void {
    // The alternate screen, without cursor and without line wrap: a narrow window cuts, it does not scramble.
    this.#terminal.outRaw('\u001b[?1049h\u001b[?25l\u001b[?7l');
    process.stdout.on('resize', this.#onResize);
    this.#timer = setInterval(() => {
      this.draw();
      this.#each();
    }, REDRAW_MS);
    this.draw();
  }

  /** Gives the terminal back as it was. Must be called at the end. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    process.stdout.off('resize', this.#onResize);
    this.#terminal.outRaw('\u001b[?7h\u001b[?25h\u001b[?1049l');
  }

  /** What has no place below is cut, and said to be. Does nothing before the start and after the end. */
  draw(): void {
    if (this.#timer === null) return;
    const { colour } = this.#terminal;
    const lines = presentable(this.#text(), colour.isColorSupported).trimEnd().split('\n');
    const rows = this.#terminal.rows();
    const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), colour.dim('…')];
    this.#terminal.outRaw(
      `\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}${colour.dim('Ctrl-C ends')}\u001b[K\u001b[J`,
    );
  }
}
