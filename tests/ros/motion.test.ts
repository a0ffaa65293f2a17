/** Motion by way of the ROS process, on this machine, with the stand-in for rclnodejs: what moves, and all that stops it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Travelled } from '@rovi/conductor';
import { RoviError } from '@rovi/contract';
import { NoRosTransport, RosMotionBase } from '@rovi/ros';
import type { RosGraph } from '@rovi/testbed';
import { describe, expect, test } from 'vitest';
import type { RosOptions } from './machine-with-ros.js';
import { ros } from './machine-with-ros.js';
import { meanwhile, rig, undisturbed } from './ros-programs.js';
import { odometryBytes } from './sensor-bytes.js';

const TOPIC = '/cmd_vel';
const drive = {
  topic: TOPIC,
  message: 'twist' as const,
  frame_id: 'base_link',
  rate: 20,
  max_speed: 3,
  max_duration: 60,
  holonomic: true,
};
const LONG_MS = 600_000;
const isOn = ({ state }: { state: string }): boolean => state === 'on';

/** Disposes of the last first. */
const lastFirst = (...parts: readonly AsyncDisposable[]): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
  },
});

/** A base that can be moved, and what is seen of it. */
async function moving(options: RosOptions = {}, settings: { odometry?: string } = {}) {
  const robot = await ros(options);
  const face = await rig('', robot);
  const base = new RosMotionBase({
    transport: face.transport,
    settings: () => ({ drive: { ...drive, ...settings } }),
  });
  const { pid } = await face.until('on', isOn);
  if (pid === null) throw new Error('no ROS process');
  const { graph } = robot;
  await graph.waitFor('the node', () => graph.nodes.length === 1);
  return { graph, face, base, pid, ...lastFirst(robot, face) };
}

/** What was published on the base's topic: when, and how fast. */
function twists(graph: RosGraph): { x: number; y: number; at: number }[] {
  return graph.published(TOPIC).map(({ message, at }) => {
    const { linear, angular } = message as Record<'linear' | 'angular', { x: number; y: number; z: number }>;
    expect([linear.z, angular.x, angular.y, angular.z]).toEqual([0, 0, 0, 0]);
    return { x: linear.x, y: linear.y, at };
  });
}

const moves = (graph: RosGraph) => twists(graph).filter(({ x, y }) => x !== 0 || y !== 0);
const zeros = (graph: RosGraph) => twists(graph).filter(({ x, y }) => x === 0 && y === 0);
const some = <T>(items: T[]): T[] | null => (items.length > 0 ? items : null);
const isGivenUp = (graph: RosGraph) => !graph.nodes.some(({ topics }) => topics.has(TOPIC));

/** Resolves when the topic is given up: zeros have gone out last, and nothing that moves came between or after them. */
async function stopped(graph: RosGraph, from = 0): Promise<void> {
  await graph.waitFor('zeros', () => zeros(graph).some(({ at }) => at > from));
  await graph.waitFor('the topic to be given up', () => isGivenUp(graph));
  const all = twists(graph).filter(({ at }) => at > from);
  const first = all.findIndex(({ x, y }) => x === 0 && y === 0);
  expect(all.slice(first).every(({ x, y }) => x === 0 && y === 0)).toBe(true);
  expect(all.length - first).toBeGreaterThanOrEqual(2);
}

/** A drive that nobody ends; what becomes of it. */
function driveOn(base: RosMotionBase) {
  const controller = new AbortController();
  const outcome = base.move({ x: 0.5, y: 0, durationMs: LONG_MS }, controller.signal).then(
    (travelled) => travelled,
    (error: unknown) => error as RoviError,
  );
  return { controller, outcome };
}

/** What has become of a drive that must not be lost. Throws what it was lost by. */
async function kept(outcome: Promise<Travelled | RoviError>): Promise<Travelled> {
  const ended = await outcome;
  if (ended instanceof RoviError) throw ended;
  return ended;
}

/** A base that moves, by a drive that nobody ends. */
function driving() {
  return undisturbed(async () => {
    const robot = await moving();
    const { graph, base } = robot;
    const drive = driveOn(base);
    try {
      await meanwhile(
        kept(drive.outcome),
        graph.waitFor('motion', () => moves(graph).length >= 3),
      );
    } catch (error) {
      await robot[Symbol.asyncDispose]();
      throw error;
    }
    return { ...robot, ...drive };
  });
}

function expectLost(outcome: Travelled | RoviError): void {
  expect(outcome).toBeInstanceOf(RoviError);
  expect(outcome).toMatchObject({ code: 'motion-lost', mend: expect.stringMatching(/\w/) as string });
}

describe('a drive', () => {
  test('is Twists at the rate for its time, then zeros; nothing before it, nothing after it', async () => {
    await using robot = await moving();
    const { graph, base } = robot;
    expect(base.unavailable).toBeNull();
    expect(isGivenUp(graph)).toBe(true);
    const counts: number[] = [];
    const lasts: number[] = [];
    while (lasts.length < 3) {
      const from = await undisturbed(async () => {
        const begin = performance.now();
        const motion = { x: 0.3, y: -0.4, durationMs: 1_000 };
        expect(await base.move(motion, new AbortController().signal)).toEqual({
          distance: null,
          source: 'not-measured',
        });
        return begin;
      });
      await stopped(graph, from);
      const mine = twists(graph).filter(({ at }) => at > from);
      const moved = mine.filter(({ x }) => x !== 0);
      expect(moved.every(({ x, y }) => x === 0.3 && y === -0.4)).toBe(true);
      // 20 where nothing is late; what is late is left out, never made up for.
      expect(moved.length).toBeLessThanOrEqual(20);
      counts.push(moved.length);
      lasts.push((mine[moved.length]?.at ?? 0) - (mine[0]?.at ?? 0));
      expect(graph.nodes[0]?.topics.get(TOPIC)).toBeUndefined();
    }
    // The best of three: where this machine stands still, the first is heard late, or some are left out.
    expect(Math.max(...counts)).toBeGreaterThan(10);
    expect(Math.max(...lasts)).toBeGreaterThan(900);
    expect(Math.min(...lasts)).toBeLessThan(3_000);
  });

  test('is stopped by its abort: zeros at once, and it resolves', async () => {
    const took: number[] = [];
    while (took.length < 3) {
      await undisturbed(async () => {
        await using robot = await moving();
        const { graph, base } = robot;
        const { controller, outcome } = driveOn(base);
        await meanwhile(
          kept(outcome),
          graph.waitFor('motion', () => moves(graph).length >= 5),
        );
        const begin = performance.now();
        controller.abort();
        expect(await kept(outcome)).toEqual({ distance: null, source: 'not-measured' });
        const [first] = await graph.waitFor('a zero', () => some(zeros(graph)));
        await stopped(graph);
        took.push((first?.at ?? Infinity) - begin);
      });
    }
    // The best of three: what a busy machine adds is not Rovi's.
    expect(Math.min(...took)).toBeLessThan(250);
  });

  test('is stopped in the very turn of its abort, whatever the gateway does next', async () => {
    await undisturbed(async () => {
      await using robot = await moving();
      const { graph, base } = robot;
      const { controller, outcome } = driveOn(base);
      await meanwhile(
        kept(outcome),
        graph.waitFor('motion', () => moves(graph).length >= 3),
      );
      controller.abort();
      const end = performance.now() + 1_000;
      while (performance.now() < end);
      // Had the halt not been sent before that, the dead man's switch would have ended it, each time.
      expect(await kept(outcome)).toEqual({ distance: null, source: 'not-measured' });
    });
  });

  test('ends by the dead man’s switch where the gateway’s own turn lasts too long', async () => {
    await using robot = await driving();
    const { graph, outcome } = robot;
    const end = performance.now() + 1_000;
    while (performance.now() < end);
    expectLost(await outcome);
    await stopped(graph);
  });

  test('that was aborted before it began moves nothing', async () => {
    await using robot = await moving();
    const motion = { x: 1, y: 0, durationMs: 1_000 };
    expect(await robot.base.move(motion, AbortSignal.abort())).toEqual({
      distance: null,
      source: 'not-measured',
    });
    expect(twists(robot.graph)).toEqual([]);
  });

  test('is refused beside another one, which goes on', async () => {
    await undisturbed(async () => {
      await using robot = await moving();
      const { graph, base } = robot;
      const { controller, outcome } = driveOn(base);
      await meanwhile(
        kept(outcome),
        graph.waitFor('motion', () => moves(graph).length >= 1),
      );
      const second = base.move({ x: 2, y: 0, durationMs: 1_000 }, new AbortController().signal);
      await expect(second).rejects.toMatchObject({
        code: 'motion-unavailable',
        message: expect.stringContaining('another drive goes on') as string,
      });
      const before = moves(graph).length;
      await meanwhile(
        kept(outcome),
        graph.waitFor('motion', () => moves(graph).length > before),
      );
      controller.abort();
      await kept(outcome);
      expect(moves(graph).every(({ x }) => x === 0.5)).toBe(true);
    });
  });

  test('follows on another one at once, and is not stopped by its zeros', async () => {
    await undisturbed(async () => {
      await using robot = await moving();
      const { graph, base } = robot;
      await base.move({ x: 1, y: 0, durationMs: 200 }, new AbortController().signal);
      const { controller, outcome } = driveOn(base);
      const seen = await meanwhile(
        kept(outcome),
        graph.waitFor('motion', () => {
          const second = twists(graph).filter(({ x }) => x === 0.5);
          return second.length >= 10 ? second : null;
        }),
      );
      const between = zeros(graph).filter(({ at }) => at > (seen[0]?.at ?? 0));
      controller.abort();
      await kept(outcome);
      expect(between).toEqual([]);
      await stopped(graph, seen[0]?.at);
    });
  });

  test('is refused where nobody listens: nothing is published', async () => {
    await using robot = await moving();
    robot.graph.pretend({ deaf: [TOPIC] });
    const move = robot.base.move({ x: 1, y: 0, durationMs: 1_000 }, new AbortController().signal);
    await expect(move).rejects.toMatchObject({
      code: 'motion-unavailable',
      message: 'nothing was moved: nobody listens on /cmd_vel',
      mend: expect.stringContaining('tickets.drive.topic') as string,
    });
    expect(twists(robot.graph)).toEqual([]);
    await robot.graph.waitFor('the topic to be given up', () => isGivenUp(robot.graph));
  });

  test('is lost when the base’s controller leaves', async () => {
    await using robot = await driving();
    const { graph, outcome } = robot;
    graph.pretend({ deaf: [TOPIC] });
    expectLost(await outcome);
    await stopped(graph);
  });
});

describe('halt', () => {
  test('sends zeros also where nothing moves by us, and gives the topic up again', async () => {
    await using robot = await moving();
    robot.base.halt();
    await stopped(robot.graph);
    expect(zeros(robot.graph).length).toBeGreaterThanOrEqual(5);
    expect(moves(robot.graph)).toEqual([]);
  });

  test('ends a drive, which resolves', async () => {
    await undisturbed(async () => {
      await using robot = await moving();
      const { outcome } = driveOn(robot.base);
      await meanwhile(
        kept(outcome),
        robot.graph.waitFor('motion', () => moves(robot.graph).length >= 3),
      );
      robot.base.halt();
      expect(await kept(outcome)).toEqual({ distance: null, source: 'not-measured' });
      await stopped(robot.graph);
    });
  });

  test('is the first thing a ROS process hears that was not there', async () => {
    await using robot = await moving();
    process.kill(robot.pid, 'SIGKILL');
    await robot.face.until('failing', ({ state }) => state === 'failing');
    robot.base.halt();
    await stopped(robot.graph);
  });
});

describe('the ROS process', () => {
  test('reads no more, and more waits for it than may: a halt still gets to it', async () => {
    await using robot = await moving();
    const { graph, face } = robot;
    process.kill(robot.pid, 'SIGSTOP');
    for (let count = 0; count < 30; count += 1) {
      face.transport.publish('/rovi/state', { data: 'x'.repeat(500_000) });
    }
    robot.base.halt();
    process.kill(robot.pid, 'SIGCONT');
    await stopped(graph);
    expect(graph.published('/rovi/state').length).toBeLessThan(30 + face.resyncs.length);
  });

  test('killed in the middle: the motion is lost, and the next process begins with zeros', async () => {
    await using robot = await driving();
    const { graph, outcome } = robot;
    process.kill(robot.pid, 'SIGKILL');
    expectLost(await outcome);
    expect(robot.base.unavailable).toMatchObject({
      text: expect.stringMatching(/^the ROS face is (failing|starting): /) as string,
      mend: expect.stringMatching(/\w/) as string,
    });
    expect(zeros(graph)).toEqual([]);
    await robot.face.until('on again', ({ state, restarts }) => state === 'on' && restarts === 1);
    await stopped(graph);
  });

  test('stopped in the middle: the motion is lost within 1.5 s; when it goes on, it goes on with zeros', async () => {
    const took: number[] = [];
    while (took.length < 3) {
      await using robot = await driving();
      const { graph, outcome } = robot;
      process.kill(robot.pid, 'SIGSTOP');
      const begin = performance.now();
      expectLost(await outcome);
      took.push(performance.now() - begin);
      const before = moves(graph).length;
      process.kill(robot.pid, 'SIGCONT');
      await stopped(graph);
      // Its timer was due when it went on.
      expect(moves(graph).length).toBe(before);
    }
    // The best of three: what a busy machine adds is not Rovi's.
    expect(Math.min(...took)).toBeLessThan(4_000);
  });

  test.each([
    ['by SIGTERM', ({ pid }: { pid: number }) => void process.kill(pid, 'SIGTERM')],
    ['when it is started anew', ({ face }: Awaited<ReturnType<typeof moving>>) => face.transport.restart()],
    ['when the gateway ends', ({ face }: Awaited<ReturnType<typeof moving>>) => void face.transport.stop()],
  ] as const)('stops the base before it ends %s', async (_, end) => {
    await using robot = await driving();
    const { graph, outcome } = robot;
    end(robot);
    expectLost(await outcome);
    await graph.waitFor('zeros', () => zeros(graph).length >= 3);
  });
});

describe('a gateway', () => {
  /** A gateway of its own that moves the base, and what it says. */
  async function gateway() {
    const robot = await ros();
    const program = new URL('moving-gateway.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, ...robot.command], {
      env: { ...robot.environment, PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const killed = {
      [Symbol.asyncDispose]: async () => {
        const ended = child.exitCode !== null || child.signalCode !== null || once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
    };
    const { graph } = robot;
    const said = once(createInterface(child.stdout), 'line') as Promise<string[]>;
    const lost = said.then(([line]): never => {
      throw new RoviError('motion-lost', line ?? '');
    });
    lost.catch(() => undefined);
    const all = lastFirst(robot, killed);
    try {
      await meanwhile(
        lost,
        graph.waitFor('motion', () => moves(graph).length >= 10),
      );
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
    return { graph, child, said, ...all };
  }

  /** Milliseconds from now to the first zero. */
  async function untilZero(graph: RosGraph): Promise<number> {
    const begin = performance.now();
    const [first] = await graph.waitFor('a zero', () => some(zeros(graph)));
    return (first?.at ?? Infinity) - begin;
  }

  test('that is stopped: the base stops by itself, and the motion is lost when the gateway goes on', async () => {
    const took: number[] = [];
    while (took.length < 3) {
      await using machine = await undisturbed(gateway);
      machine.child.kill('SIGSTOP');
      took.push(await untilZero(machine.graph));
      await stopped(machine.graph);
      machine.child.kill('SIGCONT');
      expect((await machine.said)[0]).toMatch(/^motion-lost: .*for 300 ms/);
    }
    // The best of three: what a busy machine adds is not Rovi's.
    expect(Math.min(...took)).toBeLessThan(1_000);
  });

  test('that is killed: the base stops, and the process leaves the graph', async () => {
    const took: number[] = [];
    while (took.length < 3) {
      await using machine = await undisturbed(gateway);
      machine.child.kill('SIGKILL');
      took.push(await untilZero(machine.graph));
      await machine.graph.waitFor('it to leave', () => machine.graph.nodes.length === 0);
      expect(zeros(machine.graph).length).toBeGreaterThanOrEqual(5);
      const last = twists(machine.graph).at(-1);
      expect([last?.x, last?.y]).toEqual([0, 0]);
    }
    expect(Math.min(...took)).toBeLessThan(1_000);
  });
});

describe('the distance', () => {
  const ODOMETRY = '/odom';

  /** A robot whose odometry says, at 50 Hz, what `position` says; resolves when it begins to be heard. */
  async function located(position: () => [x: number, y: number] | null) {
    const robot = await moving({}, { odometry: ODOMETRY });
    const timer = setInterval(() => {
      const place = position();
      if (place !== null) robot.graph.deliver(ODOMETRY, odometryBytes(...place));
    }, 20);
    const cleared = { [Symbol.asyncDispose]: () => Promise.resolve(clearInterval(timer)) };
    return { ...robot, ...lastFirst(robot, cleared) };
  }

  test('is the way that odometry has come, not how far it is from where it was', async () => {
    let graph: RosGraph | null = null;
    // With each Twist 1 m to and fro, from where the base was before.
    await using robot = await located(() => [7 + (graph === null ? 0 : moves(graph).length % 2), -3]);
    graph = robot.graph;
    const travelled = await undisturbed(async () => {
      return robot.base.move({ x: 1, y: 0, durationMs: 1_000 }, new AbortController().signal);
    });
    expect(travelled.source).toBe('measured');
    expect(Number.isInteger(travelled.distance)).toBe(true);
    expect(travelled.distance).toBeGreaterThan(5);
    expect(travelled.distance).toBeLessThanOrEqual(20);
  });

  test.each([
    ['never comes', () => null],
    ['is no number', (): [number, number] => [NaN, 0]],
  ])('is not measured where odometry %s', async (_, position) => {
    await using robot = await located(position);
    const travelled = await undisturbed(async () => {
      return robot.base.move({ x: 1, y: 0, durationMs: 300 }, new AbortController().signal);
    });
    expect(travelled).toEqual({ distance: null, source: 'not-measured' });
  });

  test('is not measured where nav_msgs is missing; the base moves all the same', async () => {
    await using robot = await moving({ without: ['ros/share/nav_msgs'] }, { odometry: ODOMETRY });
    const travelled = await undisturbed(async () => {
      return robot.base.move({ x: 1, y: 0, durationMs: 300 }, new AbortController().signal);
    });
    expect(travelled).toEqual({ distance: null, source: 'not-measured' });
  });
});

describe('a base is unavailable', () => {
  const unavailable = expect.objectContaining({ code: 'motion-unavailable' }) as RoviError;
  const motion = { x: 1, y: 0, durationMs: 100 };

  test('where the face is off', async () => {
    const transport = new NoRosTransport('the catalog says so', 'Change it.');
    const base = new RosMotionBase({ transport, settings: () => ({ drive }) });
    expect(base.unavailable).toEqual({
      text: 'the ROS face is off: the catalog says so',
      mend: 'Change it.',
    });
    await expect(base.move(motion, new AbortController().signal)).rejects.toEqual(unavailable);
  });

  test('before the face is on, and where geometry_msgs is missing', async () => {
    await using robot = await ros({ without: ['ros/share/geometry_msgs'] });
    await using face = await rig('', robot);
    const base = new RosMotionBase({ transport: face.transport, settings: () => ({ drive }) });
    expect(base.unavailable?.text).toMatch(/^the ROS face is starting: /);
    expect(base.unavailable?.mend).toMatch(/rovictl ros status/);
    await expect(base.move(motion, new AbortController().signal)).rejects.toEqual(unavailable);
    await face.until('on', isOn);
    expect(base.unavailable).toMatchObject({
      text: expect.stringMatching(/^the interface geometry_msgs\/msg\/Twist is missing/) as string,
      mend: expect.stringContaining('Install geometry_msgs') as string,
    });
    await expect(base.move(motion, new AbortController().signal)).rejects.toEqual(unavailable);
    base.halt();
    expect(twists(robot.graph)).toEqual([]);
  });
});
