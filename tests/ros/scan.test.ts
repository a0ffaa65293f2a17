/** A look around by way of the ROS process, on this machine, with the stand-in for rclnodejs. */
import { RosScanner } from '@rovi/ros';
import type { RosGraph } from '@rovi/testbed';
import { describe, expect, test } from 'vitest';
import type { RosOptions } from './machine-with-ros.js';
import { ros } from './machine-with-ros.js';
import { rig } from './ros-programs.js';
import { scanBytes } from './sensor-bytes.js';

const TOPIC = '/scan';

async function looking(options: RosOptions = {}) {
  const robot = await ros(options);
  const { graph } = robot;
  const face = await rig('', robot);
  const scanner = new RosScanner({ transport: face.transport, settings: () => ({ scan_topic: TOPIC }) });
  await face.until('on', ({ state }) => state === 'on');
  return {
    graph,
    face,
    scanner,
    [Symbol.asyncDispose]: async () => {
      await face[Symbol.asyncDispose]();
      await robot[Symbol.asyncDispose]();
    },
  };
}

/** Delivers this to the first that listens. */
async function deliver(graph: RosGraph, bytes: Buffer): Promise<void> {
  await graph.waitFor('somebody to listen', () => graph.deliver(TOPIC, bytes));
}

const failed = (text: RegExp) => ({
  code: 'scan-failed',
  message: expect.stringMatching(text) as string,
  mend: expect.stringMatching(/\w/) as string,
});

describe.concurrent('a scan', () => {
  test('is the next message, with null for what was not seen; nobody listens after it', async () => {
    await using robot = await looking();
    const { graph, scanner } = robot;
    expect(scanner.unavailable).toBeNull();
    const scan = scanner.scan(new AbortController().signal);
    await deliver(graph, scanBytes([0.05, 0.1, 1.5, NaN, Infinity, -Infinity, 12, 12.5, -1]));
    expect(await scan).toEqual({
      simulated: false,
      frame_id: 'laser',
      angle_min: -1.5,
      angle_increment: 0.5,
      range_min: 0.1,
      range_max: 12,
      ranges: [null, 0.1, 1.5, null, null, null, 12, null, null],
    });
    await graph.waitFor('nobody to listen', () => !graph.deliver(TOPIC, scanBytes([])));
  });

  test.each([
    ['is cut off', scanBytes([1, 2, 3]).subarray(0, 60), /ends early/],
    ['is empty', Buffer.alloc(0), /ends early/],
    ['claims more than it has', claiming(1_000), /ends early/],
    ['is too large', claiming(4_000_000_000), /4000000000 ranges, more than 20000/],
    ['has no bounds', scanBytes([1], { max: NaN }), /range_max is NaN/],
  ])('that %s fails, and the next one does not', async (_, bytes, text) => {
    await using robot = await looking();
    const scan = robot.scanner.scan(new AbortController().signal);
    scan.catch(() => undefined);
    await deliver(robot.graph, bytes);
    await expect(scan).rejects.toMatchObject(failed(text));
    const next = robot.scanner.scan(new AbortController().signal);
    await deliver(robot.graph, scanBytes([1]));
    expect((await next).ranges).toEqual([1]);
    expect(robot.face.status?.restarts).toBe(0);
  });

  test('that is called off fails at once, and nobody listens any more', async () => {
    await using robot = await looking();
    const controller = new AbortController();
    const scan = robot.scanner.scan(controller.signal);
    scan.catch(() => undefined);
    await robot.graph.waitFor(
      'somebody to listen',
      () => robot.graph.deliver('/scan', Buffer.alloc(0)) || true,
    );
    controller.abort();
    await expect(scan).rejects.toMatchObject(failed(/./));
    await expect(robot.scanner.scan(AbortSignal.abort())).rejects.toMatchObject(failed(/before it began/));
    await robot.graph.waitFor('nobody to listen', () => !robot.graph.deliver(TOPIC, scanBytes([])));
  });

  test('of a lidar that is silent fails after ten seconds, and says who publishes', async () => {
    await using robot = await looking();
    const nobody = robot.scanner.scan(new AbortController().signal);
    await expect(nobody).rejects.toMatchObject(failed(/no scan came on \/scan in 10 s: nobody publishes it/));
  });

  test('of a topic of another type fails, and says which', async () => {
    await using robot = await looking();
    robot.graph.pretend({ topics: [{ name: TOPIC, type: 'sensor_msgs/msg/PointCloud2', hertz: 0 }] });
    const other = robot.scanner.scan(new AbortController().signal);
    await expect(other).rejects.toMatchObject(failed(/it is of type sensor_msgs\/msg\/PointCloud2/));
  });

  test('fails when the ROS process ends', async () => {
    await using robot = await looking();
    const scan = robot.scanner.scan(new AbortController().signal);
    scan.catch(() => undefined);
    const { pid } = robot.face.transport.status;
    if (pid === null) throw new Error('no ROS process');
    process.kill(pid, 'SIGKILL');
    await expect(scan).rejects.toMatchObject(failed(/was ended by SIGKILL/));
    expect(robot.scanner.unavailable?.text).toMatch(/^the ROS face is/);
    await expect(robot.scanner.scan(new AbortController().signal)).rejects.toMatchObject(
      failed(/ROS face is/),
    );
  });

  test('needs sensor_msgs', async () => {
    await using robot = await looking({ without: ['ros/share/sensor_msgs'] });
    expect(robot.scanner.unavailable?.mend).toContain('Install sensor_msgs');
    await expect(robot.scanner.scan(new AbortController().signal)).rejects.toMatchObject(failed(/LaserScan/));
  });
});

/** A scan without ranges that says it has this many. */
function claiming(count: number): Buffer {
  const bytes = Buffer.from(scanBytes([]));
  bytes.writeUInt32LE(count, bytes.length - 8);
  return bytes;
}
