import type { RosBenchRobot } from './ros-bench-robot.js';

const UNIT = 'bench-poller.service';
const NAMESPACE = '/home_made';

/** The rival: a small rclpy node that asks `systemctl show` at a fixed rate (programs/ros_poller.py), as a unit of its own. */
export class Poller {
  readonly #bench: RosBenchRobot;

  private constructor(bench: RosBenchRobot) {
    this.#bench = bench;
  }

  static async start(bench: RosBenchRobot, hertz: number): Promise<Poller> {
    const program = bench.program('ros_poller.py', String(hertz), NAMESPACE, ...bench.stacks);
    await bench.robot.exec(['systemd-run', '--quiet', `--unit=${UNIT}`, '--uid=rovi', '--', ...program]);
    return new Poller(bench);
  }

  static topic(stack: string): string {
    return `${NAMESPACE}/${stack}/state`;
  }

  /** Its main process and its cgroup. */
  async place(): Promise<{ pid: number; controlGroup: string }> {
    const { stdout } = await this.#bench.robot.exec([
      'systemctl',
      'show',
      '--property=MainPID,ControlGroup',
      UNIT,
    ]);
    const [, pid = '', controlGroup = ''] = /MainPID=(\d+)[^]*ControlGroup=(\S+)/.exec(stdout) ?? [];
    return { pid: Number(pid), controlGroup };
  }

  async stop(): Promise<void> {
    await this.#bench.robot.exec(['systemctl', 'kill', '-s', 'KILL', UNIT]);
    await this.#bench.robot.exec(['systemctl', 'reset-failed', UNIT], { check: false });
    await this.#bench.robot.waitFor('the rival to be gone', async () => {
      const { stdout } = await this.#bench.robot.exec(['systemctl', 'show', '-p', 'LoadState', UNIT]);
      if (stdout.includes('not-found')) return true;
      await this.#bench.robot.exec(['systemctl', 'reset-failed', UNIT], { check: false });
      return false;
    });
  }
}
