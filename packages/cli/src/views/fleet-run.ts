import { fleetCommandText, runOutcome, runTally, targetWords } from '@rovi/client';
import type { FleetRun, FleetTarget, FleetTargetState, Problem } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { counted, robotsCounted } from './fleet.js';
import { ageText, clockText, durationText, localTimes } from './moment.js';
import { tableText } from './table.js';

/** Robots that did it are told by name up to so many. */
const DONE_BY_NAME = 20;

interface RunView {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly colour: Colors;
}

/** The sign and the colour of how a robot's part stands. */
export function targetGlyph(state: FleetTargetState, colour: Colors): string {
  switch (state) {
    case 'succeeded':
      return colour.green('✓');
    case 'failed':
    case 'refused':
      return colour.red('✗');
    case 'unknown':
      return colour.magenta('?');
    case 'expired':
    case 'left-out':
      return colour.yellow('–');
    case 'waiting':
      return colour.dim('·');
    case 'asking':
    case 'sent':
    case 'running':
      return colour.yellow('◐');
  }
}

/**
 * What became of a run: its robots, what went wrong first, those that did it counted where they are many; then what to do,
 * each piece of advice once. `saidNo`: robots that were not commanded, for they said no before it began.
 */
export function runText(given: FleetRun, saidNo: readonly FleetTarget[], { now, colour }: RunView): string {
  const run = printableData(given);
  const all = [...run.targets, ...printableData(saidNo)];
  const done = all.filter(({ state }) => state === 'succeeded');
  const rows = done.length > DONE_BY_NAME ? all.filter(({ state }) => state !== 'succeeded') : all;
  const outcome = runOutcome({ targets: all });
  const sign =
    outcome === 'done' ? colour.green('✓') : outcome === 'going' ? colour.yellow('◐') : colour.red('✗');
  const counts = runTally({ targets: all }).map(
    ([state, count]) => `${counted(count)} ${targetWords[state]}`,
  );
  const took =
    run.ended_at === null
      ? `began ${ageText(run.started_at, now)}`
      : `took ${durationText(Date.parse(run.ended_at) - Date.parse(run.started_at))}`;
  const head = `${sign} ${colour.bold(fleetCommandText(run.command))} on ${robotsCounted(all.length)}: ${counts.join(', ')} ${colour.dim(`(${took})`)}\n`;
  const table =
    rows.length === 0
      ? ''
      : tableText(
          ['', 'ROBOT', 'OUTCOME', 'CODE', ''].map((word) => colour.dim(word)),
          [...rows]
            .sort(worst)
            .map((target) => [
              targetGlyph(target.state, colour),
              colour.bold(target.robot),
              targetWords[target.state],
              target.problem?.code ?? '',
              localTimes(target.problem?.message ?? target.operation?.message ?? '', now),
            ]),
        );
  return `${head}${table}${mendText(all, now, colour)}`;
}

/** The advice for each code once. */
function mendText(targets: readonly FleetTarget[], now: number, colour: Colors): string {
  const mends = new Map<Problem['code'], string>();
  for (const { problem } of targets)
    if (problem !== null && problem.mend !== '' && !mends.has(problem.code))
      mends.set(problem.code, problem.mend);
  return [...mends]
    .map(([code, mend]) => `${colour.dim(`[${code}]`)} ${colour.cyan('mend:')} ${localTimes(mend, now)}\n`)
    .join('');
}

/** The runs that the gateway remembers, newest first. */
export function runsText(runs: readonly FleetRun[], { now, colour }: RunView): string {
  if (runs.length === 0) return colour.dim('this run of the gateway has commanded no robots\n');
  return tableText(
    ['', 'ID', 'WHEN', 'COMMAND', 'BY', 'ROBOTS', 'RESULT'].map((word) => colour.dim(word)),
    printableData(runs).map((run) => {
      const outcome = runOutcome(run);
      return [
        targetGlyph(outcome === 'going' ? 'running' : outcome === 'done' ? 'succeeded' : 'failed', colour),
        run.id,
        clockText(run.started_at, now),
        fleetCommandText(run.command),
        run.actor,
        counted(run.targets.length),
        runTally(run)
          .map(([state, count]) => `${counted(count)} ${targetWords[state]}`)
          .join(', '),
      ];
    }),
  );
}

const badness: readonly FleetTargetState[] = ['failed', 'unknown', 'refused', 'expired', 'left-out'];

function worst(one: FleetTarget, other: FleetTarget): number {
  const rank = ({ state }: FleetTarget): number => {
    const at = badness.indexOf(state);
    return at === -1 ? badness.length : at;
  };
  return rank(one) - rank(other);
}
