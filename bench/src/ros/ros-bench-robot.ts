import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { PATHS, stackUnit } from '@rovi/contract';
import type { RosStatus } from '@rovi/contract';
import {
  bringRclnodejs,
  bringRealRos,
  installRovi,
  realRosEnvironment,
  realRosShell,
  REPOSITORY,
  Robot,
} from '@rovi/testbed';
import { catalogOf, fillerName, TRIVIAL_BODY } from '../bench-catalog.js';
import { Hand } from '../hand.js';
import { RawClient } from '../raw-client.js';

const USER = 'rovi';
const PROGRAMS = '/opt/rovi-src/bench/programs';

/** The stack that is started, stopped and killed: a unit whose body is one `sleep`. */
export const MEASURED = 'trivial';
/** The stack that runs while nothing changes: a launch (stand-in) and two nodes. */
export const RESTING = 'filler_0001';

/** A unit that refers to the measured one: systemd would else unload that when it stops, and forget its timestamps. */
const PIN = 'bench-pin.service';
const PIN_BODY = `[Unit]
After=${stackUnit(MEASURED)}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/true
`;

/** A robot with the real ROS of this machine, alone in its graph, and Rovi installed for `size` stacks. */
export class RosBenchRobot {
  readonly size: number;
  readonly robot: Robot;
  readonly hand: Hand;
  /** systemd's D-Bus API by hand. */
  readonly raw: RawClient;

  private constructor(size: number, robot: Robot) {
    this.size = size;
    this.robot = robot;
    this.hand = new Hand(robot, USER);
    this.raw = new RawClient(robot, USER);
  }

  /** Boots, installs, and waits until the face is in the graph. */
  static async boot(size: number): Promise<RosBenchRobot> {
    const shipped = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
    const workspace = /^ROVI_ROS_WS_DIR=(\S+)$/m.exec(shipped)?.[1];
    if (workspace === undefined) throw new Error('env/.env.robot names no workspace');
    const robot = await Robot.boot({ name: `bench-ros-${size}` });
    try {
      await bringRealRos(robot);
      await bringRclnodejs(robot);
      const catalog = catalogOf([[MEASURED, []]], size, workspace);
      await installRovi(robot, { catalog, environment: realRosEnvironment(workspace) });
      await robot.writeFile(`/etc/systemd/system/${stackUnit(MEASURED)}.d/bench.conf`, TRIVIAL_BODY);
      await robot.writeFile(`/etc/systemd/system/${PIN}`, PIN_BODY);
      await robot.exec(['systemctl', 'daemon-reload']);
      await robot.exec(['systemctl', 'start', PIN]);
      const bench = new RosBenchRobot(size, robot);
      await bench.hand.checkClock();
      await bench.face('on');
      return bench;
    } catch (error) {
      await robot.shutdown();
      throw error;
    }
  }

  get client(): RoviClient {
    return new RoviClient({ socketPath: this.robot.path(PATHS.socket), actor: 'bench', face: 'cli' });
  }

  get unit(): string {
    return stackUnit(MEASURED);
  }

  /** The catalog's stacks, all of them. */
  get stacks(): readonly string[] {
    return [MEASURED, ...Array.from({ length: this.size - 1 }, (_, index) => fillerName(index))];
  }

  /** Resolves when the face is in this state, with all it says. */
  face(state: 'on' | 'off'): Promise<RosStatus> {
    return this.robot.waitFor(
      `the face ${state}`,
      async () => {
        const ros = await this.client.ros();
        return ros.face.state === state ? ros : null;
      },
      120_000,
    );
  }

  /** Words that run one of bench/programs with the real ROS, in the robot's graph. */
  program(name: string, ...words: readonly string[]): string[] {
    const line = `${realRosShell()}\nexec /usr/bin/python3 -u ${PROGRAMS}/${name} "$@"`;
    return ['bash', '-c', line, name, ...words];
  }

  /** Disconnects what measures and takes the robot down. */
  async shutdown(): Promise<void> {
    await Promise.allSettled([this.hand.close(), this.raw.close()]);
    await this.robot.shutdown();
  }
}
