import type { Actor, Origin, Ticket, TicketBody } from '@rovi/contract';
import { RoviError, ticketBodySchema, ticketSettingsSchema } from '@rovi/contract';
import { modelConductor } from '../model-conductor.fixture.js';
import type { Motion, MotionBase, Scanner, Travelled } from '../ports/motion.js';
import type { TicketStore } from '../ports/ticket-store.js';
import { driveCommand } from './drive-command.js';
import { MemoryTicketStore } from './memory-ticket-store.fixture.js';
import { scanCommand } from './scan-command.js';
import { Simulator } from './simulator.js';
import { stackCommands } from './stack-commands.js';
import { stopCommand } from './stop-command.js';
import { StoredTicketDesk } from './stored-ticket-desk.js';
import { TicketCommandRegistry } from './ticket-command.js';

const actor: Actor = { name: 'ann', face: 'http', verified: false };
const origin: Origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' };
export const by = (reason = '', name = 'ann') => ({ actor: { ...actor, name }, origin, reason });

/** A base that says when it moves, on the clock of the test; it may be deaf to a stop, or lose its way. */
export class ModelBase implements MotionBase {
  unavailable: MotionBase['unavailable'] = null;
  /** The motions under way. */
  readonly moving = new Set<Motion>();
  /** How many were told to move, and how many at once at most. */
  began = 0;
  most = 0;
  halts = 0;
  /** How many were told to move that had been ended already. */
  late = 0;
  /** True: the next motion is lost at once. */
  lost = false;
  /** True: an abort is not answered. */
  deaf = false;
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  async move(motion: Motion, signal: AbortSignal): Promise<Travelled> {
    if (this.lost) throw new RoviError('motion-lost', 'the ROS process is gone');
    this.began += 1;
    if (signal.aborted) this.late += 1;
    this.moving.add(motion);
    this.most = Math.max(this.most, this.moving.size);
    // In the turn of the abort.
    const still = (): unknown => !this.deaf && this.moving.delete(motion);
    signal.addEventListener('abort', still, { once: true });
    const travelled = await this.#simulator.move(motion, this.deaf ? new AbortController().signal : signal);
    this.moving.delete(motion);
    return { ...travelled, source: 'measured' };
  }

  halt(): void {
    this.halts += 1;
    this.moving.clear();
  }
}

/** A gateway's connection to the store: once cut, nothing is sent, and nothing is answered. */
class StoreLine implements TicketStore {
  readonly #store: TicketStore;
  #cut = false;

  constructor(store: TicketStore) {
    this.#store = store;
  }

  cut(): void {
    this.#cut = true;
  }

  open: TicketStore['open'] = (...given) => this.#send(() => this.#store.open(...given));
  create: TicketStore['create'] = (...given) => this.#send(() => this.#store.create(...given));
  read: TicketStore['read'] = (...given) => this.#send(() => this.#store.read(...given));
  list: TicketStore['list'] = (...given) => this.#send(() => this.#store.list(...given));
  export: TicketStore['export'] = (...given) => this.#store.export(...given);
  counts: TicketStore['counts'] = () => this.#send(() => this.#store.counts());
  move: TicketStore['move'] = (...given) => this.#send(() => this.#store.move(...given));
  estop: TicketStore['estop'] = () => this.#send(() => this.#store.estop());
  setEstop: TicketStore['setEstop'] = (...given) => this.#send(() => this.#store.setEstop(...given));
  prune: TicketStore['prune'] = (...given) => this.#send(() => this.#store.prune(...given));
  close: TicketStore['close'] = () => this.#send(() => this.#store.close());

  async #send<T>(work: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined);
    if (this.#cut) return never;
    try {
      const answer = await work();
      return this.#cut ? await never : answer;
    } catch (error) {
      if (this.#cut) return never;
      throw error;
    }
  }
}

/** A laser that says nothing. */
const blind: Scanner = {
  unavailable: null,
  scan: (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(RoviError.from(signal.reason)))),
};

/** The desk on a conductor and a store in memory, with `nav` as the stack during which tickets may drive. */
export async function deskRig(
  settings: Readonly<Record<string, unknown>> = {},
  delayMs: () => number = () => 1,
) {
  const robot = await modelConductor(['nav', 'teleop']);
  const { clock, conductor, audit } = robot;
  const store = new MemoryTicketStore(clock, delayMs);
  const base = new ModelBase(new Simulator(clock));
  const faults: unknown[] = [];
  const told: (Ticket | null)[] = [];
  conductor.subscribe((event) => {
    if (event.type === 'ticket') told.push(event.ticket);
  });
  const registry = new TicketCommandRegistry().add(driveCommand).add(stopCommand).add(scanCommand);
  for (const command of stackCommands) registry.add(command);
  const dead = new WeakSet<object>();
  /** Each gateway has a connection of its own to the store: what a dead one had not sent is never sent. */
  const made = (): StoredTicketDesk => {
    const line = new StoreLine(store);
    const desk: StoredTicketDesk = new StoredTicketDesk({
      conductor: new Proxy(conductor, {
        get: (target, key) => {
          if (key === 'reportTickets' && dead.has(desk)) return () => undefined;
          const value = Reflect.get(target, key) as unknown;
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
      store: line,
      clock,
      audit: { record: (entry) => void audit.push(entry) },
      settings: ticketSettingsSchema.parse({ drive_stacks: ['nav'], ...settings }),
      registry,
      base,
      scanner: blind,
      onFault: (error) => faults.push(error),
    });
    lines.set(desk, line);
    return desk;
  };
  const lines = new WeakMap<StoredTicketDesk, StoreLine>();
  /** kill -9: it sends nothing any more, and the base stops by itself. */
  const killed = (one: StoredTicketDesk): void => {
    dead.add(one);
    lines.get(one)?.cut();
    base.halt();
  };
  const desk = made();
  const opened = desk.start();
  await clock.advance(1_000);
  await opened;
  /** Lets promises and what is due within `ms` go on until the work is done. */
  const soon = async <T>(work: Promise<T>, ms = 200): Promise<T> => {
    let done = false;
    void work.then(
      () => (done = true),
      () => (done = true),
    );
    for (let passed = 0; passed < ms && !done; passed += 1) await clock.advance(1);
    if (!done) throw new Error(`not done within ${String(ms)} ms`);
    return work;
  };
  const create = (body: Partial<TicketBody> & { readonly command: string }): Promise<Ticket> =>
    soon(desk.create(ticketBodySchema.parse(body), by()));
  const drive = (seconds = 2, more: Partial<TicketBody> = {}): Promise<Ticket> =>
    create({ command: 'drive', params: { speed: 1, duration_seconds: seconds }, ...more });
  const execute = (id: string, force = false) => soon(desk.execute({ ticket_id: id, force }, by()));
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    soon(
      work.then(
        () => 'no error',
        (error: unknown) => RoviError.from(error).code,
      ),
    );
  return { ...robot, store, base, faults, told, desk, made, killed, soon, create, drive, execute, codeOf };
}
