import { RoviError } from '@rovi/contract';
import type { Clock } from './ports/clock.js';
import type { ProcessReading, UnitManager, UnitReading } from './ports/unit-manager.js';

/** Milliseconds a D-Bus call that changes nothing may take. */
const CALL_MS = 5_000;
/** Milliseconds between two tries. */
const AGAIN_MS = 100;
/** Milliseconds a read waits for a lost bus to come back. */
export const RECONNECT_MS = 10_000;

/** Reads that survive the loss of the bus: asked again until the connection is back, for {@link RECONNECT_MS}. */
export class PatientUnits {
  readonly #units: UnitManager;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(ports: { readonly units: UnitManager; readonly clock: Clock }, signal: AbortSignal) {
    this.#units = ports.units;
    this.#clock = ports.clock;
    this.#signal = signal;
  }

  /** Fresh from systemd, in the order asked. */
  read(...units: string[]): Promise<UnitReading[]> {
    return this.#patiently(() => this.#units.readUnits(units, { deadlineMs: CALL_MS, signal: this.#signal }));
  }

  /** Fresh list of all processes in the unit's cgroup. */
  processes(unit: string): Promise<ProcessReading[]> {
    return this.#patiently(() =>
      this.#units.listProcesses(unit, { deadlineMs: CALL_MS, signal: this.#signal }),
    );
  }

  async #patiently<T>(read: () => Promise<T>): Promise<T> {
    const until = this.#clock.monotonic() + RECONNECT_MS;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        const lost = error instanceof RoviError && error.code === 'bus-unavailable';
        if (!lost || this.#clock.monotonic() >= until) throw error;
      }
      await this.#clock.sleep(AGAIN_MS, this.#signal);
    }
  }
}
