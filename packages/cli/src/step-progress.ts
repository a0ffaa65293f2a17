import type { Operation, OperationStep } from '@rovi/contract';
import { presentable, printable } from './control-codes.js';
import type { Terminal } from './terminal.js';
import { durationText } from './views/moment.js';

/** Milliseconds between redraws of the running step's time. */
const REDRAW_MS = 100;

/**
 * The steps of one operation on standard error, as they happen. On a terminal the running step is redrawn in place;
 * elsewhere each step is one line, when it has ended.
 */
export class StepProgress {
  readonly #terminal: Terminal;
  #shown = 0;
  #current: { step: OperationStep; since: number } | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Takes a later copy of the operation's record; an older one changes nothing. */
  update(operation: Operation): void {
    for (const [index, step] of operation.steps.entries()) {
      if (index < this.#shown || step.duration_ms === null) continue;
      this.#erase();
      this.#terminal.err(`${stepLine(step, this.#terminal)}\n`);
      this.#shown = index + 1;
    }
    const running = operation.steps.at(this.#shown);
    if (running?.duration_ms !== null || operation.outcome !== 'running') {
      this.#current = null;
    } else if (this.#current?.step.text !== running.text) {
      this.#current = { step: running, since: performance.now() };
    }
    this.#draw();
    if (this.#current !== null && this.#terminal.errLive) {
      this.#timer ??= setInterval(() => {
        this.#draw();
      }, REDRAW_MS);
    }
  }

  /** The step that runs, as far as is known. */
  get running(): string | null {
    return this.#current?.step.text ?? null;
  }

  /** Writes lines above the step that is redrawn. */
  say(text: string): void {
    this.#erase();
    this.#terminal.err(text);
    this.#draw();
  }

  /** Clears the line that is redrawn. Must be called at the end. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#erase();
    this.#current = null;
  }

  #draw(): void {
    if (this.#current === null || !this.#terminal.errLive) return;
    const { step, since } = this.#current;
    const time = durationText(performance.now() - since);
    const room = Math.max(10, this.#terminal.errWidth() - time.length - 6);
    const text = printable(step.text);
    const cut = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    const colour = this.#terminal.errColour;
    const line = presentable(`${colour.yellow('◐')} ${cut} ${colour.dim(time)}`, colour.isColorSupported);
    this.#terminal.errRaw(`\r\u001b[K${line}`);
  }

  #erase(): void {
    if (this.#current !== null && this.#terminal.errLive) this.#terminal.errRaw('\r\u001b[K');
  }
}

function stepLine(step: OperationStep, terminal: Terminal): string {
  const time = step.duration_ms === null ? '' : ` ${terminal.errColour.dim(durationText(step.duration_ms))}`;
  return `${terminal.errColour.dim('·')} ${printable(step.text)}${time}`;
}
