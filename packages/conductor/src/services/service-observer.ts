import type { ServiceEntry } from '@rovi/contract';
import { RoviError, serviceUnit } from '@rovi/contract';
import type { UnitManagerEvent, UnitReading } from '../ports/unit-manager.js';
import type { UnitKnowledge } from '../stack-status.js';
import { foldReading } from '../unit-knowledge.js';

/** What is known of one instance: one unit. */
export interface InstanceFacts {
  readonly service: string;
  /** 1, 2, … */
  readonly id: number;
  readonly unit: string;
  /** Null before systemd was asked. */
  readonly knowledge: UnitKnowledge | null;
  /** False where the knowledge is from before the bus was lost. */
  readonly fresh: boolean;
}

/** One instance, before and after something was told of it. */
export interface InstanceChange {
  readonly before: InstanceFacts;
  readonly now: InstanceFacts;
  /** The run that was seen to end with this; `unbidden` where nobody asked for it. Null where none ended. */
  readonly ended: { readonly invocation: string | null; readonly unbidden: boolean } | null;
}

export type Services = Readonly<Record<string, ServiceEntry>>;

/** The conductor's eye on services: folds what the UnitManager tells into what is known of each instance. */
export class ServiceObserver {
  #services: Services = {};
  #instances = new Map<string, InstanceFacts>();
  #requiredBy = new Map<string, string[]>();
  #wantedBy = new Map<string, string[]>();
  readonly #listeners = new Set<(change: InstanceChange) => void>();

  constructor(services: Services) {
    this.declare(services);
  }

  /** The catalog's services from now on. What is known of units that stay is kept. */
  declare(services: Services): void {
    const before = this.#instances;
    this.#services = services;
    this.#instances = new Map();
    this.#requiredBy = naming(services, 'requires');
    this.#wantedBy = naming(services, 'wants');
    for (const [service, entry] of Object.entries(services)) {
      for (let id = 1; id <= entry.instances.max; id += 1) {
        const unit = serviceUnit(service, entry, id);
        const known = before.get(unit);
        this.#instances.set(unit, known ?? { service, id, unit, knowledge: null, fresh: false });
      }
    }
  }

  get services(): Services {
    return this.#services;
  }

  /** Every unit that an instance may have. */
  get units(): string[] {
    return [...this.#instances.keys()];
  }

  /** The services that name this one in their `requires`, in the catalog's order. */
  requiredBy(service: string): string[] {
    return this.#requiredBy.get(service) ?? [];
  }

  /** The same of `wants`. */
  wantedBy(service: string): string[] {
    return this.#wantedBy.get(service) ?? [];
  }

  /** The catalog's entry. Throws `service-unknown`. */
  entry(service: string): ServiceEntry {
    const entry = Object.hasOwn(this.#services, service) ? this.#services[service] : undefined;
    if (entry !== undefined) return entry;
    const names = Object.keys(this.#services);
    throw new RoviError('service-unknown', `there is no service "${service}" in the catalog`, {
      mend:
        names.length === 0
          ? 'The catalog has no services.'
          : `The catalog's services are: ${names.join(', ')}.`,
    });
  }

  /** What is known of one instance. Throws `service-unknown`, or `internal` for an instance that cannot be. */
  instance(service: string, id: number): InstanceFacts {
    const facts = this.#instances.get(serviceUnit(service, this.entry(service), id));
    if (facts === undefined) throw new RoviError('internal', `${service} has no instance ${id}`);
    return facts;
  }

  /** All instances that may be, by number. Throws `service-unknown`. */
  instances(service: string): InstanceFacts[] {
    const { max } = this.entry(service).instances;
    return Array.from({ length: max }, (_, index) => this.instance(service, index + 1));
  }

  /** The instance that this unit is; null for other units. */
  byUnit(unit: string): InstanceFacts | null {
    return this.#instances.get(unit) ?? null;
  }

  /** Calls the listener after each change, in order; returns how to end that. */
  subscribe(listener: (change: InstanceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in one event of the UnitManager. */
  readonly observe = (event: UnitManagerEvent): void => {
    switch (event.kind) {
      case 'connected':
        return;
      case 'disconnected':
        for (const facts of [...this.#instances.values()]) {
          if (facts.fresh) this.#set(facts, { ...facts, fresh: false }, null);
        }
        return;
      case 'unit': {
        const before = this.#instances.get(event.reading.unit);
        if (before === undefined) return;
        const reading = this.#settled(before, event.reading);
        const { knowledge, ended } = foldReading(before.knowledge, before.fresh, reading);
        this.#set(before, { ...before, knowledge, fresh: true }, ended);
        return;
      }
      case 'processes': {
        const before = this.#instances.get(event.unit);
        if (before?.knowledge == null) return;
        // What is left of a unit that others made is left on purpose.
        const processes = this.#isAlien(before) && isDown(before.knowledge.reading) ? [] : event.processes;
        const knowledge = { ...before.knowledge, processes };
        this.#set(before, { ...before, knowledge }, null);
      }
    }
  };

  /** Whether others than Rovi made its unit. */
  #isAlien({ service }: InstanceFacts): boolean {
    return this.entry(service).external !== undefined;
  }

  /**
   * The reading, where processes that a unit of the system leaves behind do not count: its own KillMode= says that they
   * live on, and systemd calls it inactive all the same.
   */
  #settled(facts: InstanceFacts, reading: UnitReading): UnitReading {
    return this.#isAlien(facts) && isDown(reading) ? { ...reading, controlGroup: '' } : reading;
  }

  #set(before: InstanceFacts, now: InstanceFacts, ended: InstanceChange['ended']): void {
    this.#instances.set(now.unit, now);
    for (const listener of [...this.#listeners]) listener({ before, now, ended });
  }
}

function isDown({ activeState, job }: UnitReading): boolean {
  return (activeState === 'inactive' || activeState === 'failed') && job === null;
}

/** By service, who names it. Every status shows it, and statuses are made at every change. */
function naming(services: Services, edge: 'requires' | 'wants'): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [name, entry] of Object.entries(services)) {
    for (const named of new Set(entry[edge])) {
      const others = names.get(named);
      if (others === undefined) names.set(named, [name]);
      else others.push(name);
    }
  }
  return names;
}
