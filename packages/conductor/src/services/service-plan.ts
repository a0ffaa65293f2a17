/**
 * What a command on a service comes to, from what is known now: which units are sent a stop, what systemd stops with
 * them, what is brought up and after what. Pure; the executor carries it out, an impact shows it, so that both are one.
 */
import type { RoviError, ServiceEntry } from '@rovi/contract';
import { inMaintenance } from '../maintenance-refusal.js';
import { dependenciesOf, dependentsOf, startWaves } from '@rovi/contract';
import type { ServiceIntent } from '../ports/conductor-api.js';
import { isAtRest } from '../stack-status.js';
import { requireCommandable, requireStopAndStart, startObstacle } from './external-refusals.js';
import { conflicting, outOfBounds } from './service-refusals.js';
import type { InstanceFacts, ServiceObserver } from './service-observer.js';
import type { MaintenanceView } from './service-parts.js';

export interface PlanSources {
  readonly observer: ServiceObserver;
  readonly maintenance: MaintenanceView;
}

export interface ServicePlan {
  /** Instances of the service itself that end, a rolling restart one after the other; a scaling down the first ones first. */
  readonly stops: readonly InstanceFacts[];
  /** All that ends then and is not at rest: those, and after them what requires them. */
  readonly ends: readonly InstanceFacts[];
  /** What is brought up: ids by service, each after all that it needs. What is up already is only waited for. */
  readonly starts: ReadonlyMap<string, readonly number[]>;
  /** Of those, what the command is about; the others are there for them. */
  readonly goals: ReadonlySet<string>;
  /** Services that the command may change. */
  readonly touches: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** True if systemd calls the instance active, as far as is known. */
export function isUpNow({ fresh, knowledge }: InstanceFacts): boolean {
  return fresh && ['active', 'reloading', 'refreshing'].includes(knowledge?.reading.activeState ?? '');
}

/** True if something of the instance is left, or may be. */
export function isRestless({ fresh, knowledge }: InstanceFacts): boolean {
  return knowledge === null || !fresh || !isAtRest(knowledge);
}

/** The instances that a start brings up, and that what requires the service needs. */
export function startedIds({ instances }: Pick<ServiceEntry, 'instances'>): number[] {
  return Array.from({ length: instances.min }, (_, index) => index + 1);
}

/**
 * Throws `service-unknown`, `scale-refused`, `in-maintenance`, `service-conflict`; of external units `command-not-allowed`,
 * `unit-missing` and `unit-masked`.
 */
export function planOf(intent: ServiceIntent, sources: PlanSources): ServicePlan {
  const { observer } = sources;
  const { service } = intent;
  const entry = observer.entry(service);
  requireCommandable(intent, observer);
  const restless = observer.instances(service).filter(isRestless);
  const ids = restless.map(({ id }) => id);
  switch (intent.kind) {
    case 'start':
      return finished(sources, { stops: [], goals: new Map([[service, startedIds(entry)]]) });
    case 'stop':
      return finished(sources, { stops: restless, goals: new Map(), all: service });
    case 'restart':
    case 'rolling-restart': {
      if (ids.length === 0 && intent.kind === 'rolling-restart') {
        return finished(sources, { stops: [], goals: new Map() });
      }
      const own: [string, number[]] = [service, ids.length > 0 ? ids : startedIds(entry)];
      const again = intent.cascade === true ? runningDependents(observer, service) : [];
      const plan = finished(sources, { stops: restless, goals: new Map([own, ...again]) });
      const others = new Set(plan.ends.map((one) => one.service).filter((name) => name !== service));
      requireStopAndStart(service, [...others], observer);
      return plan;
    }
    case 'scale':
      return scaled(intent, restless, sources);
  }
}

function scaled(
  intent: ServiceIntent,
  restless: readonly InstanceFacts[],
  sources: PlanSources,
): ServicePlan {
  const { service, instances = 0 } = intent;
  const { observer } = sources;
  const entry = observer.entry(service);
  if (instances < entry.instances.min || instances > entry.instances.max)
    throw outOfBounds(service, entry, instances);
  const more = instances - restless.length;
  if (more < 0) {
    // What does not run serves nobody; of what runs, the oldest.
    const age = (facts: InstanceFacts): number =>
      isUpNow(facts) ? (facts.knowledge?.reading.stateChangedMonotonicUs ?? 0) : -1;
    const stops = [...restless].sort((a, b) => age(a) - age(b) || a.id - b.id).slice(0, -more);
    return finished(sources, { stops, goals: new Map() });
  }
  const free = observer.instances(service).filter((facts) => !isRestless(facts));
  const added = free.slice(0, more).map(({ id }) => id);
  return finished(sources, { stops: [], goals: new Map(added.length === 0 ? [] : [[service, added]]) });
}

/** The services that run and stop with this one, with their instances that run. */
function runningDependents(observer: ServiceObserver, service: string): [string, number[]][] {
  return [...dependentsOf(observer.services, service)]
    .map((name): [string, number[]] => [
      name,
      observer
        .instances(name)
        .filter(isRestless)
        .map(({ id }) => id),
    ])
    .filter(([, ids]) => ids.length > 0);
}

function finished(
  sources: PlanSources,
  {
    stops,
    goals,
    all = null,
  }: {
    readonly stops: readonly InstanceFacts[];
    readonly goals: ReadonlyMap<string, readonly number[]>;
    /** The service that is stopped as a whole, whatever of it runs. */
    readonly all?: string | null;
  },
): ServicePlan {
  const { observer } = sources;
  const [first] = stops;
  const stopped = first?.service ?? all;
  // What requires a service needs the instances that a start brings up, and no others.
  const needed = stops.some(({ id, service }) => id <= observer.entry(service).instances.min);
  const dependents =
    stopped !== null && (needed || all !== null)
      ? dependentsOf(observer.services, stopped)
      : new Set<string>();
  const ends = [...inOrder(observer, dependents)]
    .reverse()
    .flatMap((name) => observer.instances(name).filter(isRestless))
    .concat(stops);
  const { names, warnings } = neededFor(goals, ends, sources);
  const starts = new Map(
    inOrder(observer, names).map((name) => [name, goals.get(name) ?? startedIds(observer.entry(name))]),
  );
  const changed = [...starts].filter(
    ([name, ids]) => !ids.every((id) => staysUp(observer.instance(name, id), ends)),
  );
  refuseConflicts(
    changed.map(([name]) => name),
    ends,
    observer,
  );
  return {
    stops,
    ends,
    starts,
    goals: new Set(goals.keys()),
    touches: new Set([
      ...(stopped === null ? [] : [stopped]),
      ...ends.map(({ service }) => service),
      ...goals.keys(),
      ...changed.map(([name]) => name),
    ]),
    warnings,
  };
}

/** These in an order in which none comes before what it needs. */
function inOrder({ services }: ServiceObserver, names: Iterable<string>): string[] {
  return startWaves(services, names, (name) => services[name]?.priority ?? 0).flat();
}

function staysUp(facts: InstanceFacts, ends: readonly InstanceFacts[]): boolean {
  return isUpNow(facts) && !ends.includes(facts);
}

/** Why a service may not be brought up. */
interface Obstacle {
  /** What follows its name. */
  readonly text: string;
  readonly refusal: (goal: string) => RoviError;
}

/** The goals and all that they need. Optional services that may not be started are left out, with a warning. */
function neededFor(
  goals: ReadonlyMap<string, readonly number[]>,
  ends: readonly InstanceFacts[],
  { observer, maintenance }: PlanSources,
): { names: Set<string>; warnings: string[] } {
  const names = new Set<string>();
  const warnings: string[] = [];
  const blocking = (name: string): Obstacle | null => {
    const ids = goals.get(name) ?? startedIds(observer.entry(name));
    if (ids.every((id) => staysUp(observer.instance(name, id), ends))) return null;
    const book = maintenance.of(name);
    if (book === null) return goals.has(name) ? null : startObstacle(name, observer);
    return { text: 'is in maintenance', refusal: (goal) => inMaintenance(name, book, goal) };
  };
  for (const goal of goals.keys()) {
    for (const name of [goal, ...dependenciesOf(observer.services, goal, 'requires')]) {
      const obstacle = blocking(name);
      if (obstacle !== null) throw obstacle.refusal(goal);
    }
  }
  // Once for each: hundreds may want the same.
  const obstacles = new Map<string, string | null>();
  const obstacleOf = (wanted: string): string | null => {
    const known = obstacles.get(wanted);
    if (known !== undefined) return known;
    const hard = [wanted, ...dependenciesOf(observer.services, wanted, 'requires')];
    const [text = null] = hard.flatMap((one) => {
      const obstacle = blocking(one);
      return obstacle === null ? [] : [`${one} ${obstacle.text}`];
    });
    obstacles.set(wanted, text);
    return text;
  };
  const open = [...goals.keys()];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    const { requires, wants } = observer.entry(name);
    open.push(...requires);
    for (const wanted of wants) {
      const blocked = obstacleOf(wanted);
      if (blocked === null) open.push(wanted);
      else warnings.push(`${wanted}, which ${name} wants, is not started: ${blocked}`);
    }
  }
  return { names, warnings };
}

/** systemd would end what conflicts: nobody asked for that. */
function refuseConflicts(
  names: readonly string[],
  ends: readonly InstanceFacts[],
  observer: ServiceObserver,
): void {
  const ended = new Set(ends);
  const runs = (name: string): boolean =>
    observer.instances(name).some((facts) => isRestless(facts) && !ended.has(facts));
  for (const name of names) {
    for (const [other, { conflicts }] of Object.entries(observer.services)) {
      const against = conflicts.includes(name) || observer.entry(name).conflicts.includes(other);
      if (against && (runs(other) || names.includes(other))) throw conflicting(name, other);
    }
  }
}
