import { LOCAL_HOST, RoviError } from '@rovi/contract';
import { UsageError } from '../verb.js';
import { labelsOf, unknownHost, type Host } from './inventory.js';
import { ALL_HOSTS, LABEL_SIGN } from './means-several.js';

/** One robot that is meant. */
export interface Target {
  readonly name: string;
  /** Null of this machine. */
  readonly host: Host | null;
}

/**
 * The robots that are meant by a name, `@label`, `all`, or a list of these with commas: each once, in the order that is
 * written, those of a label or of `all` by name. Throws a UsageError for an empty name, and `host-unknown` where any part
 * matches nothing: then nothing is to be done anywhere.
 */
export function resolveTargets(expression: string, hosts: readonly Host[]): readonly Target[] {
  const found = new Map<string, Target>();
  for (const part of expression.split(',')) {
    for (const target of meantBy(part, hosts)) if (!found.has(target.name)) found.set(target.name, target);
  }
  return [...found.values()];
}

function meantBy(part: string, hosts: readonly Host[]): readonly Target[] {
  if (part === '') {
    throw new UsageError('a host without a name: write `yard,hall`, without spaces; nothing was done');
  }
  if (part === LOCAL_HOST) return [{ name: LOCAL_HOST, host: null }];
  if (part === ALL_HOSTS) {
    if (hosts.length > 0) return named(hosts);
    throw new RoviError('host-unknown', 'there is no robot in the inventory; nothing was done', {
      mend: '`rovictl host add NAME ADDRESS` adds one.',
    });
  }
  if (part.startsWith(LABEL_SIGN)) return labelled(part.slice(LABEL_SIGN.length), hosts);
  const host = hosts.find(({ name }) => name === part);
  if (host === undefined) throw unknownHost(part, hosts);
  return named([host]);
}

function labelled(label: string, hosts: readonly Host[]): readonly Target[] {
  const wearers = hosts.filter(({ entry }) => entry.labels.includes(label));
  if (wearers.length > 0) return named(wearers);
  const labels = labelsOf(hosts).map((one) => `${LABEL_SIGN}${one}`);
  throw new RoviError('host-unknown', `no host has the label "${label}"; nothing was done`, {
    mend:
      labels.length === 0
        ? 'No host has a label: `rovictl host add NAME ADDRESS --label LABEL`, or edit the inventory.'
        : `The labels are: ${labels.join(', ')}.`,
  });
}

/** What may stand for a host: the names, the labels with their sign, and `all`. */
export function targetWords(hosts: readonly Host[]): string[] {
  return [
    LOCAL_HOST,
    ...hosts.map(({ name }) => name),
    ...labelsOf(hosts).map((label) => `${LABEL_SIGN}${label}`),
    ...(hosts.length === 0 ? [] : [ALL_HOSTS]),
  ];
}

function named(hosts: readonly Host[]): readonly Target[] {
  return [...hosts]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((host) => ({ name: host.name, host }));
}

/** Two names that lead to one address, whoever logs in there; null where there are none. */
export function sameAddress(targets: readonly Target[]): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const { name, host } of targets) {
    if (host === null) continue;
    const key = addressKey(host);
    const other = seen.get(key);
    if (other !== undefined) return [other, name];
    seen.set(key, name);
  }
  return null;
}

function addressKey({ address, entry }: Host): string {
  switch (address.kind) {
    case 'unix':
      return `unix ${address.path}`;
    case 'http':
      return `http ${address.host.toLowerCase()} ${String(address.port)}`;
    case 'ssh':
      return `ssh ${address.host.toLowerCase()} ${String(address.port ?? 22)} ${entry.socket ?? ''}`;
  }
}
