import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';
import { PATHS, parseHostAddress, RoviError, type HostAddress, type HostEntry } from '@rovi/contract';
import { readInventoryFile } from './inventory-file.js';

/** A host that commands may be sent to. */
export interface Host {
  readonly name: string;
  readonly address: HostAddress;
  readonly entry: HostEntry;
  /** The file that declares it. */
  readonly file: string;
}

/** The inventory of whoever runs this program. */
export function userInventoryPath(): string {
  const base = process.env['XDG_CONFIG_HOME'] ?? '';
  // The specification has relative paths ignored.
  return join(isAbsolute(base) ? base : join(homedir(), '.config'), 'rovi', 'hosts.yaml');
}

/** The declared hosts by name; where both files have one of a name, the user's wins. Rejects with `hosts-invalid`. */
export async function readHosts(): Promise<readonly Host[]> {
  const found = new Map<string, Host>();
  for (const path of [PATHS.hosts, userInventoryPath()]) {
    const file = await readInventoryFile(path);
    for (const [name, entry] of Object.entries(file?.content.hosts ?? {})) {
      const address = parseHostAddress(entry.address);
      if (typeof address !== 'string') found.set(name, { name, address, entry, file: path });
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The host of this name. Rejects with `host-unknown`: nothing is ever sent anywhere else instead. */
export async function findHost(name: string): Promise<Host> {
  const hosts = await readHosts();
  const host = hosts.find((one) => one.name === name);
  if (host !== undefined) return host;
  throw unknownHost(name, hosts);
}

/** The labels there are, by name. */
export function labelsOf(hosts: readonly Host[]): string[] {
  return [...new Set(hosts.flatMap(({ entry }) => entry.labels))].sort();
}

/** `host-unknown`, with the names and labels there are. */
export function unknownHost(name: string, hosts: readonly Host[]): RoviError {
  const names = ['local', ...hosts.map((one) => one.name)].join(', ');
  const labels = labelsOf(hosts).map((label) => `@${label}`);
  const marked = labels.length === 0 ? '' : ` The labels: ${labels.join(', ')}.`;
  return new RoviError('host-unknown', `there is no host "${name}" in the inventory; nothing was done`, {
    mend: `The hosts are: ${names}.${marked} \`rovictl host add NAME ADDRESS\` adds one.`,
  });
}

/** A path of the inventory: `~/` is the home of whoever runs this program. */
export function homePath(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
