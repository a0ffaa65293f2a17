import { presentable, printable } from '../control-codes.js';
import type { Terminal } from '../terminal.js';
import { durationText } from '../views/moment.js';

/** Milliseconds between redraws of the times. */
const REDRAW_MS = 100;
/** Lines that the terminal keeps for what stands above. */
const MARGIN = 4;

/** What a host's line ends as. */
export type LineEnd = 'done' | 'failed' | 'open';

interface Line {
  readonly name: string;
  readonly since: number;
  text: string;
  ended: LineEnd | null;
}

/**
 * Several hosts on standard error while something goes on at each. On a terminal a line a host, redrawn in place, and
 * gone at the end; elsewhere one line a host when it has ended.
 */
export class HostLines {
  readonly #terminal: Terminal;
  readonly #width: number;
  readonly #lines = new Map<string, Line>();
  #drawn = 0;
  #timer: NodeJS.Timeout | null = null;

  /** `names`: all that will ever have a line. */
  constructor(terminal: Terminal, names: readonly string[]) {
    this.#terminal = terminal;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  /** Something goes on at this host from now on. */
  begin(name: string, text: string): void {
    this.#lines.set(name, { name, text, since: performance.now(), ended: null });
    if (this.#terminal.errLive) this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS);
    this.#draw();
  }

  /** What goes on there now. */
  update(name: string, text: string): void {
    const line = this.#lines.get(name);
    if (line?.ended === null) line.text = text;
  }

  /** It has ended there. */
  end(name: string, how: LineEnd, text: string): void {
    const line = this.#lines.get(name);
    if (line?.ended !== null) return;
    line.ended = how;
    line.text = text;
    if (this.#terminal.errLive) this.#draw();
    else this.#terminal.err(`${this.#shown(line, performance.now())}\n`);
  }

  /** Writes lines above those that are redrawn. */
  say(text: string): void {
    this.#erase();
    this.#terminal.err(text);
    this.#draw();
  }

  /** Takes the redrawn lines away. Must be called at the end. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#erase();
    this.#lines.clear();
  }

  #draw(): void {
    if (!this.#terminal.errLive || this.#lines.size === 0) return;
    const room = Math.max(1, this.#terminal.errRows() - MARGIN);
    // Whoever watches waits for those that have not ended.
    const all = [...this.#lines.values()];
    const sorted = all.length <= room ? all : [...all].sort((one, other) => rank(one) - rank(other));
    const now = performance.now();
    const shown = sorted.slice(0, room).map((line) => this.#shown(line, now));
    if (all.length > room)
      shown.push(this.#terminal.errColour.dim(`  … and ${String(all.length - room)} more`));
    this.#erase();
    this.#terminal.errRaw(shown.map((line) => `${line}\n`).join(''));
    this.#drawn = shown.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#terminal.errRaw(`\u001b[${String(this.#drawn)}A\r\u001b[J`);
    this.#drawn = 0;
  }

  #shown({ name, text, since, ended }: Line, now: number): string {
    const { errColour: colour } = this.#terminal;
    const glyph =
      ended === null
        ? colour.yellow('◐')
        : ended === 'done'
          ? colour.green('✓')
          : ended === 'failed'
            ? colour.red('✗')
            : colour.magenta('?');
    const time = ended === null ? durationText(now - since) : '';
    const label = name.padEnd(this.#width);
    const room = Math.max(10, this.#terminal.errWidth() - label.length - time.length - 6);
    const plain = printable(text);
    const cut = plain.length > room ? `${plain.slice(0, room - 1)}…` : plain;
    const line = `${glyph} ${colour.bold(label)}  ${cut}${time === '' ? '' : ` ${colour.dim(time)}`}`;
    return presentable(line, colour.isColorSupported).trimEnd();
  }
}

function rank({ ended }: Line): number {
  return ended === null ? 0 : 1;
}
