import type { BusStatus, ExitCause, StackStatus, UnitStatus } from '@rovi/contract';
import { GATEWAY_UNIT, RoviError, stackUnit } from '@rovi/contract';
import type { Clock } from './ports/clock.js';
import type { UnitManagerEvent, UnitReading } from './ports/unit-manager.js';
import type { Policy, UnitKnowledge } from './stack-status.js';
import {
  holderOf,
  isAtRest,
  stackStatusOf,
  unaskedEndOf,
  unconnected,
  unitStatusOf,
} from './stack-status.js';
import type { MaintenanceView } from './services/service-parts.js';
import { foldReading } from './unit-knowledge.js';

export type ObserverChange =
  | { readonly kind: 'stack'; readonly stack: StackStatus }
  | { readonly kind: 'gateway'; readonly gateway: UnitStatus }
  | { readonly kind: 'bus'; readonly bus: BusStatus };

interface Entry {
  knowledge: UnitKnowledge | null;
  fresh: boolean;
  crashes: number;
  /** The last run that was seen to leave its active state for a job: somebody wanted it to end. */
  stopped: string | null;
  /** What was told last, without and with the list of processes, and when (monotonic). */
  shown: { readonly status: string; readonly processes: string; readonly at: number };
  /** True while a change of the list alone waits to be told. */
  waiting: boolean;
}

/** Milliseconds between two events that tell of nothing but other processes: a node may start helpers all the time. */
const LIST_EVERY_MS = 1_000;
const NOTHING_SHOWN = { status: '', processes: '', at: Number.NEGATIVE_INFINITY };

/**
 * The conductor's eye: folds what the UnitManager tells into one status per stack and says what changed.
 * Loss of the bus makes everything UNKNOWN at once; each unit comes back when systemd has been read again.
 */
export class Observer {
  readonly #policy: Policy;
  readonly #clock: Clock;
  readonly #maintenance: Pick<MaintenanceView, 'of'>;
  readonly #byUnit = new Map<string, string>();
  readonly #stacks = new Map<string, Entry>();
  readonly #listeners = new Set<(change: ObserverChange) => void>();
  #gateway: UnitReading | null = null;
  #bus: BusStatus;

  constructor(policy: Policy, clock: Clock, maintenance: Pick<MaintenanceView, 'of'>) {
    this.#policy = policy;
    this.#clock = clock;
    this.#maintenance = maintenance;
    this.#bus = unconnected(this.#now());
    for (const name of Object.keys(policy.stacks)) {
      this.#byUnit.set(stackUnit(name), name);
      this.#stacks.set(name, {
        knowledge: null,
        fresh: false,
        crashes: 0,
        stopped: null,
        shown: NOTHING_SHOWN,
        waiting: false,
      });
    }
  }

  /** The units to watch: the gateway and every stack. */
  get units(): string[] {
    return [GATEWAY_UNIT, ...this.#byUnit.keys()];
  }

  get bus(): BusStatus {
    return this.#bus;
  }

  get gateway(): UnitStatus | null {
    return this.#gateway === null ? null : unitStatusOf(GATEWAY_UNIT, this.#gateway);
  }

  /** True only while every stack's state is known from systemd itself. */
  get known(): boolean {
    return this.#bus.connected && [...this.#stacks.values()].every((entry) => entry.fresh);
  }

  /** The stack that holds the robot; null where none does. Only to be trusted while {@link known}. */
  get holder(): string | null {
    return holderOf(this.#knowledge());
  }

  /** Stacks of which something is left, or of which nothing is known. */
  get restless(): string[] {
    return [...this.#stacks]
      .filter(([, entry]) => entry.knowledge === null || !isAtRest(entry.knowledge))
      .map(([name]) => name);
  }

  /** True if that run of the stack was seen to end because somebody stopped or restarted its unit. */
  endedOnRequest(name: string, invocation: string | null): boolean {
    return invocation !== null && this.#stacks.get(name)?.stopped === invocation;
  }

  /** Why the stack's last run ended, where it failed or nobody asked for it; null where it runs, or was stopped. */
  unaskedEnd(name: string): ExitCause | null {
    const knowledge = this.#stacks.get(name)?.knowledge ?? null;
    return knowledge === null ? null : unaskedEndOf(knowledge);
  }

  status(name: string): StackStatus {
    const entry = this.#stacks.get(name);
    const stack = this.#policy.stacks[name];
    if (entry === undefined || stack === undefined) {
      throw new RoviError('stack-unknown', `there is no stack "${name}" in the catalog`, {
        mend: `The catalog's stacks are: ${[...this.#stacks.keys()].join(', ')}.`,
      });
    }
    return stackStatusOf({
      name,
      entry: stack,
      knowledge: entry.knowledge,
      fresh: entry.fresh,
      crashes: entry.crashes,
      maintenance: this.#maintenance.of(name),
      asOf: entry.knowledge === null ? null : entry.fresh ? this.#now() : this.#bus.since,
    });
  }

  /** What is known of the unit of a stack; null where nothing is, or it is no stack's. */
  reading(unit: string): UnitReading | null {
    const name = this.#byUnit.get(unit);
    return (name === undefined ? null : this.#stacks.get(name)?.knowledge?.reading) ?? null;
  }

  statuses(): StackStatus[] {
    return [...this.#stacks.keys()].map((name) => this.status(name));
  }

  subscribe(listener: (change: ObserverChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells of the stacks that are shown differently since a maintenance began or ended. */
  maintenanceChanged(): void {
    for (const [name, entry] of this.#stacks) this.#show(name, entry);
  }

  /** Takes in one event of the UnitManager. */
  readonly observe = (event: UnitManagerEvent): void => {
    switch (event.kind) {
      case 'connected':
        this.#setBus({ connected: true, since: this.#now(), error: null });
        return;
      case 'disconnected':
        this.#lost(event.error);
        return;
      case 'unit':
        this.#unit(event.reading);
        return;
      case 'processes': {
        const name = this.#byUnit.get(event.unit);
        const entry = name === undefined ? undefined : this.#stacks.get(name);
        if (name === undefined || entry?.knowledge == null) return;
        entry.knowledge = { ...entry.knowledge, processes: event.processes };
        this.#show(name, entry);
      }
    }
  };

  /**
   * Resolves with the stack's status as soon as `predicate` holds, at once where it already does; null when
   * `deadlineMs` pass first. Rejects when the signal aborts.
   */
  async waitFor(
    name: string,
    predicate: (status: StackStatus) => boolean,
    options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<StackStatus | null> {
    options.signal?.throwIfAborted();
    const now = this.status(name);
    if (predicate(now)) return now;
    const timer = new AbortController();
    let unsubscribe = (): void => undefined;
    const changed = new Promise<StackStatus>((resolve) => {
      unsubscribe = this.subscribe((change) => {
        if (change.kind === 'gateway' || (change.kind === 'stack' && change.stack.name !== name)) return;
        const status = this.status(name);
        if (predicate(status)) resolve(status);
      });
    });
    const signal =
      options.signal === undefined ? timer.signal : AbortSignal.any([options.signal, timer.signal]);
    const expired = this.#clock.sleep(options.deadlineMs, signal).then(() => null);
    try {
      return await Promise.race([changed, expired]);
    } finally {
      unsubscribe();
      expired.catch(() => undefined);
      timer.abort();
    }
  }

  #unit(reading: UnitReading): void {
    if (reading.unit === GATEWAY_UNIT) {
      const before = JSON.stringify(this.gateway);
      this.#gateway = reading;
      const gateway = unitStatusOf(GATEWAY_UNIT, reading);
      if (JSON.stringify(gateway) !== before) this.#tell({ kind: 'gateway', gateway });
      return;
    }
    const name = this.#byUnit.get(reading.unit);
    const entry = name === undefined ? undefined : this.#stacks.get(name);
    if (name === undefined || entry === undefined) return;
    const { knowledge, ended } = foldReading(entry.knowledge, entry.fresh, reading);
    if (ended?.unbidden === true) entry.crashes += 1;
    else if (ended !== null) entry.stopped = ended.invocation;
    entry.knowledge = knowledge;
    entry.fresh = true;
    this.#show(name, entry);
  }

  #lost(error: string): void {
    for (const entry of this.#stacks.values()) entry.fresh = false;
    this.#setBus({ connected: false, since: this.#bus.connected ? this.#now() : this.#bus.since, error });
    for (const [name, entry] of this.#stacks) this.#show(name, entry);
  }

  #setBus(bus: BusStatus): void {
    const changed = bus.connected !== this.#bus.connected || bus.error !== this.#bus.error;
    this.#bus = bus;
    if (changed) this.#tell({ kind: 'bus', bus });
  }

  /** Tells of the stack if anything but the time of looking changed; of the list of processes alone once a second. */
  #show(name: string, entry: Entry): void {
    const stack = this.status(name);
    const at = this.#clock.monotonic();
    // Whether it holds the robot is told with its events: a change of that is one, also where nothing else shows it.
    const rests = entry.knowledge !== null && isAtRest(entry.knowledge);
    const shown = {
      status: JSON.stringify({ ...stack, as_of: null, processes: [], rests }),
      processes: JSON.stringify(stack.processes),
      at,
    };
    if (shown.status === entry.shown.status) {
      if (shown.processes === entry.shown.processes || entry.waiting) return;
      const left = entry.shown.at + LIST_EVERY_MS - at;
      if (left > 0) {
        entry.waiting = true;
        void this.#clock.sleep(left).then(() => {
          entry.waiting = false;
          this.#show(name, entry);
        });
        return;
      }
    }
    entry.shown = shown;
    this.#tell({ kind: 'stack', stack });
  }

  #tell(change: ObserverChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #knowledge(): Map<string, UnitKnowledge> {
    const known = new Map<string, UnitKnowledge>();
    for (const [name, { knowledge }] of this.#stacks) if (knowledge !== null) known.set(name, knowledge);
    return known;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
