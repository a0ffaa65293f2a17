import type { Catalog, Incident, Reload } from '@rovi/contract';
import type { CatalogSource } from './ports/catalog-source.js';

/** What comes of reading the catalog again. */
export interface ReloadPlan {
  /** What is in force from now on: of each stack and service the new entry where root is not needed for it, else the old. */
  readonly catalog: Catalog;
  /** One sentence each. */
  readonly applied: readonly string[];
  readonly needsInstall: readonly string[];
  readonly needsRestart: readonly string[];
}

type Kind = 'stacks' | 'services' | 'external';
const one: Readonly<Record<Kind, string>> = {
  stacks: 'stack',
  services: 'service',
  external: 'external unit',
};

/** What the running gateway took at its start, by key of the catalog. */
const taken = ['robot', 'lock_wait', 'http', 'ros', 'streams', 'mqtt', 'tickets', 'containers'] as const;
/** What is in generated files only. */
const generated = ['user', 'home', 'group', 'workspace', 'env_file', 'gateway'] as const;

/** Who needs whom, and who excludes whom: in units only, and true of a catalog as a whole. */
const edges = ['requires', 'wants', 'conflicts'] as const;

/**
 * Compares the catalog in force with the one in the file. An entry is taken over where nothing that is generated from it
 * is different; `changedFiles` says what is. Of two that are different in what they need it is not asked: one change
 * without the other may be a circle.
 */
export async function planReload(
  current: Catalog,
  next: Catalog,
  changedFiles: CatalogSource['changedFiles'],
): Promise<ReloadPlan> {
  const applied: string[] = [];
  const needsInstall: string[] = [];
  const needsRestart: string[] = [];

  async function entries<K extends Kind>(kind: K): Promise<Catalog[K]> {
    const before: Readonly<Record<string, unknown>> = current[kind];
    const after: Readonly<Record<string, unknown>> = next[kind];
    const changed = Object.keys(before).filter(
      (name) => Object.hasOwn(after, name) && !isSame(before[name], after[name]),
    );
    const files = await filesOf(
      changed.filter((name) => edgesBetween(before[name], after[name]).length === 0),
      (names) => {
        const tried = Object.fromEntries(names.map((name) => [name, after[name]]));
        return changedFiles(current, { ...current, [kind]: { ...before, ...tried } });
      },
    );
    const kept: Record<string, unknown> = { ...before };
    for (const name of Object.keys(before)) {
      if (!Object.hasOwn(after, name)) {
        const left =
          kind === 'external' ? 'polkit still lets operators command it' : 'its unit is still installed';
        needsInstall.push(`${one[kind]} ${name} is gone from the catalog; ${left}`);
        continue;
      }
      const wanted = after[name];
      if (isSame(before[name], wanted)) continue;
      const different = files.get(name) ?? edgesBetween(before[name], wanted).map((edge) => `its ${edge}`);
      if (different.length > 0) {
        needsInstall.push(`${one[kind]} ${name} is different in ${different.join(', ')}`);
        continue;
      }
      kept[name] = wanted;
      applied.push(`${one[kind]} ${name}: ${differences(before[name], wanted).join(', ')}`);
    }
    for (const name of Object.keys(after)) {
      if (!Object.hasOwn(before, name)) {
        const rule = kind === 'external' ? ': the rule of polkit does not name it yet' : '';
        needsInstall.push(`${one[kind]} ${name} is new${rule}`);
      }
    }
    return kept as Catalog[K];
  }

  const merged = {
    stacks: await entries('stacks'),
    services: await entries('services'),
    external: await entries('external'),
  };
  const operated = withOperators(current, next);
  applied.push(...operated.applied);
  for (const key of generated) {
    if (!isSame(current[key], next[key])) needsInstall.push(`\`${key}\` is different`);
  }
  for (const key of taken) {
    if (isSame(operated.catalog[key], next[key])) continue;
    const files = await changedFiles(current, { ...current, [key]: next[key] });
    if (files.length > 0) needsInstall.push(`\`${key}\` is different in ${files.join(', ')}`);
    else needsRestart.push(`\`${key}\` is different`);
  }
  return { catalog: { ...operated.catalog, ...merged }, applied, needsInstall, needsRestart };
}

/**
 * Whose commands are taken over the fleet is in force at once: a key that is withdrawn must not wait for a restart of the
 * gateway, which stops the stacks.
 */
function withOperators(current: Catalog, next: Catalog): { catalog: Catalog; applied: string[] } {
  const fleet = current.mqtt?.fleet;
  if (current.mqtt === undefined || fleet === undefined) return { catalog: current, applied: [] };
  const operators = next.mqtt?.fleet?.operators ?? [];
  if (isSame(fleet.operators, operators)) return { catalog: current, applied: [] };
  const names = operators.map(({ name }) => name);
  return {
    catalog: { ...current, mqtt: { ...current.mqtt, fleet: { ...fleet, operators } } },
    applied: [`operators of the fleet: ${names.length === 0 ? 'nobody' : names.join(', ')}`],
  };
}

/**
 * The files that are different for each of these alone; none for those that change no file. Halved until it is known
 * which, as every question generates the whole catalog: hundreds of changed checks are one question.
 */
async function filesOf(
  names: readonly string[],
  ask: (names: readonly string[]) => Promise<readonly string[]>,
): Promise<Map<string, readonly string[]>> {
  if (names.length === 0) return new Map();
  const files = await ask(names);
  const [name = ''] = names;
  if (files.length === 0) return new Map();
  if (names.length === 1) return new Map([[name, files]]);
  const half = Math.ceil(names.length / 2);
  return new Map([...(await filesOf(names.slice(0, half), ask)), ...(await filesOf(names.slice(half), ask))]);
}

/** The kinds of edges of a service that are not as before; a stack has none. */
function edgesBetween(before: unknown, after: unknown): string[] {
  return differences(before, after).filter((key) => edges.some((edge) => edge === key));
}

/** The plan as those who asked are told of it. */
export function reloadOf({ applied, needsInstall, needsRestart }: ReloadPlan): Reload {
  const parts = [
    applied.length === 0 ? '' : `${counted(applied.length)} in force now`,
    needsInstall.length === 0
      ? ''
      : `${counted(needsInstall.length)} ${needsInstall.length === 1 ? 'needs' : 'need'} install.sh`,
    needsRestart.length === 0
      ? ''
      : `${counted(needsRestart.length)} ${needsRestart.length === 1 ? 'needs' : 'need'} a restart of the gateway`,
  ].filter((part) => part !== '');
  return {
    applied: [...applied],
    needs_install: [...needsInstall],
    needs_restart: [...needsRestart],
    message: parts.length === 0 ? 'the catalog file says what is in force already' : parts.join(', '),
  };
}

/** What every face is told of a reload. */
export function reloadIncident({ message, applied, needs_install, needs_restart }: Reload): Incident {
  return {
    type: 'catalog_reloaded',
    service: null,
    instance: null,
    text: `catalog reloaded: ${message}`,
    data: { applied, needs_install, needs_restart },
  };
}

function counted(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`;
}

/** Catalogs are parsed, never built by hand: what is the same has its keys in the same order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The keys of an entry that are different. */
function differences(before: unknown, after: unknown): string[] {
  const a = before as Readonly<Record<string, unknown>>;
  const b = after as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => !isSame(a[key], b[key]));
}
