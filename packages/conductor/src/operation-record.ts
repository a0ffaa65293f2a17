import type { Operation, OperationStep } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { Clock } from './ports/clock.js';
import type { Command } from './ports/conductor-api.js';

/** One operation while it runs: collects steps and warnings, and tells of every change with a copy of the record. */
export class OperationRecord {
  readonly #clock: Clock;
  readonly #tell: (operation: Operation) => void;
  readonly #began: number;
  #operation: Operation;

  constructor(command: Command, from: string | null, clock: Clock, tell: (operation: Operation) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#began = clock.monotonic();
    this.#operation = {
      id: `op-${crypto.randomUUID().slice(0, 13)}`,
      kind: command.kind,
      stack: command.stack ?? null,
      service: command.service ?? null,
      from,
      actor: command.actor,
      reason: command.reason,
      outcome: 'running',
      changed: false,
      message: 'begun',
      problem: null,
      warnings: [],
      steps: [],
      started_at: this.#now(),
      ended_at: null,
      duration_ms: null,
    };
  }

  get operation(): Operation {
    return this.#operation;
  }

  /** Runs `work` as one named step; its end, good or bad, closes the step. */
  async step<T>(text: string, work: () => Promise<T>): Promise<T> {
    const began = this.#clock.monotonic();
    const index = this.#operation.steps.length;
    const step: OperationStep = { text, started_at: this.#now(), duration_ms: null };
    this.#update({ message: text, steps: [...this.#operation.steps, step] });
    try {
      return await work();
    } finally {
      const ended = { ...step, duration_ms: this.#elapsed(began) };
      this.#update({ steps: this.#operation.steps.map((one, at) => (at === index ? ended : one)) });
    }
  }

  warn(text: string): void {
    this.#update({ warnings: [...this.#operation.warnings, text] });
  }

  /** From here on something on the robot may be different from before. */
  touch(): void {
    if (!this.#operation.changed) this.#update({ changed: true });
  }

  /** Takes {@link touch} back where what was sent turned out to have changed nothing. */
  untouched(): void {
    this.#update({ changed: false });
  }

  succeed(message: string): Operation {
    return this.#end({ outcome: 'succeeded', message });
  }

  fail(thrown: unknown): Operation {
    const error = RoviError.from(thrown);
    const outcome = error.code === 'operation-cancelled' ? 'cancelled' : 'failed';
    return this.#end({ outcome, message: error.message, problem: error.toProblem() });
  }

  #end(result: Pick<Operation, 'outcome' | 'message'> & Partial<Operation>): Operation {
    this.#update({ ...result, ended_at: this.#now(), duration_ms: this.#elapsed(this.#began) });
    return this.#operation;
  }

  #update(part: Partial<Operation>): void {
    this.#operation = { ...this.#operation, ...part };
    this.#tell(this.#operation);
  }

  #elapsed(since: number): number {
    return Math.round((this.#clock.monotonic() - since) * 1000) / 1000;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
