import { faceStateSchema, stackStates, verdictLevelSchema } from '@rovi/contract';
import type { Snapshot, StackStatus } from '@rovi/contract';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';

/** The robot's state as figures. They are those of one snapshot, set at each scrape: no labels of an earlier one stay. */
export class RobotMetrics {
  readonly #stackState: Gauge;
  readonly #stackVerdict: Gauge;
  readonly #expected: Gauge;
  readonly #present: Gauge;
  readonly #crashes: Counter;
  readonly #restarts: Counter;
  readonly #bus: Gauge;
  readonly #known: Gauge;
  readonly #faceState: Gauge;
  readonly #faceRestarts: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#stackState = new Gauge({
      name: 'rovi_stack_state',
      help: 'The state of a stack: 1 for the one it is in, 0 for the others.',
      labelNames: ['stack', 'state'],
      registers,
    });
    this.#stackVerdict = new Gauge({
      name: 'rovi_stack_verdict',
      help: 'What the state of a stack comes to: 1 for the level it has, 0 for the others.',
      labelNames: ['stack', 'level'],
      registers,
    });
    this.#expected = new Gauge({
      name: 'rovi_stack_expected_processes',
      help: 'How many processes the catalog expects of a stack.',
      labelNames: ['stack'],
      registers,
    });
    this.#present = new Gauge({
      name: 'rovi_stack_present_processes',
      help: 'How many of the expected processes are there; absent while that is not known.',
      labelNames: ['stack'],
      registers,
    });
    this.#crashes = new Counter({
      name: 'rovi_stack_crashes_total',
      help: 'Ends of a stack that nobody asked for, since the gateway started.',
      labelNames: ['stack'],
      registers,
    });
    this.#restarts = new Counter({
      name: 'rovi_unit_restarts_total',
      help: "systemd's automatic restarts of a unit (NRestarts); absent while that is not known.",
      labelNames: ['unit'],
      registers,
    });
    this.#bus = new Gauge({
      name: 'rovi_bus_connected',
      help: 'Whether there is a connection to systemd.',
      registers,
    });
    this.#known = new Gauge({
      name: 'rovi_state_known',
      help: 'Whether systemd is connected and every unit was read since: 0 means that states are UNKNOWN.',
      registers,
    });
    this.#faceState = new Gauge({
      name: 'rovi_face_state',
      help: 'The state of a face that lives apart, such as ros: 1 for the one it is in, 0 for the others.',
      labelNames: ['face', 'state'],
      registers,
    });
    this.#faceRestarts = new Counter({
      name: 'rovi_face_restarts_total',
      help: 'How often the process of a face was started again after it had failed.',
      labelNames: ['face'],
      registers,
    });
  }

  /** Sets every figure to what the snapshot says. */
  show({ bus, known, gateway, stacks, faces }: Snapshot): void {
    for (const family of [this.#stackState, this.#stackVerdict, this.#expected, this.#present])
      family.reset();
    for (const family of [this.#crashes, this.#restarts, this.#faceState, this.#faceRestarts]) family.reset();
    this.#bus.set(bus.connected ? 1 : 0);
    this.#known.set(known ? 1 : 0);
    if (known && gateway !== null) this.#restarts.inc({ unit: gateway.unit }, gateway.restarts);
    for (const stack of stacks) this.#showStack(stack);
    for (const { name: face, state: now, restarts } of faces) {
      for (const state of faceStateSchema.options)
        this.#faceState.set({ face, state }, state === now ? 1 : 0);
      this.#faceRestarts.inc({ face }, restarts);
    }
  }

  #showStack({ name: stack, state: now, verdict, expected, crashes, unit }: StackStatus): void {
    for (const state of stackStates) this.#stackState.set({ stack, state }, state === now ? 1 : 0);
    for (const level of verdictLevelSchema.options) {
      this.#stackVerdict.set({ stack, level }, level === verdict.level ? 1 : 0);
    }
    this.#expected.set({ stack }, expected.length);
    this.#crashes.inc({ stack }, crashes);
    if (now === 'UNKNOWN') return;
    this.#restarts.inc({ unit: unit.unit }, unit.restarts);
    if (expected.every(({ present }) => present !== null)) {
      this.#present.set({ stack }, expected.filter(({ present }) => present === true).length);
    }
  }
}
