import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Robot } from '@rovi/testbed';

/** Milliseconds for one answer: more than any stack's start and stop together. */
const ANSWER_MS = 60_000;

/** A program inside the robot that answers each JSON line on stdin with one on stdout, in order. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  #complaints = '';

  constructor(robot: Robot, argv: readonly string[], user: string) {
    this.#child = robot.spawn(argv, { user });
    const { stdout, stderr, stdin } = this.#child;
    if (stdout === null || stderr === null || stdin === null) throw new Error('no pipes to the helper');
    createInterface({ input: stdout }).on('line', (line) => this.#hear(line));
    stderr.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
    stdin.on('error', () => undefined); // its end is heard below
    this.#child.on('close', (code) => {
      const error = new Error(`\`${argv.join(' ')}\` ended with ${code}: ${this.#complaints.trim()}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** Sends a request and resolves with its answer. Rejects when the program ends, says `error`, or takes a minute. */
  async ask<T>(request: object): Promise<T> {
    const answer = await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer to ${JSON.stringify(request)}: ${this.#complaints.trim()}`)),
        ANSWER_MS,
      );
      const settled =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          clearTimeout(timer);
          settle(value);
        };
      this.#waiting.push({ resolve: settled(resolve), reject: settled(reject) });
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      throw new Error(`${JSON.stringify(request)}: ${String(answer.error)}`);
    }
    return answer as T;
  }

  /** Lets it end by itself. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin?.end();
    await closed;
  }

  #hear(line: string): void {
    this.#waiting.shift()?.resolve(JSON.parse(line));
  }
}
