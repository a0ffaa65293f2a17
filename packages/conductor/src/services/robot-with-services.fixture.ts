import type { Resources } from '@rovi/contract';
import type {
  CallOptions,
  JobOutcome,
  ProcessReading,
  UnitManager,
  UnitManagerEvent,
  UnitReading,
} from '../ports/unit-manager.js';
import type { VirtualClock } from '../virtual-clock.js';
import { ServiceModel } from './service-model.fixture.js';
import type { Services } from './service-observer.js';

/** A robot in memory with stacks and services, for tests of faces over the real conductor. */
export class RobotWithServices implements UnitManager {
  readonly #stacks: UnitManager;
  readonly #services: ServiceModel;
  readonly #isService: ReadonlySet<string>;

  constructor(stacks: UnitManager, services: Services, clock: VirtualClock) {
    this.#stacks = stacks;
    this.#services = new ServiceModel(clock, services);
    this.#isService = new Set(this.#services.systemd.all().map(({ unit }) => unit));
  }

  async start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void> {
    await this.#stacks.start(
      units.filter((unit) => !this.#isService.has(unit)),
      listener,
    );
    await this.#services.start(
      units.filter((unit) => this.#isService.has(unit)),
      (event) => {
        // The connection is one, and the other's word.
        if (event.kind === 'unit' || event.kind === 'processes') listener(event);
      },
    );
  }

  stop(): Promise<void> {
    return this.#stacks.stop();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  resetFailed(unit: string, options: CallOptions): Promise<void> {
    return this.#of(unit).resetFailed(unit, options);
  }

  startUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#of(unit).startUnit(unit, options);
  }

  stopUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#of(unit).stopUnit(unit, options);
  }

  restartUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#of(unit).restartUnit(unit, options);
  }

  async readUnits(units: readonly string[], options: CallOptions): Promise<UnitReading[]> {
    const readings = await Promise.all(units.map((unit) => this.#of(unit).readUnits([unit], options)));
    return readings.flat();
  }

  listProcesses(unit: string, options: CallOptions): Promise<ProcessReading[]> {
    return this.#of(unit).listProcesses(unit, options);
  }

  resources(unit: string): Promise<Resources> {
    return this.#of(unit).resources(unit);
  }

  #of(unit: string): UnitManager {
    return this.#isService.has(unit) ? this.#services : this.#stacks;
  }
}
