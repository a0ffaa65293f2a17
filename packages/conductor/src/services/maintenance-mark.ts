import type { Maintenance } from '@rovi/contract';
import { maintenanceSchema, ROBOT_MARK } from '@rovi/contract';

/** What a mark holds: all of a maintenance but its target, which is its name. */
const markSchema = maintenanceSchema.omit({ target: true });

/** The name of the mark for a target; null is the robot. */
export function markName(target: string | null): string {
  return target ?? ROBOT_MARK;
}

/** The text of the mark, for people too. */
export function markText({ reason, actor, since, until }: Maintenance): string {
  return `${JSON.stringify({ reason, actor, since, until }, null, 1)}\n`;
}

/**
 * The maintenance that a mark is. One that cannot be read is one all the same, without an end: systemd only looks
 * whether it is there. `at`: RFC 3339, when it was seen first.
 */
export function maintenanceOf(name: string, text: string, at: string): Maintenance {
  const target = name === ROBOT_MARK ? null : name;
  const read = markSchema.safeParse(parsed(text));
  if (read.success) return { target, ...read.data };
  const said = text.trim().split('\n', 1)[0]?.slice(0, 100) ?? '';
  return {
    target,
    reason: said === '' ? 'unreadable mark, set past Rovi' : `unreadable mark: ${said}`,
    actor: { name: 'unknown', face: 'conductor', verified: false },
    since: at,
    until: null,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
