import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { PATHS, stackUnit } from '@rovi/contract';
import { CheckList, AS_ROOT, type Check } from './check.js';
import type { Installation } from './installation.js';

const TMPFILES = '`systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf` as root';

/** What a line of tmpfiles.d asks for. */
interface Wanted {
  readonly kind: 'd' | 'f';
  readonly path: string;
  readonly mode: number;
  readonly user: string;
  readonly group: string;
}

/** Folder, lock and socket below /run, as the generated tmpfiles.d lines want them; and who has the lock. */
export async function checkRuntime(installation: Installation): Promise<readonly Check[]> {
  const list = new CheckList('runtime');
  const text = installation.generated.find(({ install }) => install.includes('/tmpfiles.d/'))?.text ?? '';
  for (const wanted of wantedPaths(text)) await checkPath(list, wanted, installation);
  await checkPath(
    list,
    {
      kind: 'f',
      path: PATHS.socket,
      mode: 0o660,
      user: installation.catalog.user,
      group: installation.catalog.group,
    },
    installation,
  );
  await checkHolder(list, installation);
  return list.checks;
}

/** The directories and files that tmpfiles.d lines create. */
export function wantedPaths(text: string): Wanted[] {
  return [...text.matchAll(/^([df]) (\S+) ([0-7]+) (\S+) (\S+)/gm)].map(
    ([, kind, path, mode, user, group]) => ({
      kind: kind === 'd' ? 'd' : 'f',
      path: path ?? '',
      mode: Number.parseInt(mode ?? '', 8),
      user: user ?? '',
      group: group ?? '',
    }),
  );
}

const names: Readonly<Record<string, string>> = {
  [PATHS.runtime]: 'folder',
  [PATHS.lock]: 'stack lock',
  [PATHS.socket]: 'socket',
};

async function checkPath(
  list: CheckList,
  wanted: Wanted,
  { accounts, catalog }: Installation,
): Promise<void> {
  const { path, kind } = wanted;
  const name = names[path] ?? path;
  const isSocket = path === PATHS.socket;
  const restart =
    'the gateway makes it: `systemctl restart rovi-gateway.service` (a running stack is stopped and started again)';
  const mend = isSocket ? restart : TMPFILES;
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') list.unknown(name, `${path} cannot be seen by this user`, AS_ROOT);
    else
      list.fault(name, `${path} is missing`, isSocket ? 'see the gateway checks: it is not running' : mend);
    return;
  }
  const mode = found.mode & 0o7777;
  // The lock's group is the user's own, which has the user's name.
  const gidOf = (group: string): number | undefined =>
    group === catalog.group ? accounts.group?.gid : accounts.users.get(group)?.gid;
  const faults = [
    kind === 'd' && !found.isDirectory() ? 'it is not a folder' : '',
    isSocket && !found.isSocket() ? 'it is not a socket' : '',
    kind === 'f' && !isSocket && !found.isFile() ? 'it is not a plain file' : '',
    mode === wanted.mode ? '' : `its mode is ${octal(mode)}, not ${octal(wanted.mode)}`,
    found.uid === accounts.users.get(wanted.user)?.uid
      ? ''
      : `its owner is uid ${String(found.uid)}, not ${wanted.user}`,
    found.gid === gidOf(wanted.group) ? '' : `its group is gid ${String(found.gid)}, not ${wanted.group}`,
  ].filter((fault) => fault !== '');
  if (faults.length > 0) list.fault(name, `${path}: ${faults.join(', ')}`, mend);
  else list.ok(name, `${path} ${octal(mode)} ${wanted.user}:${wanted.group}`);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** A process that has the flock. */
interface Holder {
  readonly pid: number;
  readonly comm: string;
  readonly unit: string | null;
}

async function checkHolder(list: CheckList, { catalog, root }: Installation): Promise<void> {
  if (!root) {
    list.unknown('lock holder', 'who has the stack lock cannot be seen by this user', AS_ROOT);
    return;
  }
  const holders = await lockHolders(PATHS.lock);
  const stacks = new Set(Object.keys(catalog.stacks).map(stackUnit));
  const foreign = holders.filter(({ unit }) => unit === null || !stacks.has(unit));
  const units = [...new Set(holders.map(({ unit }) => unit ?? 'no unit'))];
  if (foreign.length > 0) {
    list.fault(
      'lock holder',
      foreign
        .map(
          ({ pid, comm, unit }) =>
            `PID ${String(pid)} (${comm}, ${unit ?? 'in no unit'}) has the stack lock: no stack can start`,
        )
        .join('\n'),
      'find out what it is (`systemctl status PID`), then end it',
    );
  } else
    list.ok(
      'lock holder',
      holders.length === 0
        ? 'nobody: the robot is free'
        : `${units.join(', ')} (PID ${holders.map(({ pid }) => String(pid)).join(', ')})`,
    );
}

/** By the descriptors of every process: /proc/locks hides a lock whose taker has ended. Needs root. */
export async function lockHolders(lockPath: string): Promise<Holder[]> {
  const lock = await stat(lockPath).catch(() => null);
  if (lock === null) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await holds(pid, lock, lockPath)) ? describe(pid) : null)),
  );
  return found.filter((holder) => holder !== null);
}

async function holds(pid: string, lock: Stats, lockPath: string): Promise<boolean> {
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (!target.endsWith(lockPath.slice(lockPath.lastIndexOf('/')))) continue;
    const opened = await stat(`/proc/${pid}/fd/${fd}`).catch(() => null);
    if (opened?.ino !== lock.ino || opened.dev !== lock.dev) continue;
    if (/^lock:/m.test(await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => ''))) return true;
  }
  return false;
}

async function describe(pid: string): Promise<Holder | null> {
  const comm = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
  if (comm === null) return null;
  const unit = unitOfCgroups(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
  return { pid: Number(pid), comm: comm.trim(), unit };
}

/** The unit that a `/proc/PID/cgroup` puts its process in: the outermost, for what is below it is that unit's own. */
export function unitOfCgroups(text: string): string | null {
  // On a machine with both hierarchies only one of the two lines names the unit.
  const lines = text.split('\n').filter((line) => line.startsWith('0:') || line.includes(':name=systemd:'));
  const units = lines.map((line) => line.split('/').find((part) => /\.(?:service|scope)$/.test(part)));
  return units.find((name) => name !== undefined) ?? null;
}
