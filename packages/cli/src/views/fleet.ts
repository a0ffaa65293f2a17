import { fleetTally, isAway, notWell, robotAge, standingOf, worstFirst } from '@rovi/client';
import type { FleetStanding, SeenRobot } from '@rovi/client';
import type { FleetRobot, FleetStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { fittingTable } from './fitting-table.js';
import { ageText, durationText } from './moment.js';
import { stateGlyph } from './state-glyph.js';

export interface FleetTable {
  readonly broker: FleetStatus['broker'];
  readonly robots: readonly SeenRobot[];
  /** Milliseconds on the clock of `heardAt`. */
  readonly now: number;
  /** The same moment since the epoch. */
  readonly time: number;
  readonly colour: Colors;
  /** Columns there are; Infinity where nothing has to be cut. */
  readonly width: number;
  /** Why the gateway itself does not answer any more; null while it does. */
  readonly lost?: string | null;
}

type Paint = (text: string) => string;

/** The sign and the colour of a standing; the word always stands beside them. */
export function standingGlyph(standing: FleetStanding, colour: Colors): { glyph: string; paint: Paint } {
  switch (standing) {
    case 'well':
      return { glyph: '●', paint: colour.green };
    case 'warn':
      return { glyph: '▲', paint: colour.yellow };
    case 'error':
      return { glyph: '✗', paint: colour.red };
    case 'unknown':
      return { glyph: '?', paint: colour.magenta };
    case 'stale':
      return { glyph: '◌', paint: colour.dim };
    case 'offline':
      return { glyph: '○', paint: colour.dim };
  }
}

/** How many robots there are and how they are, then a line for each, the worst first. */
export function fleetText(given: FleetTable): string {
  const view = { ...given, ...printableData({ broker: given.broker, robots: given.robots }) };
  return `${brokerText(view)}${summaryText(view)}${robotsText(view)}`;
}

/** Why nothing of this can be taken as of now; empty while it can. */
export function brokerText({ broker, lost, colour, time }: Omit<FleetTable, 'robots' | 'width'>): string {
  if (lost !== undefined && lost !== null)
    return `${colour.magenta(`? link to the gateway lost: ${lost}; what is shown is what was`)}\n`;
  if (broker.connected) return '';
  const since = ageText(broker.since, time);
  const why = broker.text === '' ? '' : `: ${broker.text}`;
  return `${colour.red(`✗ no connection to the fleet's broker ${broker.address} since ${since}${why}; what is shown is what was`)}\n`;
}

/** `1,000 robots: 990 well, 4 not well, 6 away`. */
export function summaryText({ robots, colour }: Pick<FleetTable, 'robots' | 'colour'>): string {
  const { well, warn, error, unknown, stale, offline } = fleetTally(robots);
  const [bad, away] = [warn + error + unknown, stale + offline];
  const parts = [
    `${counted(well)} well`,
    bad === 0 ? '0 not well' : colour.red(`${counted(bad)} not well`),
    away === 0 ? '0 away' : colour.yellow(`${counted(away)} away`),
  ];
  return `${colour.bold(robotsCounted(robots.length))}: ${parts.join(', ')}\n`;
}

/** `1,000`. */
export function counted(count: number): string {
  return count.toLocaleString('en');
}

/** `1 robot`, `1,000 robots`. */
export function robotsCounted(count: number): string {
  return `${counted(count)} ${count === 1 ? 'robot' : 'robots'}`;
}

function robotsText({ robots, now, colour, width }: FleetTable): string {
  if (robots.length === 0) return colour.dim('no robot has told the broker of itself yet\n');
  const dimmed = (robot: SeenRobot, text: string, paint: Paint = (same) => same): string =>
    isAway(standingOf(robot)) ? colour.dim(text) : paint(text);
  return fittingTable<SeenRobot>(
    {
      columns: [
        { head: '', expendable: 0, cell: (robot) => painted(robot, colour, 'glyph') },
        { head: 'ROBOT', expendable: 0, cell: (robot) => dimmed(robot, robot.robot, colour.bold) },
        { head: 'STATE', expendable: 0, cell: (robot) => painted(robot, colour, 'word') },
        {
          head: 'ACTIVE',
          expendable: 0,
          cell: (robot) => dimmed(robot, isAway(standingOf(robot)) ? '–' : activeWord(robot)),
        },
        { head: 'STACK', expendable: 3, cell: (robot) => stackState(robot, colour) },
        { head: 'LAST SEEN', expendable: 2, cell: (robot) => dimmed(robot, seenText(robot, now)) },
        { head: 'VERSION', expendable: 1, cell: (robot) => dimmed(robot, robot.report?.version ?? '–') },
      ],
      last: {
        head: 'NOT WELL',
        text: (robot) => matterText(robot, seenText(robot, now)),
        paint: (robot) => {
          const standing = standingOf(robot);
          return isAway(standing) ? colour.dim : standing === 'error' ? colour.red : colour.yellow;
        },
      },
      rows: [...robots].sort(worstFirst),
    },
    { width, colour },
  );
}

function painted(robot: SeenRobot, colour: Colors, what: 'glyph' | 'word'): string {
  const standing = standingOf(robot);
  const { glyph, paint } = standingGlyph(standing, colour);
  return paint(what === 'glyph' ? glyph : standing);
}

function activeWord({ report }: SeenRobot): string {
  if (report?.known !== true) return '?';
  return report.active ?? 'none';
}

/** Of one that is away nothing: what its stack was is no state of now. */
function stackState(robot: SeenRobot, colour: Colors): string {
  const { report } = robot;
  const stack = report?.stacks.find(({ name }) => name === report.active);
  if (stack === undefined || isAway(standingOf(robot))) return colour.dim('–');
  return stateGlyph(stack.state, colour).paint(stack.state);
}

/** `4 s ago`. */
export function seenText(robot: SeenRobot, now: number): string {
  const age = robotAge(robot, now);
  if (age === null) return 'not known';
  return age < 1_000
    ? 'just now'
    : `${durationText(Math.floor(age / 1_000) * 1_000).replace('.0 s', ' s')} ago`;
}

/** What is to be known of a robot: what of it is not well; of one that is away why, and what it was when it was seen last (`seen`). */
export function matterText(robot: FleetRobot, seen: string | null): string {
  const { report, reason } = robot;
  if (isAway(standingOf(robot))) {
    const was =
      report === null
        ? 'never told how it is'
        : `was ${report.active === null ? 'running no stack' : `running ${report.active}`}`;
    return [seen === null ? was : `${was}, ${seen}`, reason].filter((part) => part !== '').join('; ');
  }
  if (report === null) return 'has not told yet how it is';
  const units = notWell(robot);
  return [
    ...(report.estop ? ['E-STOP'] : []),
    ...(report.maintenance ? ['in maintenance'] : []),
    ...(units.length > 0 ? [units.join(', ')] : report.level === 'ok' ? [] : [report.text]),
  ].join('; ');
}
