import { readFile, stat } from 'node:fs/promises';
import type { RoviClient } from '@rovi/client';
import type { Operation, Snapshot } from '@rovi/contract';
import type { Figures } from './views/status.js';

/** What a status shows beside the snapshot. */
export interface Extras {
  readonly figures: Figures | null;
  readonly operation: Operation | null;
  readonly user: string | null;
}

/** Milliseconds for what is nice to have. */
const EXTRAS_MS = 2_000;

/** Figures of the active stack, the last operation, the gateway's account. What cannot be had is null; never rejects. */
export async function readExtras(
  client: RoviClient,
  snapshot: Snapshot,
  { source, local }: { readonly source: 'gateway' | 'systemctl'; readonly local: boolean },
): Promise<Extras> {
  // A PID of another machine says nothing here.
  const user = local ? await accountOf(snapshot.gateway?.main_pid ?? null) : null;
  if (source === 'systemctl') return { figures: null, operation: null, user };
  const [figures, operation] = await Promise.all([
    snapshot.active === null ? null : readFigures(client, snapshot.active, null),
    snapshot.operation ?? lastOperation(client),
  ]);
  return { figures, operation, user };
}

/** The newest operation; null where there is none or the gateway does not say. */
export async function lastOperation(client: RoviClient): Promise<Operation | null> {
  return client.operations({ timeout: EXTRAS_MS }).then(
    ([newest]) => newest ?? null,
    () => null,
  );
}

/** A look at what a stack uses, and when that was (milliseconds, monotonic). */
export interface Look extends Figures {
  readonly at: number;
}

/** Looks at a stack's figures; with an earlier look at the same run, also at the CPU used between the two. */
export async function readFigures(
  client: RoviClient,
  stack: string,
  earlier: Look | null,
): Promise<Look | null> {
  const detail = await client.stack(stack, { timeout: EXTRAS_MS }).catch(() => null);
  if (detail === null) return null;
  const at = performance.now();
  const now = detail.resources.cpu_seconds;
  const before = earlier?.detail.resources.cpu_seconds ?? null;
  const sameRun = earlier?.detail.stack.unit.invocation_id === detail.stack.unit.invocation_id;
  const seconds = earlier === null ? 0 : (at - earlier.at) / 1000;
  const percent =
    sameRun && now !== null && before !== null && seconds > 0.2
      ? Math.max(0, ((now - before) / seconds) * 100)
      : null;
  return { detail, at, cpu_percent: percent };
}

/** The name of the account a process runs as; null where that cannot be found out. */
export async function accountOf(pid: number | null): Promise<string | null> {
  if (pid === null) return null;
  try {
    const { uid } = await stat(`/proc/${String(pid)}`);
    const line = (await readFile('/etc/passwd', 'utf8'))
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    return line?.split(':')[0] ?? `uid ${String(uid)}`;
  } catch {
    return null;
  }
}
