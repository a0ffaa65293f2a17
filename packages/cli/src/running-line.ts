import { presentable } from './control-codes.js';
import type { Terminal } from './terminal.js';
import { cutText } from './views/lines.js';
import { durationText } from './views/moment.js';

/** Milliseconds between redraws of the time. */
const REDRAW_MS = 100;

/**
 * One line at the foot of standard error that says what goes on and for how long, redrawn in place. Where that is no
 * terminal there is no such line: what is said above it is still written.
 */
export class RunningLine {
  readonly #terminal: Terminal;
  #current: { readonly text: string; readonly since: number } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows that this goes on, since monotonic milliseconds. `text` has no line break and no control code. */
  show(text: string, since: number): void {
    this.#current = { text, since };
    if (!this.#terminal.errLive) return;
    this.#draw();
    this.#timer ??= setInterval(() => {
      this.#draw();
    }, REDRAW_MS);
  }

  /** Writes whole lines above it. */
  say(lines: string): void {
    this.#erase();
    this.#terminal.err(lines);
    this.#draw();
  }

  /** Clears it. Must be called at the end. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#erase();
    this.#current = null;
  }

  #draw(): void {
    if (this.#current === null || !this.#terminal.errLive) return;
    const { text, since } = this.#current;
    const time = durationText(performance.now() - since);
    const cut = cutText(text, Math.max(10, this.#terminal.errWidth() - time.length - 6));
    const colour = this.#terminal.errColour;
    const line = presentable(`${colour.yellow('◐')} ${cut} ${colour.dim(time)}`, colour.isColorSupported);
    this.#terminal.errRaw(`\r\u001b[K${line}`);
  }

  #erase(): void {
    if (this.#current !== null && this.#terminal.errLive) this.#terminal.errRaw('\r\u001b[K');
  }
}
