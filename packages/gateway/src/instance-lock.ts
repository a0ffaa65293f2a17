import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';
import { RoviError } from '@rovi/contract';

/** How often, in milliseconds, the holder touches its lock. */
const UPDATE_MS = 5_000;
/** How old a lock must be before another may take it over: where its owner is known to be dead, and where it is not. */
const STALE_MS = { dead: 2_000, unknown: 3 * UPDATE_MS };

/**
 * One conductor per machine: a proper-lockfile beside `path`, and in `path` who holds it. The lock of a conductor that
 * was killed falls within about two seconds. Resolves with the release; rejects with `conductor-running`, or with
 * `lock-unavailable` where there is no folder to write to.
 */
export async function takeInstanceLock(
  path: string,
  onCompromised: (error: Error) => void,
): Promise<() => Promise<void>> {
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw unavailable(path, cause);
  });
  const owner = (await readFile(path, 'utf8').catch(() => '')) || null;
  const alive = owner === null ? null : (await identity(ownerPid(owner))) === owner;
  // Not left to the lock's age: a clock that jumps makes every lock look old.
  if (owner !== null && alive === true) throw held(path, owner);
  try {
    const release = await lock(path, {
      realpath: false,
      stale: alive === false ? STALE_MS.dead : STALE_MS.unknown,
      update: alive === false ? STALE_MS.dead / 2 : UPDATE_MS,
      retries: { retries: 80, minTimeout: 200, maxTimeout: 200 },
      onCompromised,
    });
    // Only speeds up the next one's start: a full disk must not leave the robot without its conductor.
    await writeFile(path, (await identity(process.pid)) ?? '').catch(() => undefined);
    return release;
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ELOCKED'
      ? held(path, owner, cause)
      : unavailable(path, cause);
  }
}

function unavailable(path: string, cause: unknown): RoviError {
  return new RoviError(
    'lock-unavailable',
    `the conductor's own lock ${path}.lock cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      mend: 'As root: `systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf`, then start the gateway again.',
      cause,
    },
  );
}

function held(path: string, owner: string | null, cause?: unknown): RoviError {
  const who = owner === null ? '' : ` (PID ${ownerPid(owner)})`;
  return new RoviError('conductor-running', `another conductor holds ${path}.lock${who}`, {
    mend: 'Only one conductor runs on a machine: `systemctl status rovi-gateway.service`.',
    cause,
  });
}

function ownerPid(owner: string): number {
  return Number.parseInt(owner, 10) || 0;
}

/** `PID STARTTIME`, which no other process of this boot ever has; null where there is no such process. */
async function identity(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const startTime = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return startTime === undefined ? null : `${pid} ${startTime}`;
}
