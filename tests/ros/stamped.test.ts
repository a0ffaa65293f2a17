/** A base that takes `TwistStamped` alone, as ros2_control's have it: what goes out, and that nothing else does. */
import type { DriveMessage } from '@rovi/contract';
import { RosMotionBase } from '@rovi/ros';
import type { RosGraph } from '@rovi/testbed';
import { expect, test } from 'vitest';
import type { RosOptions } from './machine-with-ros.js';
import { ros } from './machine-with-ros.js';
import { meanwhile, rig, undisturbed } from './ros-programs.js';

const TOPIC = '/diff_drive_controller/cmd_vel';
interface Stamped {
  readonly header: {
    readonly stamp: { readonly sec: number; readonly nanosec: number };
    readonly frame_id: string;
  };
  readonly twist: { readonly linear: { readonly x: number; readonly y: number } };
}

/** A base that can be moved; what it is told by can be changed, as the catalog can. */
async function moving(options: RosOptions = {}) {
  const robot = await ros(options);
  const face = await rig('', robot);
  const drive = {
    ...{ topic: TOPIC, message: 'twist_stamped' as DriveMessage, frame_id: 'base_footprint' },
    ...{ rate: 20, max_speed: 3, max_duration: 60, holonomic: true },
  };
  const base = new RosMotionBase({ transport: face.transport, settings: () => ({ drive }) });
  const { pid } = await face.until('on', ({ state }) => state === 'on');
  const { graph } = robot;
  const dispose = async (): Promise<void> => {
    await face[Symbol.asyncDispose]();
    await robot[Symbol.asyncDispose]();
  };
  return { graph, face, base, drive, pid: pid ?? 0, [Symbol.asyncDispose]: dispose };
}

/** All that was published on the base's topic: each must be a whole stamped message. */
function heard(graph: RosGraph) {
  return graph.published(TOPIC).map(({ message }) => {
    const { header, twist } = message as unknown as Stamped;
    const { stamp, frame_id } = header;
    const { x, y } = twist.linear;
    expect(twist).toEqual({ linear: { x, y, z: 0 }, angular: { x: 0, y: 0, z: 0 } });
    return { frame_id, stamp: stamp.sec + stamp.nanosec / 1e9, x, y };
  });
}

const advertised = (graph: RosGraph) => graph.nodes.flatMap(({ topics }) => topics.get(TOPIC) ?? []);
const isZero = ({ x, y }: { x: number; y: number }): boolean => x === 0 && y === 0;

test('each message has the time at which it goes out and the frame of the catalog, the zeros too', async () => {
  await undisturbed(stampedAndFramed);
});

async function stampedAndFramed(): Promise<void> {
  await using robot = await moving();
  const { graph, base } = robot;
  const from = Date.now() / 1000;
  const { signal, abort } = controlled();
  const motion = base.move({ x: 0.3, y: -0.4, durationMs: 600_000 }, signal);
  await meanwhile(
    motion,
    graph.waitFor('motion', () => heard(graph).length >= 5),
  );
  expect(advertised(graph)).toEqual([
    {
      type: 'geometry_msgs/msg/TwistStamped',
      qos: { reliability: 'reliable', durability: 'volatile', depth: 1 },
    },
  ]);
  abort();
  expect(await motion).toEqual({ distance: null, source: 'not-measured' });
  await graph.waitFor('the topic to be given up', () => advertised(graph).length === 0);
  const all = heard(graph);
  const first = all.findIndex(isZero);
  expect(first).toBeGreaterThanOrEqual(5);
  expect(all.slice(0, first).every(({ x, y }) => x === 0.3 && y === -0.4)).toBe(true);
  expect(all.slice(first).every(isZero)).toBe(true);
  expect(all.length - first).toBeGreaterThanOrEqual(6);
  expect(new Set(all.map(({ frame_id }) => frame_id))).toEqual(new Set(['base_footprint']));
  const stamps = all.map(({ stamp }) => stamp);
  expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  expect(stamps[0]).toBeGreaterThanOrEqual(from);
  expect(stamps.at(-1)).toBeLessThanOrEqual(Date.now() / 1000);
  expect(new Set(stamps).size).toBeGreaterThan(5);
}

test('a halt is stamped, also where it is the first thing that the next ROS process hears', async () => {
  await undisturbed(haltedAnew);
});

async function haltedAnew(): Promise<void> {
  await using robot = await moving();
  const { graph, base, face } = robot;
  base.halt();
  await graph.waitFor('zeros', () => heard(graph).length >= 6);
  await graph.waitFor('the topic to be given up', () => advertised(graph).length === 0);
  const before = heard(graph).length;
  const motion = base.move({ x: 1, y: 0, durationMs: 600_000 }, new AbortController().signal);
  motion.catch(() => undefined);
  await meanwhile(
    motion,
    graph.waitFor('motion', () => heard(graph).length > before + 2),
  );
  process.kill(robot.pid, 'SIGKILL');
  await expect(motion).rejects.toMatchObject({ code: 'motion-lost' });
  await face.until('on again', ({ state, restarts }) => state === 'on' && restarts === 1);
  await graph.waitFor('zeros', () => heard(graph).filter(isZero).length >= 12);
  expect(heard(graph).slice(-6).every(isZero)).toBe(true);
}

test('another message in the catalog: the next drive has it, and the zeros of the last one are not its own', async () => {
  await undisturbed(changedInBetween);
});

async function changedInBetween(): Promise<void> {
  await using robot = await moving();
  const { graph, base, drive } = robot;
  await base.move({ x: 1, y: 0, durationMs: 300 }, new AbortController().signal);
  const stamped = heard(graph).length;
  drive.message = 'twist';
  const { signal, abort } = controlled();
  const motion = base.move({ x: 0.5, y: 0, durationMs: 600_000 }, signal);
  const plain = await meanwhile(
    motion,
    graph.waitFor('motion', () => {
      const since = graph.published(TOPIC).filter(({ message }) => 'linear' in message);
      return since.length >= 5 ? since : null;
    }),
  );
  expect(plain[0]?.message).toMatchObject({ linear: { x: 0.5 } });
  expect(advertised(graph).map(({ type }) => type)).toEqual(['geometry_msgs/msg/Twist']);
  expect(graph.published(TOPIC).length - plain.length).toBeGreaterThanOrEqual(stamped);
  abort();
  await motion;
}

test('it is unavailable where this ROS has no such message; and a refusal names it', async () => {
  await using robot = await moving({
    without: ['programs/node_modules/rclnodejs/generated/geometry_msgs/geometry_msgs__msg__TwistStamped.js'],
  });
  const { graph, base, drive } = robot;
  const motion = { x: 1, y: 0, durationMs: 300 };
  expect(base.unavailable?.text).toMatch(/^the interface geometry_msgs\/msg\/TwistStamped is missing/);
  await expect(base.move(motion, new AbortController().signal)).rejects.toMatchObject({
    code: 'motion-unavailable',
  });
  expect(graph.published(TOPIC)).toEqual([]);
  drive.message = 'twist';
  expect(base.unavailable).toBeNull();
  graph.pretend({ deaf: [TOPIC] });
  await expect(base.move(motion, new AbortController().signal)).rejects.toMatchObject({
    message: `nothing was moved: nobody listens on ${TOPIC}`,
    mend: expect.stringMatching(/geometry_msgs\/msg\/Twist on .*tickets\.drive\.message/) as string,
  });
});

function controlled() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
