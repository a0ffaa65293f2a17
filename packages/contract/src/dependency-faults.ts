import { cycleIn, dependenciesOf } from './dependency-graph.js';
import type { Dependencies } from './dependency-graph.js';

/** What the catalog says of a service that decides whether its dependencies can hold. */
export interface DeclaredDependencies extends Dependencies {
  readonly autostart?: boolean;
}

type Services = Readonly<Record<string, DeclaredDependencies>>;
type Fault = [path: (string | number)[], expected: string];

/**
 * What is wrong with the dependencies: path below `services`, and what was expected. Names first; then a circle; then
 * services that exclude one another and would have to run together, where none of the former is wrong.
 */
export function dependencyFaults(services: Services): Fault[] {
  const names = nameFaults(services);
  if (names.length > 0) return names;
  const cycle = cycleIn(services);
  const [first, second = first] = cycle ?? [];
  if (cycle !== null && first !== undefined && second !== undefined) {
    return [
      [
        edgePath(services, first, second),
        `expected no circle of dependencies: ${[...cycle, first].join(' → ')}`,
      ],
    ];
  }
  const together = exclusionFaults(services);
  return together.length > 0 ? together : bootFaults(services);
}

function nameFaults(services: Services): Fault[] {
  const faults: Fault[] = [];
  for (const [name, entry] of Object.entries(services)) {
    const seen = new Map<string, string>();
    for (const kind of ['requires', 'wants', 'conflicts'] as const) {
      for (const [index, other] of (entry[kind] ?? []).entries()) {
        const path = [name, kind, index];
        const before = seen.get(other);
        if (other === name) faults.push([path, 'expected another service than itself']);
        else if (!Object.hasOwn(services, other))
          faults.push([path, `expected a service of this catalog, got "${other}"`]);
        else if (before !== undefined)
          faults.push([path, `expected "${other}" once: it is in ${before} already`]);
        seen.set(other, kind);
      }
    }
  }
  return faults;
}

/** Where `name` says that it needs `needed`. */
function edgePath(services: Services, name: string, needed: string): (string | number)[] {
  const kind = services[name]?.requires.includes(needed) === true ? 'requires' : 'wants';
  return [name, kind, Math.max(0, services[name]?.[kind].indexOf(needed) ?? 0)];
}

/** Services that could never be started: among themselves and what they need, one excludes another. */
function exclusionFaults(services: Services): Fault[] {
  const faults: Fault[] = [];
  const blamed = new Set<string>();
  // Those that need little first: what needs a service that is blamed would only say the same again.
  const closures = Object.keys(services)
    .map((name) => ({ name, needed: dependenciesOf(services, name) }))
    .sort((one, other) => one.needed.size - other.needed.size);
  for (const { name, needed } of closures) {
    const pair = excludingPair(services, new Set([name, ...needed]));
    if (pair === null) continue;
    const repeated = [...needed].some((each) => blamed.has(each));
    blamed.add(name);
    if (repeated) continue;
    const { from, to, index } = pair;
    if (from === name) faults.push([[name, 'conflicts', index], `expected none that it needs: "${to}"`]);
    else if (to === name) faults.push([[from, 'conflicts', index], `expected none that needs it: "${to}"`]);
    else {
      const edge = [...(services[name]?.requires ?? []), ...(services[name]?.wants ?? [])].find(
        (each) => each === from || dependenciesOf(services, each).has(from),
      );
      faults.push([
        edgePath(services, name, edge ?? from),
        `expected that all it needs can run together: "${from}" conflicts with "${to}"`,
      ]);
    }
  }
  return faults;
}

/** Services that boot would start beside one another although they exclude one another. */
function bootFaults(services: Services): Fault[] {
  const started = new Map<string, string>();
  for (const [name, { autostart }] of Object.entries(services)) {
    if (autostart !== true) continue;
    for (const each of [name, ...dependenciesOf(services, name)]) {
      if (!started.has(each)) started.set(each, name);
    }
  }
  const pair = excludingPair(services, new Set(started.keys()));
  if (pair === null) return [];
  const { from, to, index } = pair;
  const by = (name: string) => {
    const root = started.get(name) ?? name;
    return root === name ? `"${name}" has autostart` : `"${root}" has autostart and needs "${name}"`;
  };
  return [
    [[from, 'conflicts', index], `expected none that is started at boot beside it: ${by(from)}, ${by(to)}`],
  ];
}

/** The first of these that conflicts with another of these, and where it says so. */
function excludingPair(
  services: Services,
  among: ReadonlySet<string>,
): { readonly from: string; readonly to: string; readonly index: number } | null {
  for (const from of among) {
    for (const [index, to] of (services[from]?.conflicts ?? []).entries()) {
      if (among.has(to)) return { from, to, index };
    }
  }
  return null;
}
