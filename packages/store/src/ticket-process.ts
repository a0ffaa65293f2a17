import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { RoviError } from '@rovi/contract';
import type { Logger } from './logger.js';
import type { TicketCall, TicketCalls, TicketReply } from './tickets/protocol.js';
import { replyOf } from './tickets/protocol.js';

/** Milliseconds until a process that ended is begun anew: at once, then more and more rarely. */
const PAUSES = [0, 250, 500, 1_000, 2_000, 5_000, 10_000] as const;
/** Requests that may wait for their answers: more would be memory that nobody gets back. */
const MOST_WAITING = 10_000;
const MEND = 'Read `journalctl -u rovi-gateway`. Is the disk slow or broken: `journalctl -k`.';

interface Waiting {
  readonly since: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RoviError) => void;
}

export interface TicketProcessOptions {
  /** `node rovi-tickets.mjs FILE`. */
  readonly command: readonly string[];
  readonly logger: Logger;
  /** Milliseconds without any answer after which the process is killed. */
  readonly deadline: number;
}

/**
 * The process of the tickets as the gateway sees it. It is begun with the first call and again after it has ended; one
 * that does not answer is killed. What it was asked and has not answered then rejects: it was done or it was not.
 */
export class TicketProcess {
  readonly #options: TicketProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | null = null;
  #asked = 0;
  /** How often in a row it ended before it had answered. */
  #failures = 0;
  /** Until when, by the monotonic clock, none is begun, and why. */
  #pause: { readonly until: number; readonly why: string } | null = null;
  #heard = 0;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TicketProcessOptions) {
    this.#options = options;
  }

  /** Rejects with the process's own problem, or `tickets-unavailable` where there is no answer. */
  ask<Call extends TicketCall>(
    call: Call,
    ask: TicketCalls[Call]['ask'],
  ): Promise<TicketCalls[Call]['answer']> {
    return new Promise((resolve, reject) => {
      const child = this.#usable();
      if (child instanceof RoviError) return reject(child);
      this.#asked += 1;
      const id = this.#asked;
      const now = performance.now();
      if (this.#waiting.size === 0) this.#expect(now);
      this.#waiting.set(id, { since: now, resolve: resolve as Waiting['resolve'], reject });
      child.stdin?.write(`${JSON.stringify({ id, call, ...ask })}\n`);
    });
  }

  /** Lets it answer what it was asked, then ends it. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'close');
    child.stdin?.end();
    // Also where it hangs: whoever closes this has a deadline of his own.
    const kill = setTimeout(() => child.kill('SIGKILL'), this.#options.deadline);
    await ended.catch(() => undefined);
    clearTimeout(kill);
  }

  #usable(): ChildProcess | RoviError {
    if (this.#closed) return unavailable('the store of tickets is closed');
    if (this.#waiting.size >= MOST_WAITING) {
      return unavailable(`${MOST_WAITING} requests wait for the disk already`);
    }
    if (this.#child !== null) return this.#child;
    if (this.#pause !== null && performance.now() < this.#pause.until) return unavailable(this.#pause.why);
    return this.#begin();
  }

  #begin(): ChildProcess {
    const [program = '', ...words] = this.#options.command;
    // Without streams where the gateway has no descriptors left.
    const child: ChildProcess = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {},
      cwd: '/',
    });
    this.#child = child;
    child.once('error', (error) => this.#end(child, `cannot be run: ${error.message}`));
    // Not `exit`: what it still said is heard first.
    child.once('close', (code, signal) =>
      this.#end(child, signal === null ? `ended with status ${code}` : `was ended by ${signal}`),
    );
    // What cannot be written is told by its end.
    child.stdin?.on('error', () => undefined);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const reply = replyOf(line);
        if (reply !== null) this.#hear(reply);
      });
    }
    return child;
  }

  #hear(reply: TicketReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#failures = 0;
    this.#heard = performance.now();
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) clearTimeout(this.#watch);
    if ('problem' in reply) waiting.reject(RoviError.fromProblem(reply.problem));
    else waiting.resolve(reply.value);
  }

  /** Looks, at the earliest time that it can be due, whether anything was answered within the deadline. */
  #expect(since: number): void {
    const { deadline } = this.#options;
    this.#watch = setTimeout(
      () => {
        const [oldest] = this.#waiting.values();
        if (oldest === undefined) return;
        const silent = Math.max(oldest.since, this.#heard);
        if (performance.now() < silent + deadline) return this.#expect(silent);
        this.#child?.kill('SIGKILL');
        if (this.#child !== null)
          this.#end(this.#child, `did not answer for ${deadline / 1000} s and was killed`);
      },
      Math.max(0, since + deadline - performance.now()),
    );
    this.#watch.unref();
  }

  #end(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    clearTimeout(this.#watch);
    const why = `the process of the tickets ${how}`;
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] ?? 0;
    this.#failures += 1;
    this.#pause = { until: performance.now() + pause, why };
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    if (!this.#closed || waiting.length > 0) {
      this.#options.logger.warn(
        { how, unanswered: waiting.length, pause },
        'the process of the tickets ended: the next request begins another',
      );
    }
    for (const { reject } of waiting) reject(unavailable(why));
  }
}

function unavailable(why: string): RoviError {
  return new RoviError('tickets-unavailable', `tickets cannot be kept: ${why}`, { mend: MEND });
}
