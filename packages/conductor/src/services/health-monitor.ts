import type { HealthHistory, InstanceHealth } from '@rovi/contract';
import { containerName, healthUnit, instancePort, RoviError, serviceUnit } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { HealthProber, ProbeTarget } from '../ports/health-prober.js';
import { InstanceWatch, isUp } from './instance-watch.js';
import { LookBudget } from './look-budget.js';
import type { InstanceChange, InstanceFacts, Services } from './service-observer.js';
import type { HealthView } from './service-parts.js';

export interface HealthMonitorOptions {
  readonly services: Services;
  readonly prober: HealthProber;
  readonly clock: Clock;
  /** Whether a stack runs whole; null where that is not known, or there is none of that name. */
  readonly stackReady: (name: string) => boolean | null;
}

/** Called after the health of an instance has changed. */
export type HealthListener = (
  service: string,
  id: number,
  before: InstanceHealth,
  now: InstanceHealth,
) => void;

interface Waiter {
  readonly done: () => void;
  readonly fail: (why: string) => void;
}

/**
 * Looks after the health of all instances that run, by the checks of the catalog. It asks nothing of systemd: what runs is
 * told to it.
 */
export class HealthMonitor implements HealthView {
  readonly #options: HealthMonitorOptions;
  readonly #budget: LookBudget;
  #services: Services = {};
  #watches = new Map<string, InstanceWatch>();
  readonly #facts = new Map<string, InstanceFacts>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #listeners = new Set<HealthListener>();
  #stopped = false;

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
    this.#budget = new LookBudget(options.clock);
    this.declare(options.services);
  }

  /** The catalog's services from now on. Checks that are the same go on; others begin anew. */
  declare(services: Services): void {
    this.#services = services;
    const before = this.#watches;
    this.#watches = new Map();
    const begin: (() => void)[] = [];
    for (const [service, entry] of Object.entries(services)) {
      for (let id = 1; id <= entry.instances.max; id += 1) {
        const unit = serviceUnit(service, entry, id);
        const old = before.get(unit);
        if (old !== undefined && looksOf(old.entry) === looksOf(entry)) {
          before.delete(unit);
          this.#watches.set(unit, old);
          continue;
        }
        const watch = new InstanceWatch({
          service,
          id,
          entry,
          clock: this.#options.clock,
          budget: this.#budget,
          prober: this.#options.prober,
          target: () => this.#target(service, id, unit),
          tell: (was, now) => this.#tell({ service, id, unit }, was, now),
        });
        this.#watches.set(unit, watch);
        const facts = this.#facts.get(unit);
        if (facts !== undefined) begin.push(() => watch.observe(facts, true));
      }
    }
    for (const old of before.values()) old.end();
    for (const unit of this.#facts.keys()) if (!this.#watches.has(unit)) this.#facts.delete(unit);
    for (const each of begin) each();
  }

  /** Takes in what was told of an instance. */
  instanceChanged({ before, now, ended }: InstanceChange): void {
    const watch = this.#watches.get(now.unit);
    if (watch === undefined || this.#stopped) return;
    this.#facts.set(now.unit, now);
    watch.observe(now, !before.fresh);
    const was = before.knowledge?.reading.activeState;
    const is = now.knowledge?.reading.activeState;
    // The second where it never came so far as to be active.
    const failed = is !== was && now.fresh && (is === 'failed' || is === 'inactive');
    if (ended !== null || failed) this.#failWaiters(now.unit, 'it ended before it was ready');
  }

  health(service: string, id: number): InstanceHealth {
    return this.#watch(service, id).health;
  }

  history(service: string): HealthHistory {
    const { instances } = this.#entry(service);
    const all = Array.from({ length: instances.max }, (_, index) => {
      const { health, history } = this.#watch(service, index + 1);
      return { id: index + 1, health, history };
    });
    const known = ({ id, health, history }: (typeof all)[number]): boolean =>
      id <= instances.min || health.status !== 'none' || history.some(({ results }) => results.length > 0);
    return { name: service, instances: all.filter(known) };
  }

  /** Whether what needs it may start: it runs, and its startup and readiness checks pass. */
  ready(service: string, id: number): boolean {
    return this.#watch(service, id).health.ready;
  }

  /** Whether any instance of the service is ready; null where that is not known, or there is no such service. */
  serviceReady(service: string): boolean | null {
    if (!Object.hasOwn(this.#services, service)) return null;
    const { instances } = this.#entry(service);
    const ids = Array.from({ length: instances.max }, (_, index) => index + 1);
    const fresh = ids.filter((id) => this.#facts.get(this.#unit(service, id))?.fresh === true);
    if (fresh.some((id) => this.ready(service, id))) return true;
    return fresh.length < ids.length ? null : false;
  }

  /**
   * Resolves when the instance is ready, also where it has yet to be seen to start. Rejects with `not-ready` when it ends
   * or its startup checks have failed, and with the signal's reason.
   */
  whenReady(service: string, id: number, signal: AbortSignal): Promise<void> {
    const unit = this.#unit(service, id);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const all = this.#waiters.get(unit) ?? new Set();
      this.#waiters.set(unit, all);
      const leave = (): void => {
        all.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => (leave(), reject(signal.reason as Error));
      const waiter: Waiter = {
        done: () => (leave(), resolve()),
        fail: (why) => {
          leave();
          const health = this.#watches.get(unit)?.health;
          reject(
            new RoviError('not-ready', `${unit} is not ready: ${why}`, {
              mend: `Look at its checks and its log: \`rovictl logs ${service}\`.`,
              context: { service, instance: id, checks: health?.checks ?? [] },
            }),
          );
        },
      };
      all.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
      this.#settle(unit);
    });
  }

  /** Calls the listener after each change of health, in order; returns how to end that. */
  subscribe(listener: HealthListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at nothing any more, and tells of nothing. */
  stop(): void {
    this.#stopped = true;
    this.#listeners.clear();
    for (const [unit, watch] of this.#watches) {
      watch.end();
      this.#failWaiters(unit, 'the gateway stops');
    }
  }

  #tell(
    { service, id, unit }: { readonly service: string; readonly id: number; readonly unit: string },
    before: InstanceHealth,
    now: InstanceHealth,
  ): void {
    this.#settle(unit);
    for (const listener of [...this.#listeners]) listener(service, id, before, now);
  }

  /** Tells those who wait for the instance what has become of it. */
  #settle(unit: string): void {
    const watch = this.#watches.get(unit);
    const waiters = this.#waiters.get(unit);
    if (watch === undefined || waiters === undefined || waiters.size === 0) return;
    const { ready, text } = watch.health;
    if (ready) for (const waiter of [...waiters]) waiter.done();
    else if (watch.startupFailed) this.#failWaiters(unit, text);
  }

  #failWaiters(unit: string, why: string): void {
    for (const waiter of [...(this.#waiters.get(unit) ?? [])]) waiter.fail(why);
  }

  #target(service: string, id: number, unit: string): ProbeTarget {
    const entry = this.#entry(service);
    const facts = this.#facts.get(unit);
    const known = facts?.fresh === true ? facts.knowledge : null;
    return {
      service,
      instance: id,
      unit,
      active: known === null ? null : isUp(known.reading.activeState),
      processes: known?.processes ?? null,
      ports: Object.fromEntries(
        entry.ports.flatMap((port) => (port.name === undefined ? [] : [[port.name, instancePort(port, id)]])),
      ),
      container:
        entry.container === undefined
          ? null
          : { name: containerName(service, entry, id), healthUnit: healthUnit(service, entry, id) },
      isReady: (name) =>
        Object.hasOwn(this.#services, name) ? this.serviceReady(name) : this.#options.stackReady(name),
    };
  }

  #unit(service: string, id: number): string {
    return serviceUnit(service, this.#entry(service), id);
  }

  #entry(service: string): Services[string] {
    const entry = Object.hasOwn(this.#services, service) ? this.#services[service] : undefined;
    if (entry === undefined) throw new RoviError('service-unknown', `there is no service "${service}"`);
    return entry;
  }

  #watch(service: string, id: number): InstanceWatch {
    const watch = this.#watches.get(this.#unit(service, id));
    if (watch === undefined) throw new RoviError('internal', `${service} has no instance ${id}`);
    return watch;
  }
}

/** What of an entry its checks depend on. */
function looksOf({ health, ports, container }: Services[string]): string {
  return JSON.stringify([health, ports, container]);
}
