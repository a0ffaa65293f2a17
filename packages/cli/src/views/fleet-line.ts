import { isAway, runOutcome, runTally, standingOf, targetWords, fleetCommandText } from '@rovi/client';
import type { FleetView, SeenRobot } from '@rovi/client';
import type { FleetEvent, FleetRun } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { matterText, standingGlyph, summaryText } from './fleet.js';
import { clockText } from './moment.js';

/**
 * What changed in a fleet as lines, for a watch that is piped or written to a file. A report that says of its robot what
 * was said already has no line.
 */
export class FleetLines {
  readonly #colour: Colors;
  readonly #robots = new Map<string, string>();
  readonly #runs = new Map<string, string>();
  #broker: boolean | null = null;

  constructor(colour: Colors) {
    this.#colour = colour;
  }

  /** The lines of the event after which the fleet is `view`; empty where it changes nothing that a line shows. */
  next(event: FleetEvent, view: FleetView, time: number): string {
    const shown = printableData({ ...view, robots: [] });
    const lines: string[] = [];
    if (event.type === 'fleet') {
      if (this.#broker !== view.broker.connected || this.#robots.size === 0)
        lines.push(
          view.broker.connected
            ? `${this.#colour.green('●')} broker ${shown.broker.address} connected`
            : `${this.#colour.red('✗')} broker ${shown.broker.address} lost: ${shown.broker.text}; nothing is known of now`,
          summaryText({ robots: [...view.robots.values()], colour: this.#colour }).trimEnd(),
        );
      const first = this.#broker === null;
      this.#broker = view.broker.connected;
      for (const name of [...this.#robots.keys()]) if (!view.robots.has(name)) this.#robots.delete(name);
      for (const robot of view.robots.values()) lines.push(...this.#robot(robot, first));
      for (const run of shown.runs) lines.push(...this.#run(run, first));
    } else if (event.type === 'robots') {
      for (const name of event.removed) {
        this.#robots.delete(name);
        lines.push(printableData(`${this.#colour.dim('–')} ${name} forgotten`));
      }
      for (const { robot } of event.robots) {
        const seen = view.robots.get(robot);
        if (seen !== undefined) lines.push(...this.#robot(seen, false));
      }
    } else lines.push(...this.#run(printableData(event.run), false));
    const clock = this.#colour.dim(clockText(new Date(time).toISOString(), time));
    return lines.map((line) => `${clock} ${line}\n`).join('');
  }

  #robot(given: SeenRobot, quiet: boolean): string[] {
    const robot = printableData(given);
    const standing = standingOf(robot);
    const { glyph, paint } = standingGlyph(standing, this.#colour);
    const known = robot.report?.known === true;
    const active = isAway(standing)
      ? ''
      : `, active ${known ? (robot.report?.active ?? 'none') : 'not known'}`;
    const matter = matterText(robot, null);
    const line = `${paint(glyph)} ${robot.robot} ${paint(standing)}${active}${matter === '' ? '' : `: ${matter}`}`;
    if (this.#robots.get(robot.robot) === line) return [];
    this.#robots.set(robot.robot, line);
    return quiet && standing === 'well' ? [] : [line];
  }

  #run(run: FleetRun, quiet: boolean): string[] {
    const line = runLine(run);
    if (this.#runs.get(run.id) === line) return [];
    // Nothing follows the end, and a watch can last for days.
    if (run.ended_at === null) this.#runs.set(run.id, line);
    else this.#runs.delete(run.id);
    return quiet && run.ended_at !== null ? [] : [line];
  }
}

/** `run 1a2b: switch to nav by olga: 40 done, 2 failed`. */
export function runLine(run: FleetRun): string {
  const counts = runTally(run).map(([state, count]) => `${String(count)} ${targetWords[state]}`);
  const end = runOutcome(run) === 'going' ? '' : ' – ended';
  return `run ${run.id}: ${fleetCommandText(run.command)} by ${run.actor}: ${counts.join(', ')}${end}`;
}
