import type { CommandOptions, CommandResult } from '@rovi/testbed';
import { bringRclnodejs, bringRealRos, hasRealRos, realRosEnvironment, realRosShell } from '@rovi/testbed';
import { InstalledRobot } from '../installed-robot.js';
import type { RobotOptions } from '../installed-robot.js';

/**
 * True where `npm run test:ros` runs this: a real ROS 2 is sourced, and rclnodejs and our packages were built for it.
 * Else the stories are skipped, each by its name in the closing summary.
 */
export const hasRos = process.env['ROVI_TEST_ROS'] === '1' && hasRealRos();

const WORKSPACE = '/home/rovi/dev/Roblibs/rovi_ros_ws';

export interface RosRobotOptions extends Pick<RobotOptions, 'catalog' | 'furnish'> {
  /** Stacks are launched by the real `ros2 launch` too, not by the stand-in. Default false. */
  readonly realLaunch?: boolean;
  /** Without rclnodejs: the face is off. Default false. */
  readonly withoutRclnodejs?: boolean;
}

/** A robot with Rovi and the real ROS of this machine, alone in its graph. Its face has left `starting`. */
export class RosRobot extends InstalledRobot {
  constructor(name: string, options: RosRobotOptions = {}) {
    const { realLaunch = false, withoutRclnodejs = false, furnish, ...rest } = options;
    super(name, {
      ...rest,
      environment: realRosEnvironment(WORKSPACE),
      hasRos: realLaunch,
      prepare: async (robot) => {
        await bringRealRos(robot);
        if (realLaunch) {
          await robot.addUser('rovi');
          await robot.writeFile(`${WORKSPACE}/install/setup.bash`, 'true\n', { owner: 'rovi' });
          await robot.exec(['chown', '-R', 'rovi', '/home/rovi']);
        }
        if (!withoutRclnodejs) await bringRclnodejs(robot);
      },
      furnish: async (installed) => {
        const settled = async () => (await installed.api.ros()).face.state !== 'starting';
        await installed.robot.waitFor('the face to settle', settled, 90_000);
        await furnish?.(installed);
      },
    });
  }

  /** A shell line with ROS sourced, as any user of the graph. */
  ros(line: string, options: CommandOptions & { readonly domain?: number } = {}): Promise<CommandResult> {
    const { domain = 0, ...rest } = options;
    return this.robot.shell(`${realRosShell(domain)}\n${line}`, { timeoutMs: 90_000, ...rest });
  }

  /** The `data` of one message, as a late joiner has it: QoS is what `ros2 topic echo` chooses by itself. */
  async latched(topic: string, options: { readonly domain?: number } = {}): Promise<string> {
    const { stdout } = await this.ros(
      `timeout 30 ros2 topic echo --once --full-length --field data ${topic}`,
      options,
    );
    return stdout.replace(/\n---\n?$/, '').trim();
  }

  /** Calls a Trigger and answers with its response. */
  async trigger(service: string): Promise<{ success: boolean; message: string }> {
    const { stdout } = await this.ros(`timeout 60 ros2 service call ${service} std_srvs/srv/Trigger`);
    const found = /Trigger_Response\(success=(True|False), message=(['"])(.*)\2\)/s.exec(stdout);
    if (found === null) throw new Error(`no response in: ${stdout}`);
    return { success: found[1] === 'True', message: (found[3] ?? '').replaceAll('\\n', '\n') };
  }
}
