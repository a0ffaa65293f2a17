import { runTally, targetWords } from '@rovi/client';
import { isTargetOver, type FleetRun, type FleetTarget } from '@rovi/contract';
import { presentable, printable } from '../control-codes.js';
import type { Terminal } from '../terminal.js';
import { targetGlyph } from '../views/fleet-run.js';
import { counted } from '../views/fleet.js';
import { cutText } from '../views/lines.js';
import { durationText } from '../views/moment.js';

/** Milliseconds between redraws of the time. */
const REDRAW_MS = 200;
/** With so many robots each has a line when it has done it; of more only those that have not. */
const FEW = 20;

/**
 * How far a run is, on standard error: a line for each robot that ends – of many only where it did not do it – and on a
 * terminal a line below with the counts, redrawn.
 */
export class RunProgress {
  readonly #terminal: Terminal;
  readonly #told = new Set<string>();
  #run: FleetRun | null = null;
  #since = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Takes a later copy of the run. */
  update(run: FleetRun): void {
    if (this.#run === null) this.#since = performance.now();
    this.#run = run;
    this.#erase();
    for (const target of run.targets) {
      if (!isTargetOver(target.state) || this.#told.has(target.robot)) continue;
      this.#told.add(target.robot);
      if (target.state !== 'succeeded' || run.targets.length <= FEW) this.#terminal.err(this.#line(target));
    }
    this.#draw();
    if (this.#terminal.errLive) {
      this.#timer ??= setInterval(() => {
        this.#draw();
      }, REDRAW_MS);
    }
  }

  /** Writes lines above the one that is redrawn. */
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
    this.#run = null;
  }

  #line({ robot, state, problem, operation }: FleetTarget): string {
    const colour = this.#terminal.errColour;
    const why = problem?.message ?? operation?.message ?? '';
    return `${targetGlyph(state, colour)} ${printable(robot)} ${targetWords[state]}${why === '' ? '' : `: ${printable(why)}`}\n`;
  }

  #draw(): void {
    if (this.#run === null || !this.#terminal.errLive) return;
    const time = durationText(performance.now() - this.#since);
    const counts = runTally(this.#run).map(([state, count]) => `${counted(count)} ${targetWords[state]}`);
    const room = Math.max(10, this.#terminal.errWidth() - time.length - 6);
    const colour = this.#terminal.errColour;
    const text = cutText(counts.join(' · '), room);
    const line = presentable(`${colour.yellow('◐')} ${text} ${colour.dim(time)}`, colour.isColorSupported);
    this.#terminal.errRaw(`\r\u001b[K${line}`);
  }

  #erase(): void {
    if (this.#run !== null && this.#terminal.errLive) this.#terminal.errRaw('\r\u001b[K');
  }
}
