import process from 'node:process';
import { LOCAL_HOST } from '@rovi/contract';
import type { RoviClient } from '@rovi/client';
import type { Host } from './hosts/inventory.js';
import type { Terminal } from './terminal.js';
import { ThisMachine } from './this-machine.js';
import { actorName, UsageError, type VerbContext } from './verb.js';
import { meansSeveral } from './hosts/means-several.js';

interface Given {
  readonly terminal: Terminal;
  readonly version: string;
  /** The options of the program itself, once they are parsed. */
  readonly flags: () => { readonly host?: string; readonly socket?: string; readonly catalog?: string };
  /** The host of the verb's own words. */
  readonly named?: string;
}

/** What verbs are given. Whether another host is meant depends on its name alone, never on what the inventory holds. */
export function verbContext(given: Given): VerbContext {
  const { terminal, version, flags, named } = given;
  const host = (): string | null => {
    const name = named ?? flags().host ?? process.env['ROVI_HOST'] ?? '';
    return name === '' || name === LOCAL_HOST ? null : name;
  };
  const socket = (): string | undefined =>
    flags().socket ?? ((process.env['ROVI_SOCKET'] ?? '') || undefined);
  let target: Promise<Host | null> | null = null;
  let client: Promise<RoviClient> | null = null;
  const context: VerbContext = {
    terminal,
    version,
    host,
    several: () => {
      const name = host();
      return name !== null && meansSeveral(name) ? name : null;
    },
    socket,
    catalog: () => flags().catalog,
    fileFlag: () => {
      const { socket: path, catalog } = flags();
      return path !== undefined ? 'socket' : catalog !== undefined ? 'catalog' : null;
    },
    thisMachine: () => (host() === null ? new ThisMachine(flags().catalog) : null),
    target: () => {
      target ??= targetOf(host());
      return target;
    },
    on: (name) => {
      if (name === '') throw new UsageError('the host has no name; nothing was done');
      const said = flags().host;
      if (said !== undefined && said !== name) {
        throw new UsageError(`two hosts are named: ${said} with --host, and ${name}; nothing was done`);
      }
      return verbContext({ ...given, named: name });
    },
    client: () => {
      client ??= connect(context);
      return client;
    },
  };
  return context;
}

async function targetOf(name: string | null): Promise<Host | null> {
  if (name === null) return null;
  if (meansSeveral(name)) throw oneHostOnly('this', name);
  const { findHost } = await import('./hosts/inventory.js');
  return findHost(name);
}

async function connect(context: VerbContext): Promise<RoviClient> {
  const { RoviClient } = await import('@rovi/client');
  const about = { actor: actorName(), face: 'cli' as const };
  const name = context.host();
  if (name === null) {
    const path = context.socket();
    return new RoviClient({ ...about, ...(path === undefined ? {} : { socketPath: path }) });
  }
  const flag = context.fileFlag();
  if (flag !== null) {
    throw new UsageError(`--${flag} names a file of this machine, and the host is ${name}; nothing was done`);
  }
  const target = await context.target();
  if (target === null) throw new Error('a named host is never this machine');
  const { terminal } = context;
  const { bold, yellow } = terminal.errColour;
  terminal.err(`${yellow('▶')} on host ${bold(target.name)} (${target.entry.address})\n`);
  const { connectTo } = await import('./hosts/connect.js');
  return new RoviClient({ ...about, transport: await connectTo(target) });
}

/** What a verb says that works on one host, where the words can mean several. */
export function oneHostOnly(verb: string, expression: string): UsageError {
  const what = verb === 'this' ? 'this' : `\`rovictl ${verb}\``;
  return new UsageError(`${what} works on one host, and "${expression}" can be several; nothing was done`);
}
