import type { Robot } from '@rovi/testbed';
import { LineProcess } from './line-process.js';
import { monotonicMs } from './monotonic.js';

interface Ran {
  readonly start: number;
  readonly end: number;
  readonly code: number;
  readonly output: string;
}

/** Runs programs as one account of the robot, timed inside it (programs/hand.py). */
export class Hand {
  readonly #process: LineProcess;

  constructor(robot: Robot, user: string) {
    this.#process = new LineProcess(robot, ['python3', '-ISE', '/opt/rovi-src/bench/programs/hand.py'], user);
  }

  /** Throws unless the robot's clock is this process's: everything across the two would be wrong. */
  async checkClock(): Promise<void> {
    const before = monotonicMs();
    const { start } = await this.#process.ask<{ start: number }>({ clock: true });
    if (start < before || start > monotonicMs())
      throw new Error('the robot has a monotonic clock of its own');
  }

  /** Runs a program to its end. Throws where it fails. */
  async run(argv: readonly string[]): Promise<Ran> {
    const ran = await this.#process.ask<Ran>({ argv });
    if (ran.code !== 0) throw new Error(`\`${argv.join(' ')}\` ended with ${ran.code}: ${ran.output.trim()}`);
    return ran;
  }

  /** SIGKILL to a PID of the robot; answers with the moment right before. */
  async kill(pid: number): Promise<number> {
    return (await this.#process.ask<{ start: number }>({ kill: pid })).start;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
