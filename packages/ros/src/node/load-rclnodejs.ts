import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Rcl } from './rcl.js';
import { Unavailable } from './unavailable.js';

const BUILD = 'Build it for the ROS that is installed: `sudo ./install.sh --ros` (docs/ros.md).';
/** Milliseconds a trial may take: the middleware is read from disk. */
const TRIAL_MS = 20_000;

/** rclnodejs as it stands on this machine. */
export interface Rclnodejs {
  readonly rcl: Rcl;
  /** Whether its generated messages have this interface (`package/msg/Name`), and the sourced ROS has its package. */
  readonly has: (type: string) => boolean;
}

/**
 * Loads rclnodejs from `folder`/node_modules, or throws {@link Unavailable}. A failed import would destroy it: where
 * its addon cannot be loaded it deletes the addon and begins to compile. So the addon is tried in a child first.
 */
export async function loadRclnodejs(folder: string): Promise<Rclnodejs> {
  const home = join(folder, 'node_modules', 'rclnodejs');
  const prefixes = (process.env['AMENT_PREFIX_PATH'] ?? '').split(':').filter((path) => path !== '');
  if (prefixes.length === 0) {
    throw new Unavailable(
      'no ROS is sourced: AMENT_PREFIX_PATH is empty',
      'Install ROS 2, or name it by ROS_DISTRO in the environment file.',
    );
  }
  if (!existsSync(join(home, 'package.json'))) {
    throw new Unavailable(`rclnodejs is not installed in ${folder}`, BUILD);
  }
  if (!existsSync(join(home, 'generated', 'generator.json'))) {
    throw new Unavailable(`rclnodejs in ${folder} has no generated messages`, BUILD);
  }
  tryAddon(home);
  const loaded = (await import(pathToFileURL(join(home, entryOf(home))).href)) as { default: Rcl };
  const has = (type: string): boolean => {
    const [name = '', kind = '', message = ''] = type.split('/');
    return (
      existsSync(join(home, 'generated', name, `${name}__${kind}__${message}.js`)) &&
      prefixes.some((prefix) => existsSync(join(prefix, 'share', name, 'package.xml')))
    );
  };
  return { rcl: loaded.default, has };
}

function entryOf(home: string): string {
  const { exports, main } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    exports?: { '.'?: { import?: string } };
    main?: string;
  };
  return exports?.['.']?.import ?? main ?? 'index.js';
}

function tryAddon(home: string): void {
  const addon = addonOf(home);
  if (addon === null) throw new Unavailable('rclnodejs has no addon for this machine', BUILD);
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', addon], {
    encoding: 'utf8',
    timeout: TRIAL_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return;
  const lines = stderr.split('\n').map((line) => line.trim());
  const said =
    lines.find((line) => /error|cannot|failed/i.test(line)) ?? lines.find((line) => line !== '') ?? '';
  throw new Unavailable(
    `the addon of rclnodejs cannot be loaded (${signal ?? `exit code ${String(status)}`}): ${said.slice(0, 300)}`,
    'Is RMW_IMPLEMENTATION installed, and is this the ROS it was built for? If so: `sudo ./install.sh --ros`.',
  );
}

/** Where rclnodejs itself would find its addon: a prebuilt one for this Ubuntu and ROS, else the one built here. */
function addonOf(home: string): string | null {
  const { platform, arch } = process;
  const prebuilt = `${process.env['ROS_DISTRO'] ?? ''}-${codename()}-${arch}-node-rclnodejs.node`;
  const places = [
    join(home, 'prebuilds', `${platform}-${arch}`, prebuilt),
    join(home, 'build', 'Release', 'rclnodejs.node'),
  ];
  return places.find((place) => existsSync(place)) ?? null;
}

function codename(): string {
  try {
    return /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
