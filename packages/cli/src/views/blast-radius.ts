import { fleetCommandText, type BlastRadius } from '@rovi/client';
import type { FleetCommand } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { counted, robotsCounted } from './fleet.js';
import { wrapParts } from './lines.js';
import { localTimes } from './moment.js';

/** Names of robots that are told, of those that would do it and of those that would not. */
const NAMES = { yes: 8, no: 60 };

/** What a command would hit on many robots: those with the same impact on one line, and by name those that say no. */
export function blastRadiusText(
  given: BlastRadius,
  command: FleetCommand,
  {
    colour,
    width,
    now,
    leftOut,
    waiting,
  }: {
    readonly colour: Colors;
    readonly width: number;
    readonly now: number;
    /** Robots that are away, and therefore not meant. */
    readonly leftOut: readonly string[];
    /** Robots that are away, and are asked if they come back in time. */
    readonly waiting: readonly string[];
  },
): string {
  const { impacts, problems, targets } = printableData(given);
  const head = `${colour.bold(fleetCommandText(command))} on ${robotsCounted(targets.length)}:\n`;
  const hit = impacts.map(({ robots, text, processes }) => {
    const ends =
      processes === 0
        ? ''
        : colour.dim(` (ends ${counted(processes)} ${processes === 1 ? 'process' : 'processes'})`);
    const line = `  ${robotsCounted(robots.length)}: ${processes === 0 ? text : colour.yellow(text)}${ends}\n`;
    return `${line}${namesText(robots, { most: NAMES.yes, colour, width })}`;
  });
  const refused = problems
    .map(({ robots, problem }) => ({
      problem,
      robots: robots.filter((name) => !waiting.includes(name)),
    }))
    .filter(({ robots }) => robots.length > 0)
    .map(({ robots, problem: { code, message, mend } }) => {
      const why = localTimes(message, now);
      const line = `  ${colour.red(`${robotsCounted(robots.length)}: left out`)} ${colour.dim(`[${code}]`)} ${why}\n`;
      const advice = mend === '' ? '' : `    ${colour.cyan('mend:')} ${localTimes(mend, now)}\n`;
      return `${line}${namesText(robots, { most: NAMES.no, colour, width })}${advice}`;
    });
  return [
    head,
    ...hit,
    ...refused,
    awayText(waiting, 'away: asked if they come back in time; what it would hit there is not known', {
      colour,
      width,
    }),
    awayText(leftOut, 'away, and left out; --away means them too', { colour, width }),
  ].join('');
}

function awayText(
  robots: readonly string[],
  text: string,
  { colour, width }: { readonly colour: Colors; readonly width: number },
): string {
  if (robots.length === 0) return '';
  const names = namesText(printableData(robots), { most: NAMES.yes, colour, width });
  return `  ${colour.dim(`${robotsCounted(robots.length)}: ${text}`)}\n${names}`;
}

function namesText(
  names: readonly string[],
  { most, colour, width }: { readonly most: number; readonly colour: Colors; readonly width: number },
): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  const parts = rest === 0 ? shown : [...shown, `and ${counted(rest)} more`];
  return wrapParts(parts, ', ', Math.min(width, 110) - 4)
    .map((line) => `    ${colour.dim(line)}\n`)
    .join('');
}
