import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { runProgram } from '../run-program.js';
import { AS_ROOT, CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

const PODMAN = '/usr/bin/podman';
/** What the units of containers name, and the Debian package of each. */
const programs: readonly (readonly [path: string, aptPackage: string])[] = [
  [PODMAN, 'podman'],
  ['/usr/bin/crun', 'crun'],
];

/**
 * Whether the services that are containers can start: the engine, its runtime, and each image on this robot, for nothing is
 * fetched at a start. Without such services there is nothing to check.
 */
export async function checkContainers({ catalog, root }: Installation): Promise<readonly Check[]> {
  const list = new CheckList('containers');
  const users = new Map<string, string[]>();
  for (const [name, { container }] of Object.entries(catalog.services)) {
    if (container !== undefined) users.set(container.image, [...(users.get(container.image) ?? []), name]);
  }
  if (users.size === 0) return [];
  const there = await Promise.all(programs.map(([path]) => isExecutable(path)));
  const missing = programs.filter((_, index) => there[index] !== true);
  if (missing.length > 0) {
    list.fault(
      'engine',
      `missing: ${missing.map(([path]) => path).join(', ')}`,
      `\`apt install ${missing.map(([, aptPackage]) => aptPackage).join(' ')}\``,
    );
  } else list.ok('engine', programs.map(([path]) => path).join(', '));
  if (!root) list.unknown('images', "root's images cannot be seen by this user", AS_ROOT);
  // Without a runtime Podman answers nothing, not even what images it has.
  else if (missing.length > 0)
    list.unknown('images', 'cannot be asked for without these', 'see the check above');
  else await checkImages(list, users);
  return list.checks;
}

async function checkImages(list: CheckList, users: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const absent: string[] = [];
  const unclear: string[] = [];
  for (const [image, services] of users) {
    // One after the other: each takes the lock of the engine's storage.
    const { code, stderr } = await runProgram(PODMAN, ['--runtime=crun', 'image', 'exists', image]);
    if (code === 1) absent.push(`${image} is missing, for ${services.join(', ')}`);
    else if (code !== 0) unclear.push(`${image}: ${stderr.trim().split('\n').at(-1) || 'no answer in time'}`);
  }
  if (absent.length > 0) {
    list.fault(
      'images',
      absent.join('\n'),
      '`podman load` or `podman pull` as root: nothing is fetched at a start',
    );
  }
  if (unclear.length > 0) list.unknown('image store', unclear.join('\n'), 'see what `podman info` says');
  if (absent.length + unclear.length === 0)
    list.ok('images', `${String(users.size)} of ${String(users.size)} are here`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
