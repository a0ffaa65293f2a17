import { Command } from 'commander';
import type { RoviClient } from '@rovi/client';
import { allServices, LOCAL_HOST, PATHS, unitBaseName } from '@rovi/contract';
import type { KnownNames } from '../completion/candidates.js';
import type { VerbContext } from '../verb.js';

/** Milliseconds a person waits after the tab key without wondering. */
const PATIENCE_MS = 1_000;

/** The same for a host that is far. */
const REMOTE_PATIENCE_MS = 3_000;

const none: KnownNames = {
  stacks: [],
  services: [],
  tickets: [],
  ticketCommands: [],
  hosts: [],
  groups: [],
  robots: [],
  runs: [],
};

/** `rovictl __complete -- WORDS`: what the shells' scripts ask. Never fails: no candidates is an answer. */
export function completeVerb(context: VerbContext): Command {
  return new Command('__complete')
    .argument('[words...]', 'the words after `rovictl`, the last of them unfinished')
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const { completionFor } = await import('../completion/candidates.js');
      const program = command.parent ?? command;
      const { candidates, files } = await completionFor(program, words, (who) =>
        who === 'inventory' ? hostNames() : knownNames(context, words),
      );
      const lines = candidates.map(({ value, description }) => `${value}\t${description}\n`);
      context.terminal.out([...lines, ...(files ? [':file\n'] : [])].join(''));
    });
}

/** From the gateway; where that does not answer soon, from the catalog; none where there is none either. */
async function knownNames(context: VerbContext, words: readonly string[]): Promise<KnownNames> {
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag);
    return at === -1 ? undefined : words[at + 1];
  };
  const host = hostOfService(words) ?? after('--host') ?? context.host() ?? LOCAL_HOST;
  try {
    const client = await clientFor(host, after('--socket') ?? context.socket() ?? PATHS.socket);
    const patience = { timeout: PATIENCE_MS };
    if (words.includes('ticket')) {
      const [{ tickets }, commands] = await Promise.all([
        client.tickets.list({ ...patience, limit: 50 }),
        client.tickets.commands(patience),
      ]);
      const ids = tickets.map(({ id }) => id);
      return { ...none, tickets: ids, ticketCommands: namesOf(commands, commandName) };
    }
    if (words.includes('fleet')) return await fleetNames(client);
    const { stacks, services } = await client.state(patience);
    return { ...none, stacks: namesOf(stacks), services: namesOf(services) };
  } catch {
    // The catalog of this machine says nothing of another.
    if (host !== LOCAL_HOST || words.includes('fleet')) return none;
    const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
    const path = after('--catalog') ?? context.catalog() ?? (await defaultCatalogPath('installed'));
    return loadCatalog(path).then(
      ({ catalog }) => ({
        ...none,
        stacks: Object.keys(catalog.stacks),
        services: Object.keys(allServices(catalog)),
      }),
      () => none,
    );
  }
}

/** The robots of the fleet, the units that any of them has told of, and the last runs. */
async function fleetNames(client: RoviClient): Promise<KnownNames> {
  const patience = { timeout: PATIENCE_MS };
  const [{ robots }, runs] = await Promise.all([client.fleet.status(patience), client.fleet.runs(patience)]);
  const units = (kind: 'stacks' | 'services'): string[] => [
    ...new Set(namesOf(robots.flatMap(({ report }) => report?.[kind] ?? []))),
  ];
  return {
    ...none,
    robots: namesOf(robots.map(({ robot }) => ({ name: robot }))),
    stacks: units('stacks'),
    services: units('services'),
    runs: runs.map(({ id }) => id).filter((id) => /^[A-Za-z0-9_-]{1,64}$/.test(id)),
  };
}

/** Nobody is asked for these. */
async function hostNames(): Promise<KnownNames> {
  const { readHosts } = await import('../hosts/inventory.js');
  const { targetWords } = await import('../hosts/target-expression.js');
  const words = targetWords(await readHosts().catch(() => []));
  const { meansSeveral } = await import('../hosts/means-several.js');
  return { ...none, hosts: words.filter((word) => !meansSeveral(word)), groups: words.filter(meansSeveral) };
}

/** The host of `service VERB HOST …`, whose service is being typed. */
function hostOfService(words: readonly string[]): string | null {
  const [, , host, ...rest] = words.slice(words.indexOf('service')).filter((word) => !word.startsWith('-'));
  return words.includes('service') && host !== undefined && rest.length > 0 ? host : null;
}

/** Of another host nobody is asked anything: the tab key may log in with a key, and with nothing else. */
async function clientFor(host: string, socketPath: string): Promise<RoviClient> {
  const { RoviClient } = await import('@rovi/client');
  const { readHosts } = await import('../hosts/inventory.js');
  const { resolveTargets } = await import('../hosts/target-expression.js');
  const { connectTo } = await import('../hosts/connect.js');
  // Of several the first speaks for all: what is completed is the same service on each.
  const [first] = host === LOCAL_HOST ? [] : resolveTargets(host, await readHosts());
  if (first === undefined || first.host === null) return new RoviClient({ socketPath });
  const way = connectTo(first.host, { mayAsk: false });
  way.catch(() => undefined);
  const { setTimeout: delay } = await import('node:timers/promises');
  const late = delay(REMOTE_PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error('too late for a tab key');
  });
  return new RoviClient({ transport: await Promise.race([way, late]) });
}

/** What is no name must not come to stand on somebody's command line. */
function namesOf(
  named: readonly { readonly name: string }[],
  isName = (name: string): boolean => unitBaseName.safeParse(name).success,
): string[] {
  return named.map(({ name }) => name).filter(isName);
}

function commandName(name: string): boolean {
  return /^[a-z][a-z.-]{0,59}$/.test(name);
}
