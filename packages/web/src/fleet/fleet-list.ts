import { isAway, notWell, standingOf, worstFirst } from '@rovi/client/browser';
import type { FleetStanding, SeenRobot } from '@rovi/client/browser';

/** What robots are put under, in the order they are shown. */
export const FLEET_GROUPS = ['not-well', 'well', 'stale', 'offline'] as const;
export type FleetGroup = (typeof FLEET_GROUPS)[number];

/** The titles of the groups. */
export const groupTitles: Readonly<Record<FleetGroup, string>> = {
  'not-well': 'Not well',
  well: 'Well',
  stale: 'Stale',
  offline: 'Offline',
};

/** What the person wants to see. */
export interface FleetFilter {
  /** Null for all. */
  readonly group: FleetGroup | null;
  /** Words, each of which a robot must have in its name, stacks, units or texts. */
  readonly text: string;
}

/** A line of the list: the title of a group, or a robot. */
export type FleetRow =
  | { readonly kind: 'group'; readonly group: FleetGroup; readonly count: number }
  | { readonly kind: 'robot'; readonly robot: SeenRobot };

/** The group of a robot that stands so. */
export function groupOf(standing: FleetStanding): FleetGroup {
  switch (standing) {
    case 'error':
    case 'unknown':
    case 'warn':
      return 'not-well';
    case 'well':
    case 'stale':
    case 'offline':
      return standing;
  }
}

/** How many robots each group has, whatever the filter. */
export function groupCounts(robots: Iterable<SeenRobot>): Record<FleetGroup, number> {
  const counts = { 'not-well': 0, well: 0, stale: 0, offline: 0 };
  for (const robot of robots) counts[groupOf(standingOf(robot))] += 1;
  return counts;
}

/** The lines to show: by group, the worst first, then by name. */
export function fleetRows(robots: Iterable<SeenRobot>, filter: FleetFilter): FleetRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<FleetGroup, SeenRobot[]>();
  for (const robot of [...robots].sort(worstFirst)) {
    const group = groupOf(standingOf(robot));
    if (filter.group !== null && filter.group !== group) continue;
    if (words.length > 0 && !has(robot, words)) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [robot]);
    else members.push(robot);
  }
  return FLEET_GROUPS.flatMap((group) => {
    const members = groups.get(group) ?? [];
    if (members.length === 0) return [];
    return [
      { kind: 'group' as const, group, count: members.length },
      ...members.map((robot) => ({ kind: 'robot' as const, robot })),
    ];
  });
}

/** Of the lines, the robots that can be commanded: those that are there. */
export function commandable(rows: readonly FleetRow[]): string[] {
  return rows.flatMap((row) =>
    row.kind === 'robot' && !isAway(standingOf(row.robot)) ? [row.robot.robot] : [],
  );
}

function has({ robot, reason, report }: SeenRobot, words: readonly string[]): boolean {
  const told = [
    robot,
    reason,
    report?.text ?? '',
    report?.active ?? '',
    report?.version ?? '',
    ...notWell({ report }),
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => told.includes(word));
}

/** Stacks and services that any of these robots has told of, by name. */
export function unitsOf(robots: Iterable<Pick<SeenRobot, 'report'>>): {
  readonly stacks: readonly string[];
  readonly services: readonly string[];
} {
  const stacks = new Set<string>();
  const services = new Set<string>();
  for (const { report } of robots) {
    for (const { name } of report?.stacks ?? []) stacks.add(name);
    for (const { name } of report?.services ?? []) services.add(name);
  }
  return { stacks: [...stacks].sort(), services: [...services].sort() };
}

/** Of one robot in a few words: what of it is not well; of one that is away, what it was. */
export function robotMatter(robot: SeenRobot): string {
  const { report, reason } = robot;
  if (isAway(standingOf(robot))) return reason;
  if (report === null) return 'has not told yet how it is';
  const units = notWell(robot);
  return [
    ...(report.estop ? ['e-stop'] : []),
    ...(report.maintenance ? ['in maintenance'] : []),
    ...(units.length > 0 ? [units.join(', ')] : report.level === 'ok' ? [] : [report.text]),
    ...(report.commands ? [] : ['takes no commands from the fleet']),
  ].join('; ');
}
