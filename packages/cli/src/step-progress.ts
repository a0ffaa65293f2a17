import type { Operation, OperationStep } from '@rovi/contract';
import { printable } from './control-codes.js';
import { RunningLine } from './running-line.js';
import type { Terminal } from './terminal.js';
import { durationText } from './views/moment.js';

/**
 * The steps of one operation on standard error, as they happen. On a terminal the running step is redrawn in place;
 * elsewhere each step is one line, when it has ended.
 */
export class StepProgress {
  readonly #terminal: Terminal;
  readonly #line: RunningLine;
  #shown = 0;
  #current: { readonly text: string; readonly since: number } | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#line = new RunningLine(terminal);
  }

  /** Takes a later copy of the operation's record; an older one changes nothing. */
  update(operation: Operation): void {
    for (const [index, step] of operation.steps.entries()) {
      if (index < this.#shown || step.duration_ms === null) continue;
      this.#line.say(`${stepLine(step, this.#terminal)}\n`);
      this.#shown = index + 1;
    }
    const running = operation.steps.at(this.#shown);
    if (running?.duration_ms !== null || operation.outcome !== 'running') {
      this.#current = null;
      this.#line.end();
      return;
    }
    if (this.#current?.text !== running.text)
      this.#current = { text: running.text, since: performance.now() };
    this.#line.show(printable(running.text), this.#current.since);
  }

  /** The step that runs, as far as is known. */
  get running(): string | null {
    return this.#current?.text ?? null;
  }

  /** Writes lines above the step that is redrawn. */
  say(text: string): void {
    this.#line.say(text);
  }

  /** Clears the line that is redrawn. Must be called at the end. */
  end(): void {
    this.#line.end();
    this.#current = null;
  }
}

function stepLine(step: OperationStep, terminal: Terminal): string {
  const time = step.duration_ms === null ? '' : ` ${terminal.errColour.dim(durationText(step.duration_ms))}`;
  return `${terminal.errColour.dim('·')} ${printable(step.text)}${time}`;
}
