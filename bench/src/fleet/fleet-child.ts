import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds for one answer. */
const ANSWER_MS = 120_000;

type Answer = { readonly number: number; readonly said?: unknown; readonly error?: string };

/** A program of the bench in a process of its own, with its answers in the order of nothing but their numbers. */
export class FleetChild {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #number = 0;

  /** `program` is a file of this folder, built. It ends when the bench does, however that ends: see {@link serveOrders}. */
  constructor(program: string, execArgv: readonly string[] = []) {
    this.#child = fork(new URL(program, import.meta.url), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...execArgv],
    });
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.number)?.(answer));
    this.#child.on('exit', (code, signal) => {
      const error = `${program} ended with ${String(code ?? signal)}`;
      for (const [number, settle] of this.#waiting) settle({ number, error });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process could not be started');
    return this.#child.pid;
  }

  /** Rejects with what the program says, when it ends, and after two minutes. */
  async ask<T>(order: object): Promise<T> {
    const number = (this.#number += 1);
    const answer = await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => settle({ number, error: 'no answer' }), ANSWER_MS);
      const settle = (one: Answer): void => {
        clearTimeout(timer);
        this.#waiting.delete(number);
        resolve(one);
      };
      this.#waiting.set(number, settle);
      this.#child.send({ number, order }, (error) => error && settle({ number, error: error.message }));
    });
    if (answer.error !== undefined) throw new Error(`${JSON.stringify(order)}: ${answer.error}`);
    return answer.said as T;
  }

  /** Kills it, and resolves when it is gone. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/** The program's side: answers each order of the bench, and ends with it. */
export function serveOrders<Order>(answer: (order: Order) => Promise<unknown>): void {
  process.on('message', ({ number, order }: { number: number; order: Order }) => {
    answer(order).then(
      (said) => process.send?.({ number, said }),
      (error: unknown) => process.send?.({ number, error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
