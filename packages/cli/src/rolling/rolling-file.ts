import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import { RoviError, rollingSchema, type Rolling } from '@rovi/contract';
import { lock } from 'proper-lockfile';
import { reasonOf } from '../catalog-file.js';
import { UsageError } from '../verb.js';
import { writeWhole } from '../write-whole.js';

/** Where the progress of rolling restarts is kept: the user's own state. */
export function rollingFolder(): string {
  const base = process.env['XDG_STATE_HOME'] ?? '';
  // The specification has relative paths ignored.
  return join(isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'rovi', 'rolling');
}

function pathOf(id: string): string {
  return join(rollingFolder(), `${id}.json`);
}

/** A name that none has: the day, and enough of chance. */
export function newRollingId(now: Date): string {
  return `roll-${now.toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(3).toString('hex')}`;
}

/** Writes it, whole or not at all, for its owner alone. Rejects with `state-unwritable`: what is not written is not begun. */
export async function writeRolling(rolling: Rolling): Promise<void> {
  const path = pathOf(rolling.id);
  try {
    await mkdir(rollingFolder(), { recursive: true, mode: 0o700 });
    await writeWhole(path, `${JSON.stringify(rolling, null, 2)}\n`);
  } catch (cause) {
    throw new RoviError('state-unwritable', `${path} cannot be written: ${reasonOf(cause)}`, {
      mend: 'A rolling restart keeps its progress there: make room, or name another folder with XDG_STATE_HOME.',
      cause,
    });
  }
}

/** Forgets one that has ended well. */
export async function removeRolling({ id }: Pick<Rolling, 'id'>): Promise<void> {
  await unlink(pathOf(id)).catch(() => undefined);
}

/** All that have not ended well, the last one first. What cannot be read is left out. */
export async function readRollings(): Promise<readonly Rolling[]> {
  const names = await readdir(rollingFolder()).catch((): string[] => []);
  const found = await Promise.all(
    names
      .filter((name) => /^roll-\d{8}-[0-9a-f]{6}\.json$/.test(name))
      .map((name) => readRolling(name.replace(/\.json$/, '')).catch(() => null)),
  );
  return found.filter((one) => one !== null).sort((one, other) => (one.begun_at < other.begun_at ? 1 : -1));
}

async function readRolling(id: string): Promise<Rolling> {
  return rollingSchema.parse(JSON.parse(await readFile(pathOf(id), 'utf8')));
}

/**
 * The one of this name, or with null the last of the kind, made this program's own. Throws a UsageError where there is
 * none, and `operation-in-progress` where another program is at it.
 */
export async function takeUp(kind: Rolling['kind'], id: string | null): Promise<Rolling> {
  const all = await readRollings();
  const found = all.find((one) => (id === null ? one.kind === kind : one.id === id));
  if (found === undefined) throw noRolling(kind, id, all);
  if (found.kind !== kind) {
    throw new UsageError(
      `${found.id} restarts a ${found.kind}: \`rovictl ${found.kind} restart --rolling --resume ${found.id}\``,
    );
  }
  // Between the look at who is at it and the word that this one is now, nobody else may do the same.
  const release = await lock(pathOf(found.id), { realpath: false, retries: { retries: 20, minTimeout: 50 } });
  try {
    const now = await readRolling(found.id);
    if (isRunning(now.runner)) {
      throw new RoviError(
        'operation-in-progress',
        `${now.id} is being carried out by another rovictl (PID ${String(now.runner.pid)})`,
        { mend: 'Wait for it, or end it; what it has begun on a robot goes on there.' },
      );
    }
    const taken = { ...now, runner: thisRunner() };
    await writeRolling(taken);
    return taken;
  } finally {
    await release();
  }
}

function noRolling(kind: Rolling['kind'], id: string | null, all: readonly Rolling[]): UsageError {
  const there = all.filter((one) => one.kind === kind).map((one) => one.id);
  const which = id === null ? `no rolling restart of a ${kind}` : `no rolling restart "${id}"`;
  return new UsageError(
    `there is ${which} to go on with in ${rollingFolder()}${there.length === 0 ? '' : `; there are: ${there.join(', ')}`}`,
  );
}

/** This program, as no other one ever is: a PID is used again. */
export function thisRunner(): Rolling['runner'] {
  return { boot: bootId(), pid: process.pid, started: startOf(process.pid) ?? '' };
}

/** Whether that program still runs. */
function isRunning({ boot, pid, started }: Rolling['runner']): boolean {
  return boot === bootId() && startOf(pid) === started;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** When a process began, in the kernel's ticks; null where there is none, or only what is left of it. */
function startOf(pid: number): string | null {
  try {
    const after =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')
        .at(-1)
        ?.split(' ') ?? [];
    return after[0] === 'Z' ? null : (after[19] ?? null);
  } catch {
    return null;
  }
}
