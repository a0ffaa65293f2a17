import type { RosDriveEnd } from '@rovi/contract';
import { DEAD_MS } from '../process/protocol.js';
import type { DriveOrder } from '../ros-transport.js';

/** Milliseconds that a new publisher may take to find who listens. */
const LISTENER_MS = 1_000;
/** Milliseconds for a first message of odometry, so that no part of the way is missing. */
const ODOMETRY_MS = 500;
/** Milliseconds between two looks before it begins. */
const LOOK_MS = 5;
const LONGEST_MS = 3_600_000;

/** What can be seen of the graph. */
export interface DriveView {
  /** How many listen on the topic. */
  readonly listeners: number;
  /** True where it is known where the base is, or nobody is to know. */
  readonly located: boolean;
}

/** What is to be done now, and when to look again (milliseconds on the monotonic clock). */
export type DriveStep =
  | { readonly kind: 'wait' | 'publish'; readonly begins: boolean; readonly until: number }
  | { readonly kind: 'end'; readonly ended: RosDriveEnd['ended']; readonly text: string };

/** Why this order is not taken; null where it is. */
export function faultOf({ x, y, duration_ms, rate }: DriveOrder): string | null {
  if (![x, y, duration_ms, rate].every(Number.isFinite)) return 'its numbers are none';
  if (!(duration_ms > 0 && duration_ms <= LONGEST_MS)) return 'its duration is not within an hour';
  if (!(rate >= 1 && rate <= 100)) return 'its rate is not from 1 to 100 Hz';
  return null;
}

/**
 * When a drive publishes, and when it ends: pure, told the time by who asks. Its clock starts with the first Twist, and
 * that goes out when somebody listens: what is sent before is lost, and the base would stop short.
 */
export class DrivePlan {
  readonly #order: DriveOrder;
  readonly #since: number;
  #keptAt: number;
  #begunAt: number | null = null;
  #next = 0;

  constructor(order: DriveOrder, at: number, now: number) {
    this.#order = order;
    this.#since = now;
    this.#keptAt = Math.min(at, now);
  }

  /** True when the first Twist has gone out. */
  get begun(): boolean {
    return this.#begunAt !== null;
  }

  /** Whoever wants the drive was there at that time. */
  keep(at: number, now: number): void {
    this.#keptAt = Math.max(this.#keptAt, Math.min(at, now));
  }

  /** What to do now. */
  look(now: number, { listeners, located }: DriveView): DriveStep {
    const { topic, duration_ms, rate } = this.#order;
    const dead = this.#keptAt + DEAD_MS;
    if (now >= dead) return end('silent', `the gateway has said nothing for ${DEAD_MS} ms`);
    if (this.#begunAt === null) {
      const waited = now - this.#since;
      if (listeners === 0 && waited >= LISTENER_MS) return end('refused', `nobody listens on ${topic}`);
      if (listeners === 0 || (!located && waited < ODOMETRY_MS)) {
        return { kind: 'wait', begins: false, until: now + LOOK_MS };
      }
      this.#begunAt = now;
      this.#next = now + 1000 / rate;
      return { kind: 'publish', begins: true, until: Math.min(this.#next, dead, now + duration_ms) };
    }
    const over = this.#begunAt + duration_ms;
    if (now >= over) return end('done', 'its time is over');
    if (listeners === 0) return end('fault', `nobody listens on ${topic} any more`);
    const due = now >= this.#next;
    // What was missed is not made up for.
    while (now >= this.#next) this.#next += 1000 / rate;
    return { kind: due ? 'publish' : 'wait', begins: false, until: Math.min(this.#next, over, dead) };
  }
}

function end(ended: RosDriveEnd['ended'], text: string): DriveStep {
  return { kind: 'end', ended, text };
}
