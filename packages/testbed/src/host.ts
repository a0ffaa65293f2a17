import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestbedError } from './testbed-error.js';

/** A program the host lacks and the Debian package that has it. */
export interface MissingTool {
  tool: string;
  package: string;
}

// Each tool by the places any of which will do: a bare name is looked up on PATH.
const TOOLS: readonly (MissingTool & { places: readonly string[] })[] = [
  { tool: 'systemd', package: 'systemd', places: ['/usr/lib/systemd/systemd', '/lib/systemd/systemd'] },
  { tool: 'systemd-nspawn', package: 'systemd-container', places: ['systemd-nspawn'] },
  { tool: 'dbus-daemon', package: 'dbus', places: ['dbus-daemon', 'dbus-broker'] },
  {
    tool: 'polkitd',
    package: 'polkitd',
    places: ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd', '/usr/libexec/polkit-1/polkitd'],
  },
  { tool: 'nsenter', package: 'util-linux', places: ['nsenter'] },
  { tool: 'setpriv', package: 'util-linux', places: ['setpriv'] },
  { tool: 'unshare', package: 'util-linux', places: ['unshare'] },
  { tool: 'mount', package: 'mount', places: ['mount'] },
  { tool: 'ip', package: 'iproute2', places: ['ip'] },
  { tool: 'useradd', package: 'passwd', places: ['useradd'] },
  { tool: 'python3', package: 'python3', places: ['/usr/bin/python3'] },
];

const SEARCHED = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The programs a robot needs of its host and that are not installed; empty when all are there. Needs no privilege. */
export function missingHostTools(): MissingTool[] {
  return TOOLS.filter(({ places }) => !places.some(isProgram)).map((tool) => ({
    tool: tool.tool,
    package: tool.package,
  }));
}

/** Throws a TestbedError that tells a person what to do, unless robots can be booted here. */
export function assertHostCanBoot(): void {
  const missing = missingHostTools();
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((tool) => tool.package))].join(' ');
    const tools = missing.map((tool) => tool.tool).join(', ');
    throw new TestbedError(`a robot cannot boot here without ${tools}: apt-get install ${packages}`);
  }
  if (process.getuid?.() !== 0) {
    throw new TestbedError(
      'booting a robot needs root (mounts, cgroups, systemd-nspawn): run this with sudo',
    );
  }
  if (!/^(?:nodev\t|\t)overlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) {
    throw new TestbedError('this kernel has no overlay file system loaded: run `modprobe overlay`');
  }
  if (statSync('/usr').dev !== statSync('/').dev) {
    throw new TestbedError(
      '/usr is a mount of its own: a robot is an overlay of / and would come up without it',
    );
  }
}

/** Rovi's repository on this machine: what robots see at /opt/rovi-src. */
export const REPOSITORY = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));

/**
 * What must be mounted and linked so that every account of a robot finds this very Node on its PATH.
 * Nothing where it is a program of the system; a Node below a home directory is of no use to others.
 */
export function nodeForRobot(): { binds: string[]; links: Record<string, string> } {
  const node = realpathSync(process.execPath);
  if (/^\/(?:usr|opt)\//.test(node) && statSync(node).dev === statSync('/').dev) {
    const onPath = ['/usr/local/bin', '/usr/bin'].includes(dirname(node));
    return { binds: [], links: onPath ? {} : { '/usr/local/bin/node': node } };
  }
  return { binds: [`${node}:/opt/rovi-node/node`], links: { '/usr/local/bin/node': '/opt/rovi-node/node' } };
}

function isProgram(place: string): boolean {
  const candidates = place.startsWith('/') ? [place] : SEARCHED.map((folder) => join(folder, place));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
