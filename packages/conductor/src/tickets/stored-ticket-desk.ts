import type {
  Estop,
  ExecuteBody,
  Execution,
  TelemetryEvent,
  TelemetryMetrics,
  Ticket,
  TicketBody,
  TicketCommandInfo,
  TicketDeskStatus,
  TicketDetail,
  TicketExportQuery,
  TicketList,
  TicketQuery,
  TicketSettings,
} from '@rovi/contract';
import { QUEUE_SHOWN, RoviError } from '@rovi/contract';
import { auditedRequest } from '../audited.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { ConductorApi, Request } from '../ports/conductor-api.js';
import type { MotionBase, Scanner } from '../ports/motion.js';
import type { TicketDesk } from '../ports/ticket-desk.js';
import type { TicketStore } from '../ports/ticket-store.js';
import { EstopKeeper } from './estop-keeper.js';
import { motionObstacle } from './may-move.js';
import { Simulator } from './simulator.js';
import type { BoundCommand, TicketCommandRegistry } from './ticket-command.js';
import { TicketDispatcher } from './ticket-dispatcher.js';
import { ticketId } from './ticket-id.js';
import { TicketJob } from './ticket-job.js';
import { SELF, TicketLedger } from './ticket-ledger.js';
import { ended, requireExecutable } from './ticket-reading.js';
import { TicketTelemetry } from './ticket-telemetry.js';

/** How often a cancel is tried anew because the ticket went on meanwhile. */
const RACES = 8;

export interface TicketDeskOptions {
  readonly conductor: ConductorApi;
  readonly store: TicketStore;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly settings: TicketSettings;
  readonly registry: TicketCommandRegistry;
  /** What moves and looks where a ticket is no dry run. */
  readonly base: MotionBase;
  readonly scanner: Scanner;
  /** Told of what nobody waits for: the store away, an end that could not be written down yet. */
  readonly onFault: (error: unknown) => void;
}

/** Tickets over a store: every step is on the disk before it is told or acted upon, but for a stop, which comes first. */
export class StoredTicketDesk implements TicketDesk {
  readonly #options: TicketDeskOptions;
  readonly #estop: EstopKeeper;
  readonly #simulator: Simulator;
  readonly #telemetry: TicketTelemetry;
  readonly #ledger: TicketLedger;
  readonly #dispatcher: TicketDispatcher;

  constructor(options: TicketDeskOptions) {
    this.#options = options;
    const { store, clock, settings, onFault } = options;
    this.#estop = new EstopKeeper(store, clock, (error) => {
      onFault(error);
      this.#ledger.refused(error);
    });
    this.#simulator = new Simulator(clock);
    this.#telemetry = new TicketTelemetry(() => this.#now());
    this.#ledger = new TicketLedger({
      store,
      clock,
      retention: settings.retention,
      opened: () => this.#estop.load(),
      tell: (ticket) => this.#tell(ticket),
      mend: () => this.#mend(),
      onFault,
    });
    this.#dispatcher = new TicketDispatcher({
      ...options,
      ledger: this.#ledger,
      telemetry: this.#telemetry,
      hands: (ticket) => this.#hands(ticket),
      requireReady: (job) => this.#requireReady(job),
      free: () => this.#ledger.fault === null && !this.#estop.now.active,
      tell: (ticket) => this.#tell(ticket),
    });
  }

  get status(): TicketDeskStatus {
    const estop = this.#estop.now;
    const { obstacle, counts } = this.#ledger;
    const by = `e-stopped by ${estop.actor?.name ?? 'somebody'}${estop.reason === '' ? '' : `: ${estop.reason}`}`;
    return {
      available: obstacle === null,
      text: estop.active ? by : (obstacle?.message ?? 'ready'),
      counts,
      estop,
      executing: this.#dispatcher.executing,
      queued: this.#dispatcher.queued(QUEUE_SHOWN),
    };
  }

  get commands(): readonly TicketCommandInfo[] {
    const { registry, settings, conductor } = this.#options;
    return registry.all({ settings, stacks: conductor.snapshot().stacks.map(({ name }) => name) });
  }

  /** Opens the store; resolves when the first attempt has ended, whatever came of it. It is tried until it is open. */
  async start(): Promise<void> {
    this.#telemetry.tell('service_started', null);
    await this.#ledger.start();
  }

  /** Ends what executes as interrupted, and lets go of the store. */
  async stop(): Promise<void> {
    this.#telemetry.tell('service_stopped', null);
    await this.#dispatcher.stop(
      new RoviError('ticket-interrupted', 'the gateway ended while it was executing', {
        mend: 'Look how far it came before you run it again.',
      }),
    );
    await this.#ledger.stop();
  }

  create(body: TicketBody, request: Request): Promise<Ticket> {
    const work = async (): Promise<Ticket> => {
      const { settings, registry, clock } = this.#options;
      const bound = registry.bind(body.command, body.params);
      bound.check(settings);
      const at = this.#now();
      const ticket: Ticket = {
        id: ticketId(clock.now()),
        command: bound.name,
        params: bound.params,
        priority: body.priority,
        status: 'pending',
        timeout_seconds: timeoutOf(body, bound),
        metadata: body.metadata,
        created_at: at,
        updated_at: at,
        started_at: null,
        completed_at: null,
        result: null,
        error: null,
        error_code: null,
        dry_run: settings.dry_run || body.dry_run === true,
        actor: request.actor,
        attempts: 0,
      };
      await this.#ledger.create(ticket);
      this.#telemetry.created(ticket);
      this.#tell(ticket);
      return ticket;
    };
    return this.#audited('ticket-create', body.command, request, work, ({ id }) => `${id} created`);
  }

  read(id: string): Promise<TicketDetail> {
    return this.#ledger.read(id);
  }

  list(query: TicketQuery): Promise<TicketList> {
    return this.#ledger.list(query);
  }

  export(query: TicketExportQuery): AsyncIterable<TicketDetail> {
    return this.#ledger.export(query);
  }

  execute(
    { ticket_id: id, force }: ExecuteBody,
    request: Request,
  ): Promise<{ readonly ticket: Ticket; readonly finished: Promise<Execution> }> {
    const { actor, reason } = request;
    const { stops } = this.#dispatcher;
    const work = async () => {
      const ticket = await this.read(id);
      requireExecutable(ticket, force);
      const bound = this.#options.registry.bind(ticket.command, ticket.params);
      // In the turn in which it is known to be one, before anything is written down.
      if (bound.name === 'stop') this.#stopMotion(id, request);
      this.#requireReady({ bound, ticket });
      const decided = this.#dispatcher.expect(id);
      let job: TicketJob;
      try {
        const queued = await this.#ledger.move(ticket, 'queued', { actor, reason });
        if (queued === null) throw overtaken(id);
        job = new TicketJob(queued, bound, request);
        this.#dispatcher.add(job);
        this.#tell(queued);
      } finally {
        decided();
      }
      if (bound.motion && this.#dispatcher.stops !== stops) {
        // All motion was stopped while this was being written down: who stopped it meant this too.
        await this.#dispatcher.end(id, ended('stopped', actor, 'all motion was stopped meanwhile'), actor);
      }
      return { ticket: job.ticket, finished: job.finished };
    };
    return this.#audited('ticket-execute', id, request, work, () => `${id} queued`);
  }

  cancel(id: string, request: Request): Promise<TicketDetail> {
    const { actor, reason } = request;
    const why = ended('cancelled', actor, reason);
    // Before anything is waited for.
    const over = this.#dispatcher.end(id, why, actor);
    const work = async (): Promise<TicketDetail> => {
      await over;
      for (let race = 0; race < RACES; race += 1) {
        const found = await this.read(id);
        if (found.status === 'queued' || found.status === 'executing') {
          const fault = this.#dispatcher.fault(id);
          if (fault !== null) throw unwritten(id, fault);
          // It got there between the two looks.
          await this.#dispatcher.end(id, why, actor);
          if (this.#dispatcher.knows(id)) continue;
          const again = await this.read(id);
          if (again.status !== found.status || this.#dispatcher.knows(id)) continue;
          // In nobody's hands: a fault of the store left it behind.
          await this.#takeBack(again, 'cancelled', why);
          continue;
        }
        if (found.status !== 'pending') return found;
        const outcome = { result: null, error: why.message, errorCode: why.code, executionTimeMs: null };
        const moved = await this.#ledger.move(found, 'cancelled', { actor, reason, outcome });
        if (moved !== null) this.#tell(moved);
      }
      return this.read(id);
    };
    return this.#audited('ticket-cancel', id, request, work, ({ status }) => `${id} is ${status}`);
  }

  estop(request: Request): Promise<Estop> {
    const { actor, reason } = request;
    this.#estop.set(actor, reason, this.#now());
    this.#halt();
    this.#dispatcher.endAll(ended('e-stopped', actor, reason), actor);
    this.#telemetry.tell('estop', null, { reason, actor: actor.name });
    this.#tell(null);
    const work = async (): Promise<Estop> => {
      const kept = await this.#estop.keep();
      this.#tell(null);
      return kept;
    };
    return this.#audited('estop', null, request, work, ({ stored }) =>
      stored ? 'e-stopped' : 'e-stopped, and it could not be written down: a restart would forget it',
    );
  }

  resetEstop(request: Request): Promise<Estop> {
    const { actor, reason } = request;
    const work = async (): Promise<Estop> => {
      const was = this.#estop.now.active;
      const estop = await this.#estop.reset(actor, reason, this.#now());
      if (was) this.#telemetry.tell('estop_reset', null, { reason, actor: actor.name });
      this.#tell(null);
      this.#dispatcher.pump();
      return estop;
    };
    return this.#audited('estop-reset', null, request, work, () => 'the e-stop is reset');
  }

  telemetry(): TelemetryMetrics {
    return this.#telemetry.metrics(this.#ledger.counts.total);
  }

  telemetryEvents(): readonly TelemetryEvent[] {
    return this.#telemetry.events;
  }

  /** Takes back what a fault of the store left in nobody's hands: it never begins by itself. */
  async #mend(): Promise<void> {
    await this.#dispatcher.settle();
    await this.#estop.prove();
    for (const status of ['queued', 'executing'] as const) {
      const { tickets } = await this.#ledger.list({ status, limit: 1000, offset: 0 });
      for (const ticket of tickets) {
        if (this.#dispatcher.knows(ticket.id)) continue;
        await this.#takeBack(
          ticket,
          'pending',
          new RoviError('ticket-interrupted', 'the store did not answer when its execution began'),
        );
      }
    }
  }

  /** What executes without anybody's knowing has failed, whatever was meant. */
  async #takeBack(ticket: Ticket, to: 'pending' | 'cancelled', why: RoviError): Promise<void> {
    const outcome = { result: null, error: why.message, errorCode: why.code, executionTimeMs: null };
    const executing = ticket.status === 'executing';
    const step = { actor: SELF, reason: why.message, ...(to === 'pending' && !executing ? {} : { outcome }) };
    const moved = await this.#ledger.move(ticket, executing ? 'failed' : to, step);
    if (moved !== null) this.#tell(moved);
  }

  #stopMotion(id: string, { actor, reason }: Request): void {
    this.#halt();
    this.#dispatcher.stopMotion(ended(`stopped with ${id}`, actor, reason), actor);
  }

  #halt(): void {
    this.#simulator.halt();
    this.#options.base.halt();
  }

  /** Throws why it may not be executed now. */
  #requireReady({ bound, ticket }: Pick<TicketJob, 'bound' | 'ticket'>): void {
    const { settings, conductor } = this.#options;
    bound.check(settings);
    if (bound.ends) return;
    if (this.#estop.now.active) {
      throw new RoviError('estop-active', this.status.text, {
        mend: 'See that the robot may move, then reset the e-stop.',
        context: { estop: this.#estop.now },
      });
    }
    bound.ready({ settings, conductor, ...this.#hands(ticket) });
    if (!bound.motion || ticket.dry_run) return;
    const obstacle = motionObstacle(conductor.snapshot(), settings);
    if (obstacle !== null) throw obstacle;
  }

  #hands({ dry_run: dry }: Ticket): { readonly base: MotionBase; readonly scanner: Scanner } {
    const { base, scanner } = this.#options;
    return dry ? { base: this.#simulator, scanner: this.#simulator } : { base, scanner };
  }

  #tell(ticket: Ticket | null): void {
    this.#options.conductor.reportTickets(ticket, this.status);
  }

  #audited<T>(
    command: string,
    target: string | null,
    request: Request,
    work: () => Promise<T>,
    message: (result: T) => string,
  ): Promise<T> {
    const to = { log: this.#options.audit, now: () => this.#now(), message };
    return auditedRequest({ command, target, request }, to, work);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function unwritten(id: string, { code, message, mend, context }: RoviError): RoviError {
  return new RoviError(code, `${id} has ended, and that could not be written down yet: ${message}`, {
    mend,
    context,
  });
}

function overtaken(id: string): RoviError {
  return new RoviError('ticket-state', `${id}: somebody else was quicker`, { mend: 'Look at the ticket.' });
}

function timeoutOf({ timeout_seconds: given }: TicketBody, bound: BoundCommand): number {
  const timeout = given ?? bound.timeout;
  if (timeout >= bound.takes) return timeout;
  throw new RoviError(
    'ticket-invalid',
    `${bound.name}: timeout_seconds: it takes ${bound.takes} s, and may take ${timeout} s`,
    { mend: 'Give it more time, or leave timeout_seconds out.' },
  );
}
