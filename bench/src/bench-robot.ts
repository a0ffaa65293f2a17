import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RoviClient } from '@rovi/client';
import { PATHS, stackUnit } from '@rovi/contract';
import type { StackStatus } from '@rovi/contract';
import { installRovi, REPOSITORY, Robot, setStack } from '@rovi/testbed';
import { benchCatalog, NODES, STACKS, TRIVIAL_BODY, TRIVIAL_STACKS } from './bench-catalog.js';
import { Ear } from './ear.js';
import { Hand } from './hand.js';
import { monotonicMs } from './monotonic.js';
import { RawClient } from './raw-client.js';

/** The account that the conductor runs as; rivals run as it too, so that systemd asks polkit the same of all. */
const USER = 'rovi';

/** A robot with Rovi installed for `size` stacks, and everything that measures on it. */
export class BenchRobot {
  readonly size: number;
  readonly robot: Robot;
  /** Seconds that one run of `install.sh` took. */
  readonly installSeconds: number;
  #parts: { ear: Ear; hand: Hand; raw: RawClient; rawRoot: RawClient } | undefined;

  private constructor(size: number, robot: Robot, installSeconds: number) {
    this.size = size;
    this.robot = robot;
    this.installSeconds = installSeconds;
  }

  /** Boots and installs. Nothing measures yet: see `open`. */
  static async boot(size: number): Promise<BenchRobot> {
    const environment = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
    const workspace = /^ROVI_ROS_WS_DIR=(\S+)$/m.exec(environment)?.[1];
    if (workspace === undefined) throw new Error('env/.env.robot names no workspace');
    const robot = await Robot.boot({ name: `bench-${size}` });
    try {
      const start = monotonicMs();
      await installRovi(robot, { catalog: benchCatalog(size, workspace) });
      const installSeconds = (monotonicMs() - start) / 1000;
      const nodes = NODES.map((name) => ({ name }));
      for (const name of [STACKS.generated.stack, STACKS.generated.other]) {
        await setStack(robot, name, { nodes });
      }
      for (const name of TRIVIAL_STACKS) {
        await robot.writeFile(`/etc/systemd/system/${stackUnit(name)}.d/bench.conf`, TRIVIAL_BODY);
      }
      await robot.exec(['systemctl', 'daemon-reload']);
      return new BenchRobot(size, robot, installSeconds);
    } catch (error) {
      await robot.shutdown();
      throw error;
    }
  }

  /** Connects all that measures. */
  async open(): Promise<void> {
    const ear = await this.openEar();
    const hand = new Hand(this.robot, USER);
    await hand.checkClock();
    this.#parts = {
      ear,
      hand,
      raw: new RawClient(this.robot, USER),
      rawRoot: new RawClient(this.robot, 'root'),
    };
    await this.#parts.raw.watch();
    await this.#parts.rawRoot.watch();
  }

  /** Disconnects it: nothing but the gateway is left on the bus. */
  async close(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    parts?.ear.close();
    await Promise.all([parts?.hand.close(), parts?.raw.close(), parts?.rawRoot.close()]);
  }

  get ear(): Ear {
    return this.#opened.ear;
  }

  get hand(): Hand {
    return this.#opened.hand;
  }

  /** The raw rival as the conductor's own account. */
  get raw(): RawClient {
    return this.#opened.raw;
  }

  /** The raw rival as root: systemd does not ask polkit. */
  get rawRoot(): RawClient {
    return this.#opened.rawRoot;
  }

  get socketPath(): string {
    return this.robot.path(PATHS.socket);
  }

  get client(): RoviClient {
    return new RoviClient({ socketPath: this.socketPath, actor: 'bench', face: 'cli' });
  }

  /** An event stream of its own. */
  openEar(): Promise<Ear> {
    return this.robot.waitFor('the gateway answers', () => Ear.open(this.socketPath), 30_000);
  }

  /** Waits until the conductor shows the stack running, with at least so many processes; then lets it come to rest. */
  async settleUp(stack: string, processes: number): Promise<StackStatus> {
    const { status } = await this.ear.until(
      stack,
      `RUNNING with ${processes} processes`,
      (seen) => seen.state === 'RUNNING' && seen.processes.length >= processes,
    );
    await settle();
    return status;
  }

  /** Waits until the conductor shows the stack ended and its cgroup empty; then lets the robot come to rest. */
  async settleDown(stack: string): Promise<void> {
    await this.ear.until(
      stack,
      'an end',
      (seen) => ['STOPPED', 'FAILED'].includes(seen.state) && seen.processes.length === 0,
    );
    await settle();
  }

  get #opened() {
    if (this.#parts === undefined) throw new Error('the bench robot is not open');
    return this.#parts;
  }
}

/** 20 to 40 ms: nothing is in flight any more, and no trial keeps step with anything periodic. */
export function settle(): Promise<void> {
  return delay(20 + Math.random() * 20);
}
