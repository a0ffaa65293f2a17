import type { FaceStatus } from '@rovi/contract';
import type { RclnodejsOptions, Robot, RosGraph } from '@rovi/testbed';
import { installRclnodejs, openRosGraph } from '@rovi/testbed';
import { afterAll, expect } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import type { RobotOptions } from '../installed-robot.js';

export const GATEWAY = 'rovi-gateway.service';
export const NODE = '/rovi/conductor';

/** One robot for one test file, with Rovi and a ROS whose rclnodejs is the stand-in. */
export class RobotInRos extends InstalledRobot {
  #graph: RosGraph | undefined;

  constructor(name: string, options: RobotOptions & { rclnodejs?: RclnodejsOptions | false } = {}) {
    const { rclnodejs = {}, prepare, ...rest } = options;
    super(name, {
      ...rest,
      prepare: async (robot: Robot) => {
        this.#graph = await openRosGraph(robot);
        if (rclnodejs !== false) await installRclnodejs(robot, rclnodejs);
        await prepare?.(robot);
      },
    });
    afterAll(async () => {
      await this.#graph?.close();
    });
  }

  /** All of the ROS graph but Rovi's own node. */
  get graph(): RosGraph {
    if (this.#graph === undefined) throw new Error('the robot has not booted yet');
    return this.#graph;
  }

  /** How the ROS face is now. */
  async face(): Promise<FaceStatus> {
    return (await this.api.ros()).face;
  }

  /** Resolves when the face is so. */
  waitForFace(what: string, holds: (face: FaceStatus) => boolean): Promise<FaceStatus> {
    return this.robot.waitFor(
      `a ROS face that is ${what}`,
      async () => {
        const face = await this.face();
        return holds(face) ? face : null;
      },
      60_000,
    );
  }

  /** Resolves with what the face was since then, as events tell: however short it was so. */
  async faceSince(
    { seq, boot_id }: { readonly seq: number; readonly boot_id: string },
    what: string,
    holds: (face: FaceStatus) => boolean,
  ): Promise<FaceStatus> {
    const signal = AbortSignal.timeout(60_000);
    for await (const event of this.api.events({ since: seq, boot: boot_id, signal })) {
      if (event.type === 'face' && event.face.name === 'ros' && holds(event.face)) return event.face;
    }
    throw new Error(`the ROS face was never ${what}`);
  }

  /** Resolves when the face is on and its node is in the graph, with its status. */
  async on(): Promise<FaceStatus> {
    const face = await this.waitForFace('on', ({ state }) => state === 'on');
    // It is on once it has told the graph of all that it serves; that may still be on its way here.
    const { services } = await this.api.ros();
    const served = services.filter(({ type }) => !type.startsWith('rovi_interfaces/'));
    await this.graph.waitFor('the node', () =>
      this.graph.nodes.some(
        (node) => node.pid === face.pid && served.every(({ name }) => node.services.has(name)),
      ),
    );
    return face;
  }

  /** Signals a process of the robot. */
  async signal(pid: number | null, signal: string): Promise<void> {
    await this.robot.exec(['kill', `-${signal}`, String(pid)]);
  }

  /** Sends the running ROS process a signal; resolves with its PID. */
  async signalRos(signal: string): Promise<number> {
    const { pid } = await this.face();
    await this.signal(pid, signal);
    return pid ?? 0;
  }

  /** Resolves when no process of this PID is on the robot. */
  async gone(pid: number): Promise<void> {
    await this.robot.waitFor(
      `process ${String(pid)} to end`,
      async () => !(await this.exists(`/proc/${String(pid)}`)),
      30_000,
    );
  }

  /** Resolves when a reader of this latched topic sees this value. */
  async latched(topic: string, data: unknown): Promise<void> {
    await this.graph.waitFor(
      `${topic} to say ${JSON.stringify(data)}`,
      () => this.graph.latched(topic)?.['data'] === data,
      60_000,
    );
  }

  /** Calls a service that answers as std_srvs/Trigger does. */
  async trigger(service: string): Promise<{ success: boolean; message: string }> {
    const response = await this.graph.call(service);
    expect(Object.keys(response).sort()).toEqual(['message', 'success']);
    return response as unknown as { success: boolean; message: string };
  }
}
