import { randomUUID } from 'node:crypto';
import { isTargetOver } from '@rovi/contract';
import type { FleetRun, FleetRunBody, FleetTargetState } from '@rovi/contract';
import { FleetErrand } from './fleet-errand.js';
import type { FleetField } from './fleet-errand.js';
import type { Behalf } from './fleet-mail.js';

const FAILED: readonly FleetTargetState[] = ['failed', 'refused', 'expired', 'unknown'];
const ACTIVE: readonly FleetTargetState[] = ['asking', 'sent', 'running'];

export interface FleetRunOptions {
  readonly field: FleetField;
  readonly body: FleetRunBody;
  readonly behalf: Behalf;
  /** RFC 3339, for people. */
  readonly time: () => string;
  readonly changed: () => void;
}

/** One command to several robots: so many at a time, in their order, and none after the first that fails where that is wanted. */
export class FleetRunner {
  readonly id = randomUUID();
  readonly #options: FleetRunOptions;
  readonly #errands: readonly FleetErrand[];
  readonly #startedAt: string;
  #endedAt: string | null = null;
  #pumping = false;
  #again = false;
  /** Something of it is other than when it was told last. */
  #news = true;
  #cancel: () => void = () => undefined;

  constructor(options: FleetRunOptions) {
    this.#options = options;
    const { field, body, behalf, time } = options;
    this.#startedAt = time();
    const waitUntil = field.now() + body.wait_s * 1_000;
    this.#errands = body.targets.map(
      ({ robot, confirm }) =>
        new FleetErrand({ field, robot, confirm, body, behalf, waitUntil, changed: () => this.#changed() }),
    );
  }

  get run(): FleetRun {
    const { body, behalf } = this.#options;
    return {
      id: this.id,
      command: body.command,
      actor: behalf.name,
      reason: body.reason,
      started_at: this.#startedAt,
      ended_at: this.#endedAt,
      targets: this.#errands.map(({ target }) => target),
    };
  }

  /** How many robots. */
  get size(): number {
    return this.#errands.length;
  }

  get isOver(): boolean {
    return this.#errands.every(({ state }) => isTargetOver(state));
  }

  start(): void {
    const { field, body } = this.#options;
    // Those that are waited for have to be told that it is over.
    this.#cancel = field.after(body.wait_s * 1_000 + 10, () => this.#pump());
    this.#pump();
  }

  /** Something is other with some robots. */
  wake(): void {
    for (const errand of this.#errands) errand.wake();
    this.#pump();
  }

  /** Nobody wants to know any more; what robots do they go on with. */
  forget(): void {
    this.#cancel();
    for (const errand of this.#errands) errand.forget();
  }

  #changed(): void {
    this.#news = true;
    this.#pump();
  }

  #pump(): void {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#again) {
      this.#again = false;
      this.#pass();
    }
    this.#pumping = false;
    this.#endedAt = this.isOver ? (this.#endedAt ?? this.#options.time()) : null;
    // A fleet is never quiet: what has not changed is not told each time that a robot says something.
    if (!this.#news) return;
    this.#news = false;
    this.#options.changed();
  }

  /** Once over all of them. */
  #pass(): void {
    const { at_once: atOnce, stop_at_failure: stopAtFailure } = this.#options.body;
    let active = this.#errands.filter(({ state }) => ACTIVE.includes(state)).length;
    let failed = stopAtFailure && this.#errands.some(({ state }) => FAILED.includes(state));
    for (const errand of this.#errands) {
      if (failed) errand.leaveOut();
      else if (errand.state === 'waiting' && active < atOnce) {
        errand.begin();
        if (ACTIVE.includes(errand.state)) active += 1;
        failed = stopAtFailure && FAILED.includes(errand.state);
      }
    }
  }
}
