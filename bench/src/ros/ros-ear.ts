import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { RosBenchRobot } from './ros-bench-robot.js';
import { MEASURED } from './ros-bench-robot.js';

/** What the ear listens to: a unit's own topic, the snapshot, or the diagnostics. */
export type EarKind = 'unit' | 'snapshot' | 'diagnostics';

interface Heard {
  /** CLOCK_MONOTONIC in milliseconds as the subscriber's callback begins. */
  readonly at: number;
  readonly word: string;
}

/** A subscriber in a process of its own, in rclpy (programs/ros_ear.py): what it hears of the measured stack. */
export class RosEar {
  readonly #child: ChildProcess;
  #heard: Heard[] = [];
  #wake: () => void = () => undefined;
  #end: string | null = null;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.on('close', (code) => {
      this.#end = `the subscriber ended with ${code}: ${complaints.trim()}`;
      this.#wake();
    });
    if (child.stdout === null) throw new Error('no pipe from the subscriber');
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#heard.push(JSON.parse(line) as Heard);
      this.#wake();
    });
  }

  /** Subscribes; resolves when the first message has come. */
  static async open(bench: RosBenchRobot, kind: EarKind, topic: string): Promise<RosEar> {
    const ear = new RosEar(
      bench.robot.spawn(bench.program('ros_ear.py', kind, topic, MEASURED), { user: 'rovi' }),
    );
    await ear.#until(`a first message on ${topic}`, () => ear.#heard[0]);
    return ear;
  }

  /** When this word came first, later than `after`. What was heard before is forgotten. */
  async word(word: string, after: number): Promise<number> {
    const { at } = await this.#until(`"${word}"`, () =>
      this.#heard.find((heard) => heard.at > after && heard.word === word),
    );
    this.#heard = this.#heard.filter((heard) => heard.at > at);
    return at;
  }

  async close(): Promise<void> {
    if (this.#end !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await closed;
  }

  async #until<T>(what: string, probe: () => T | undefined): Promise<T> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const answer = probe();
      if (answer !== undefined) return answer;
      if (this.#end !== null) throw new Error(this.#end);
      if (performance.now() > deadline) {
        throw new Error(`waited 30 s for ${what}; last heard: ${JSON.stringify(this.#heard.slice(-3))}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
