import type { UnitKnowledge } from './stack-status.js';
import type { UnitReading } from './ports/unit-manager.js';

/** What a reading of a unit comes to beside what was known of it. */
export interface Fold {
  readonly knowledge: UnitKnowledge;
  /** The run that was seen to leave its active state now; null where none was. */
  readonly ended: { readonly invocation: string | null; readonly unbidden: boolean } | null;
}

/** Takes in a reading. `fresh`: what was known is of the same connection, so that nothing was missed in between. */
export function foldReading(before: UnitKnowledge | null, fresh: boolean, signalled: UnitReading): Fold {
  const last = before?.reading;
  const reading = withJobType(last, signalled);
  const ended = fresh && last !== undefined && leftActive(last, reading);
  // Without a job nobody stopped it: it ended.
  const unbidden = ended && reading.job === null;
  // A cgroup that is new has not been read; the processes of the old one are not its processes.
  const processes = last?.controlGroup === reading.controlGroup ? (before?.processes ?? null) : null;
  const sameRun = last?.invocationId === reading.invocationId;
  return {
    knowledge: { reading, processes, unbidden: unbidden || (sameRun && before?.unbidden === true) },
    ended: ended ? { invocation: last.invocationId, unbidden } : null,
  };
}

const up = ['active', 'reloading', 'refreshing'];

/** systemd signals a job without its type. On a unit at rest it is a start: a stop has nothing to do there. */
function withJobType(before: UnitReading | undefined, now: UnitReading): UnitReading {
  if (before === undefined || now.job?.type !== 'unknown') return now;
  if (before.job?.id === now.job.id) return { ...now, job: before.job };
  const rested =
    before.job === null && (before.activeState === 'inactive' || before.activeState === 'failed');
  return rested ? { ...now, job: { id: now.job.id, type: 'start' } } : now;
}

function leftActive(before: UnitReading, now: UnitReading): boolean {
  return up.includes(before.activeState) && !up.includes(now.activeState);
}
