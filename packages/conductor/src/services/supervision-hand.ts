import type { AuditEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { JOB_GRACE_MS } from '../run-end.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { JobOutcome, UnitManager } from '../ports/unit-manager.js';

/** Milliseconds a call that starts nothing may take. */
const CALL_MS = 5_000;

/** What the conductor does to one unit of its own accord. */
export interface Order {
  readonly service: string;
  readonly unit: string;
  /** For the audit. */
  readonly reason: string;
  /** Seconds that systemd gives a start and a stop. */
  readonly timeouts: { readonly start: number; readonly stop: number };
  /** Asked right before each message, in the same turn: false once somebody has decided otherwise. */
  readonly may: () => boolean;
}

/** Whoever is not asked: the conductor. */
const ACTOR = { name: 'conductor', face: 'conductor', verified: true } as const;
const ORIGIN = { transport: 'none', peer: null, via: null, role: null } as const;

/** The hand of supervision. What it does is in the audit, as what people do is. */
export class SupervisionHand {
  readonly #units: UnitManager;
  readonly #clock: Clock;
  readonly #audit: AuditLog;

  constructor(ports: { readonly units: UnitManager; readonly clock: Clock; readonly audit: AuditLog }) {
    this.#units = ports.units;
    this.#clock = ports.clock;
    this.#audit = ports.audit;
  }

  /** Has systemd forget the failure and the start limit, and starts the unit. Null where it was not to be any more. */
  async tryAgain(order: Order): Promise<JobOutcome | null> {
    return this.#audited('start', order, async () => {
      if (!order.may()) return null;
      await this.#units.resetFailed(order.unit, { deadlineMs: CALL_MS });
      if (!order.may()) return null;
      const deadlineMs = order.timeouts.start * 1000 + JOB_GRACE_MS;
      return this.#units.startUnit(order.unit, { deadlineMs });
    });
  }

  /**
   * Restarts the unit, and with it what runs and requires it. One job of systemd: a gateway that is killed meanwhile leaves
   * nothing stopped, and what somebody stops meanwhile stays so. Null where it was not to be any more.
   */
  async restart(order: Order): Promise<JobOutcome | null> {
    const { start, stop } = order.timeouts;
    return this.#audited('restart', order, async () => {
      if (!order.may()) return null;
      return this.#units.restartUnit(order.unit, { deadlineMs: (start + stop) * 1000 + JOB_GRACE_MS });
    });
  }

  async stop(order: Order): Promise<JobOutcome | null> {
    return this.#audited('stop', order, async () => {
      if (!order.may()) return null;
      return this.#units.stopUnit(order.unit, { deadlineMs: order.timeouts.stop * 1000 + JOB_GRACE_MS });
    });
  }

  async #audited(
    command: string,
    { unit, service, reason }: Order,
    work: () => Promise<JobOutcome | null>,
  ): Promise<JobOutcome | null> {
    const entry = (
      decision: AuditEntry['decision'],
      end: Pick<AuditEntry, 'outcome' | 'code' | 'message'>,
    ): AuditEntry => ({
      at: new Date(this.#clock.now()).toISOString(),
      decision,
      command,
      target: service,
      actor: ACTOR,
      origin: ORIGIN,
      reason,
      operation: null,
      ...end,
    });
    this.#audit.record(entry('accepted', { outcome: 'running', code: null, message: `${command} ${unit}` }));
    try {
      const outcome = await work();
      const [result, message] =
        outcome === null
          ? (['cancelled', 'no longer wanted'] as const)
          : ([
              outcome.result === 'done' ? 'succeeded' : 'failed',
              `${unit} is ${outcome.reading.activeState}`,
            ] as const);
      this.#audit.record(entry('ended', { outcome: result, code: null, message }));
      return outcome;
    } catch (thrown) {
      const { code, message } = RoviError.from(thrown);
      this.#audit.record(entry('ended', { outcome: 'failed', code, message }));
      throw thrown;
    }
  }
}
