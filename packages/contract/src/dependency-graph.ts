/** What the catalog says of one service's dependencies. */
export interface Dependencies {
  readonly requires: readonly string[];
  readonly wants: readonly string[];
  readonly conflicts?: readonly string[];
}

type Services = Readonly<Record<string, Dependencies>>;

/** Which edges are followed: those that must hold, or also the optional ones. */
export type Follow = 'requires' | 'all';

function edgesOf(services: Services, name: string, follow: Follow): readonly string[] {
  const entry = Object.hasOwn(services, name) ? services[name] : undefined;
  if (entry === undefined) return [];
  return follow === 'requires' ? entry.requires : [...entry.requires, ...entry.wants];
}

/** All that `name` needs, directly and indirectly, without itself. */
export function dependenciesOf(services: Services, name: string, follow: Follow = 'all'): Set<string> {
  return reached(name, (each) => edgesOf(services, each, follow));
}

/** All that need `name`, directly and indirectly, without itself: what stops when it stops (`requires` alone). */
export function dependentsOf(services: Services, name: string, follow: Follow = 'requires'): Set<string> {
  const reverse = new Map<string, string[]>();
  for (const each of Object.keys(services)) {
    for (const needed of edgesOf(services, each, follow)) {
      const others = reverse.get(needed);
      if (others === undefined) reverse.set(needed, [each]);
      else others.push(each);
    }
  }
  return reached(name, (each) => reverse.get(each) ?? []);
}

function reached(from: string, next: (name: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...next(from)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === from || found.has(name)) continue;
    found.add(name);
    open.push(...next(name));
  }
  return found;
}

/** A circle of `requires` and `wants`, as `a → b → a` without its repetition (`[a, b]`); null where there is none. */
export function cycleIn(services: Services): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const visit = (name: string): string[] | null => {
    if (onPath.has(name)) return path.slice(path.indexOf(name));
    if (done.has(name)) return null;
    path.push(name);
    onPath.add(name);
    for (const next of edgesOf(services, name, 'all')) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    onPath.delete(name);
    done.add(name);
    return null;
  };
  for (const name of Object.keys(services)) {
    const cycle = visit(name);
    if (cycle !== null) return cycle;
  }
  return null;
}

/**
 * The order in which these are started: waves, each of names that do not need one another, after all that they need of
 * `names` is in an earlier one. Inside a wave by `rank`, smaller first, then by name. Throws where there is a circle.
 */
export function startWaves(
  services: Services,
  names: Iterable<string>,
  rank: (name: string) => number = () => 0,
): string[][] {
  const started = new Set(names);
  const depths = new Map<string, number>();
  const path = new Set<string>();
  /** How many waves come before it. By way of others too: what lies between two of `names` need not be among them. */
  const depth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    if (path.has(name)) throw new Error(`a circle of dependencies among ${[...started].join(', ')}`);
    path.add(name);
    let before = 0;
    for (const needed of edgesOf(services, name, 'all')) {
      before = Math.max(before, depth(needed) + (started.has(needed) ? 1 : 0));
    }
    depths.set(name, before);
    return before;
  };
  const waves: string[][] = [];
  for (const name of started) (waves[depth(name)] ??= []).push(name);
  for (const wave of waves) wave.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return waves;
}
