import type { Maintenance } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** Why and until when, for people: `in maintenance: new wheels, until 2026-03-01T12:00:00.000Z`. */
export function maintenanceText({ target, reason, until }: Maintenance): string {
  const what = target === null ? 'robot in maintenance' : 'in maintenance';
  return `${what}: ${reason}${until === null ? '' : `, until ${until}`}`;
}

/** The refusal of a start while somebody works on it; `neededBy` is what was to be started, where it is another. */
export function inMaintenance(name: string, maintenance: Maintenance, neededBy = name): RoviError {
  const { target, actor, since, until } = maintenance;
  const needs = neededBy === name ? '' : `${neededBy} needs ${name}: `;
  const what = target === null ? 'the robot is' : `${name} is`;
  const end = until === null ? 'until somebody ends it' : `until ${until}`;
  const command = target === null ? 'rovictl maintenance end' : `rovictl maintenance end ${target}`;
  return new RoviError(
    'in-maintenance',
    `${needs}${what} in maintenance since ${since}, by ${actor.name}, ${end}: ${maintenance.reason}`,
    {
      mend: `Ask ${actor.name} before you end it: \`${command}\`.`,
      context: { name, maintenance },
    },
  );
}
