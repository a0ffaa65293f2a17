import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ProbeTarget } from '@rovi/conductor';
import type { Probe, Seen, SpecOf } from './probe.js';
import { unseen } from './probe.js';
import type { I2cQuestion } from './i2c/protocol.js';
import { answerOf } from './i2c/protocol.js';

/** The process of one bus, and who waits for its answers. */
interface BusProcess {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (seen: Seen) => void>;
}

/**
 * Asks I2C buses, each through a process of its own, which begins with the first look: a bus that hangs delays no other,
 * and is let go of by killing its process.
 */
export class I2cProbe implements Probe<'i2c'> {
  readonly type = 'i2c';
  readonly #command: readonly string[];
  readonly #buses = new Map<number, BusProcess>();
  #asked = 0;

  /** The command is the I2C process: `node rovi-i2c.mjs`. */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  look({ bus, address }: SpecOf<'i2c'>, _: ProbeTarget, signal: AbortSignal): Promise<Seen> {
    return new Promise<Seen>((resolve) => {
      if (signal.aborted) return resolve(unseen('the look was ended'));
      const one = this.#buses.get(bus) ?? this.#begin(bus);
      this.#asked += 1;
      const id = this.#asked;
      const end = (seen: Seen): void => {
        signal.removeEventListener('abort', abort);
        one.waiting.delete(id);
        resolve(seen);
      };
      // A call that hangs in the kernel cannot be called back: its process goes, and with it what waits behind it.
      const abort = (): void => {
        this.#end(bus, one, `/dev/i2c-${bus} did not answer in time, its process was ended`);
      };
      one.waiting.set(id, end);
      signal.addEventListener('abort', abort, { once: true });
      const question: I2cQuestion = { id, bus, ...(address === undefined ? {} : { address }) };
      one.child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends all its processes; the next look begins new ones. */
  close(): void {
    for (const [bus, one] of this.#buses) this.#end(bus, one, 'the I2C process was ended');
  }

  #begin(bus: number): BusProcess {
    const [program = '', ...words] = this.#command;
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], env: {}, cwd: '/' });
    const one: BusProcess = { child, waiting: new Map() };
    this.#buses.set(bus, one);
    child.once('error', (error) => this.#end(bus, one, `the I2C process cannot be run: ${error.message}`));
    child.once('exit', () => this.#end(bus, one, 'the I2C process ended'));
    // What cannot be written is told by its end.
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = answerOf(line);
      if (answer !== null) one.waiting.get(answer.id)?.(answer.seen);
    });
    return one;
  }

  #end(bus: number, one: BusProcess, why: string): void {
    if (this.#buses.get(bus) === one) this.#buses.delete(bus);
    one.child.kill('SIGKILL');
    for (const end of [...one.waiting.values()]) end(unseen(why));
  }
}
