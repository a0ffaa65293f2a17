/** Services of a robot in memory, for property tests, as the conductor sees them over a bus that can be late, or lost. */
import { RoviError } from '@rovi/contract';
import type {
  JobOutcome,
  ProcessReading,
  UnitManager,
  UnitManagerEvent,
  UnitReading,
} from '../ports/unit-manager.js';
import type { VirtualClock } from '../virtual-clock.js';
import { ModelUnits, type Result } from './model-units.fixture.js';
import type { Readiness } from './readiness.js';
import type { Services } from './service-observer.js';

export interface Sent {
  readonly verb: 'start' | 'stop' | 'restart';
  readonly unit: string;
  readonly at: number;
  /** Units that were up, and units that were ready, at that moment. */
  readonly up: ReadonlySet<string>;
  readonly ready: ReadonlySet<string>;
}

export class ServiceModel implements UnitManager, Readiness {
  readonly clock: VirtualClock;
  /** Every message the conductor sent, in order. */
  readonly sent: Sent[] = [];
  readonly systemd: ModelUnits;
  readonly #lagMs: number;
  #lost = false;
  #tell: (event: UnitManagerEvent) => void = () => undefined;

  constructor(clock: VirtualClock, services: Services, lagMs = 0) {
    this.clock = clock;
    this.#lagMs = lagMs;
    this.systemd = new ModelUnits(clock, services, (event) => this.#say(event));
  }

  start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void> {
    this.#tell = listener;
    listener({ kind: 'connected' });
    for (const unit of units) {
      listener({ kind: 'unit', reading: this.reading(unit) });
      listener({ kind: 'processes', unit, processes: [] });
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  resetFailed(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is told, and no message arrives, until it is found; systemd goes on. */
  loseBus(): void {
    this.#lost = true;
    this.#tell({ kind: 'disconnected', error: 'gone' });
  }

  findBus(): void {
    this.#lost = false;
    this.#tell({ kind: 'connected' });
    for (const { unit, processes } of this.systemd.all()) {
      this.#tell({ kind: 'unit', reading: this.reading(unit) });
      this.#tell({ kind: 'processes', unit, processes });
    }
  }

  reading(unit: string): UnitReading {
    return this.systemd.reading(unit);
  }

  isReady(unit: string): boolean {
    return this.systemd.isReady(unit);
  }

  async whenReady(service: string, id: number, signal: AbortSignal): Promise<void> {
    const found = this.systemd.all().find((one) => one.service === service && one.id === id);
    if (found === undefined) throw new Error(`no instance ${id} of ${service}`);
    while (!this.isReady(found.unit)) await this.clock.sleep(10, signal);
  }

  async startUnit(unit: string, { signal }: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.#requireBus();
    this.#note('start', unit);
    return this.#waitedFor(unit, this.systemd.systemctlStart(unit), signal);
  }

  async stopUnit(unit: string, { signal }: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.#requireBus();
    this.#note('stop', unit);
    return this.#waitedFor(unit, this.systemd.systemctlStop(unit), signal);
  }

  async restartUnit(unit: string, { signal }: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.#requireBus();
    this.#note('restart', unit);
    return this.#waitedFor(unit, this.systemd.systemctlRestart(unit), signal);
  }

  readUnits(units: readonly string[]): Promise<UnitReading[]> {
    return this.clock.sleep(1).then(() => {
      this.#requireBus();
      return units.map((unit) => this.reading(unit));
    });
  }

  listProcesses(unit: string): Promise<ProcessReading[]> {
    return this.clock.sleep(1).then(() => {
      this.#requireBus();
      return [...this.systemd.get(unit).processes];
    });
  }

  resources(): Promise<{ cpu_seconds: null; memory_bytes: null; source: 'none' }> {
    return Promise.resolve({ cpu_seconds: null, memory_bytes: null, source: 'none' });
  }

  #requireBus(): void {
    if (this.#lost) throw new RoviError('bus-unavailable', 'no connection to systemd: gone');
  }

  #note(verb: Sent['verb'], unit: string): void {
    const names = this.systemd.all().map((one) => one.unit);
    const ready = new Set(names.filter((name) => this.isReady(name)));
    this.sent.push({ verb, unit, at: this.clock.monotonic(), up: new Set(this.systemd.up()), ready });
  }

  #say(event: UnitManagerEvent): void {
    const tell = (): void => {
      if (!this.#lost) this.#tell(event);
    };
    if (this.#lagMs === 0) tell();
    else this.clock.at(this.#lagMs, tell);
  }

  async #waitedFor(unit: string, result: Promise<Result>, signal?: AbortSignal): Promise<JobOutcome> {
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => undefined);
    const word = await Promise.race([result, aborted]);
    return { result: word, reading: this.reading(unit) };
  }
}
