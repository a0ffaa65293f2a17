import { runTally, targetWords } from '@rovi/client';
import { isTargetOver, type FleetRun, type FleetTarget } from '@rovi/contract';
import { printable } from '../control-codes.js';
import { RunningLine } from '../running-line.js';
import type { Terminal } from '../terminal.js';
import { targetGlyph } from '../views/fleet-run.js';
import { counted } from '../views/fleet.js';
import { localTimes } from '../views/moment.js';

/** With so many robots each has a line when it has done it; of more only those that have not. */
const FEW = 20;

/**
 * How far a run is, on standard error: a line for each robot that ends – of many only where it did not do it – and on a
 * terminal a line below with the counts, redrawn.
 */
export class RunProgress {
  readonly #terminal: Terminal;
  readonly #line: RunningLine;
  readonly #told = new Set<string>();
  #since: number | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#line = new RunningLine(terminal);
  }

  /** Takes a later copy of the run. */
  update(run: FleetRun): void {
    this.#since ??= performance.now();
    for (const target of run.targets) {
      if (!isTargetOver(target.state) || this.#told.has(target.robot)) continue;
      this.#told.add(target.robot);
      if (target.state !== 'succeeded' || run.targets.length <= FEW) this.#line.say(this.#ended(target));
    }
    const counts = runTally(run).map(([state, count]) => `${counted(count)} ${targetWords[state]}`);
    this.#line.show(counts.join(' · '), this.#since);
  }

  /** Writes lines above the one that is redrawn. */
  say(text: string): void {
    this.#line.say(text);
  }

  /** Clears the line that is redrawn. Must be called at the end. */
  end(): void {
    this.#line.end();
  }

  #ended({ robot, state, problem, operation }: FleetTarget): string {
    const colour = this.#terminal.errColour;
    const why = problem?.message ?? operation?.message ?? '';
    return `${targetGlyph(state, colour)} ${printable(robot)} ${targetWords[state]}${why === '' ? '' : `: ${localTimes(printable(why), Date.now())}`}\n`;
  }
}
