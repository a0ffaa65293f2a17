import type { Problem, Rolling, RollingHost } from '@rovi/contract';
import type { Target } from '../hosts/target-expression.js';

/**
 * A restart that goes from host to host, as it is kept in a file while it runs: pure. A host is written down as `begun`
 * before anything is sent to it, and as `done` or `failed` after.
 */

/** A rolling restart of which nothing has been done. */
export function newRolling(
  about: Pick<Rolling, 'id' | 'kind' | 'name' | 'reason' | 'runner'>,
  targets: readonly Target[],
  now: string,
): Rolling {
  return {
    version: 1,
    ...about,
    begun_at: now,
    hosts: targets.map((target) => ({
      ...{ name: target.name, ...placeOf(target) },
      ...{ state: 'waiting' as const, since: now, problem: null },
    })),
  };
}

/** The same with one host gone on. */
export function gone(
  rolling: Rolling,
  name: string,
  to: { readonly state: RollingHost['state']; readonly problem?: Problem; readonly now: string },
): Rolling {
  const { state, problem = null, now } = to;
  return {
    ...rolling,
    hosts: rolling.hosts.map((host) => (host.name === name ? { ...host, state, problem, since: now } : host)),
  };
}

/** The hosts that are not done, in the order they are taken: the one that failed or was in hand is the first of them. */
export function leftOf({ hosts }: Rolling): readonly RollingHost[] {
  return hosts.filter(({ state }) => state !== 'done');
}

/** The hosts that are no longer where they were: gone from the inventory, or at another address. */
export function moved({ hosts }: Rolling, targets: readonly Target[]): readonly string[] {
  return hosts
    .filter(({ name, address, socket }) => {
      const target = targets.find((one) => one.name === name);
      if (target === undefined) return true;
      const now = placeOf(target);
      return now.address !== address || now.socket !== socket;
    })
    .map(({ name }) => name);
}

function placeOf({ host }: Target): Pick<RollingHost, 'address' | 'socket'> {
  return { address: host?.entry.address ?? null, socket: host?.entry.socket ?? null };
}

/** Longest reason that the API takes. */
const REASON_CHARACTERS = 500;

/** The reason that a restart is sent with: by it the robot's record is known again as of this one. */
export function reasonOf({ id, reason }: Pick<Rolling, 'id' | 'reason'>): string {
  return `${markOf(id)}${reason === '' ? '' : `: ${reason}`}`.slice(0, REASON_CHARACTERS);
}

/** Whether a record's reason is of this rolling restart. */
export function isOf({ id }: Pick<Rolling, 'id'>, reason: string): boolean {
  return reason === markOf(id) || reason.startsWith(`${markOf(id)}: `);
}

function markOf(id: string): string {
  return `rolling restart ${id}`;
}

/** The words that go on with it. */
export function resumeWords({ kind, id }: Pick<Rolling, 'kind' | 'id'>): string {
  return `rovictl ${kind} restart --rolling --resume ${id}`;
}
