/**
 * A base of a process of its own is moved by way of a real ROS 2, on this machine (its own domain, localhost alone),
 * and stopped in every way there is. Says what it measured: from whatever stops it to the first zero at the base.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DriveMessage } from '@rovi/contract';
import { RosMotionBase, RosScanner } from '@rovi/ros';
import { REPOSITORY } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gone, rig, until } from '../ros/ros-programs.js';
import type { Rig } from '../ros/ros-programs.js';
import { hasRos } from './ros-robot.js';
import { Figures, now, ToldBase } from './told-base.js';

const RATE = 20;
const DEAD_MS = 300;
const LONG_MS = 600_000;
/** For a machine that has other things to do; the figures are told beside it. */
const SLACK_MS = 400;
const settings = () => ({
  drive: {
    topic: '/cmd_vel',
    message: 'twist' as DriveMessage,
    frame_id: 'base_link',
    rate: RATE,
    odometry: '/odom',
    max_speed: 3,
    max_duration: 60,
    holonomic: true,
  },
  scan_topic: '/scan',
});

/** A program that has ROS. */
function inRos(program: string): [string, ...string[]] {
  const setups = (process.env['ROVI_ROS_SETUP'] ?? '').split(' ').filter((path) => path !== '');
  const lines = [
    ...[...setups, `${REPOSITORY}/test-output/ros/ws/install/setup.bash`].map((path) => `source ${path}`),
    'export RMW_IMPLEMENTATION=rmw_cyclonedds_cpp ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST',
    'export ROS_DOMAIN_ID=77 HOME=/tmp',
    `exec ${program}`,
  ];
  return ['bash', '-c', lines.join('\n')];
}

const rosProcess = inRos(
  `${process.execPath} ${join(REPOSITORY, 'dist/rovi-ros.mjs')} ${join(REPOSITORY, 'test-output/ros/rclnodejs')}`,
);

describe.skipIf(!hasRos)('a base in a real ROS 2', () => {
  const figures = new Figures();
  let base: ToldBase;
  let face: Rig;
  let motion: RosMotionBase;

  beforeAll(async () => {
    const [program, ...words] = inRos(`python3 ${join(REPOSITORY, 'tests/with-ros/base.py')}`);
    base = new ToldBase(spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] }));
    await base.ready();
    face = await rig('', { command: rosProcess });
    await on();
    motion = new RosMotionBase({ transport: face.transport, settings });
  });

  afterAll(async () => {
    await face?.[Symbol.asyncDispose]();
    base?.child.kill('SIGKILL');
    await figures.keep('motion');
  });

  const on = () => face.until('on', ({ state }) => state === 'on');

  /** A drive that nobody ends. Resolves when the base has heard some of it. */
  async function driveOn() {
    const begin = now();
    const controller = new AbortController();
    const outcome = motion.move({ x: 0.5, y: 0, durationMs: LONG_MS }, controller.signal).then(
      (travelled) => ({ travelled, error: null }),
      (error: unknown) => ({ travelled: null, error }),
    );
    await base.moving(begin);
    return { controller, outcome, begin };
  }

  test('moves at the rate for its time; what it has come is measured', async () => {
    const begin = now();
    const travelled = await motion.move({ x: 0.3, y: -0.4, durationMs: 2_000 }, new AbortController().signal);
    await base.firstZero(begin);
    const moved = base.moves(begin);
    expect(moved.every(({ x, y }) => x === 0.3 && y === -0.4)).toBe(true);
    expect(moved.length).toBeGreaterThan(30);
    expect(moved.length).toBeLessThanOrEqual(40);
    expect(travelled.source).toBe('measured');
    expect(travelled.distance).toBeGreaterThan(0.7);
    expect(travelled.distance).toBeLessThan(1.3);
    figures.add('2 s at 0.5 m/s: metres measured', travelled.distance ?? NaN);
    figures.add('2 s at 20 Hz: Twists at the base', moved.length);
  });

  test('stops when it is cancelled: 20 times', async () => {
    const took: number[] = [];
    for (let count = 0; count < 20; count += 1) {
      const { controller, outcome } = await driveOn();
      const from = now();
      controller.abort();
      took.push(await base.firstZero(from));
      expect((await outcome).travelled).toMatchObject({ source: 'measured' });
    }
    figures.add('cancel to the first zero, ms', ...took);
    expect(Math.max(...took)).toBeLessThan(SLACK_MS);
  });

  test('takes TwistStamped alone: a Twist has no listener there; stamped it moves, and stops when it is cancelled', async () => {
    const topic = '/base_controller/cmd_vel';
    const { transport } = face;
    const told = (message: DriveMessage) =>
      new RosMotionBase({
        transport,
        settings: () => ({ drive: { ...settings().drive, topic, message, frame_id: 'base_footprint' } }),
      });
    const drive = { x: 0.5, y: 0, durationMs: LONG_MS };
    const begin = now();
    await expect(told('twist').move(drive, new AbortController().signal)).rejects.toMatchObject({
      code: 'motion-unavailable',
      message: `nothing was moved: nobody listens on ${topic}`,
    });
    expect(base.twists(begin)).toEqual([]);
    const took: number[] = [];
    for (let count = 0; count < 10; count += 1) {
      const from = now();
      const controller = new AbortController();
      const motion = told('twist_stamped').move(drive, controller.signal);
      await base.moving(from);
      const end = now();
      controller.abort();
      took.push(await base.firstZero(end));
      expect(await motion).toMatchObject({ source: 'measured' });
    }
    const heard = base.twists(begin);
    expect(new Set(heard.map(({ frame }) => frame))).toEqual(new Set(['base_footprint']));
    expect(heard.filter(({ age }) => age === undefined || age < 0)).toEqual([]);
    figures.add('stamped: cancel to the first zero, ms', ...took);
    figures.add('stamped: age at the base, ms', ...heard.map(({ age }) => (age ?? NaN) * 1000));
    expect(Math.max(...took)).toBeLessThan(SLACK_MS);
  });

  test('hears nothing on its topic while nobody drives', async () => {
    const { stdout } = spawn(...program('ros2 topic info --no-daemon --spin-time 2 /cmd_vel'));
    let text = '';
    stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const from = now();
    await once(stdout, 'end');
    expect(text).toContain('Publisher count: 0');
    expect(base.twists(from + 1_000)).toEqual([]);
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'stops by the dead man’s switch: %s of the gateway',
    async (signal) => {
      const took: number[] = [];
      for (let count = 0; count < 5; count += 1) {
        const begin = now();
        const gateway = spawn(
          process.execPath,
          [join(REPOSITORY, 'tests/ros/moving-gateway.mjs'), ...rosProcess],
          { stdio: ['ignore', 'ignore', 'inherit'] },
        );
        await base.moving(begin, 10);
        const from = now();
        gateway.kill(signal);
        took.push(await base.firstZero(from));
        gateway.kill('SIGKILL');
        if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit');
      }
      figures.add(`${signal} of the gateway to the first zero, ms`, ...took);
      expect(Math.max(...took)).toBeLessThan(DEAD_MS + 1000 / RATE + SLACK_MS);
    },
  );

  test('is lost with the ROS process, stops by its own timeout, and is told zeros by the next process', async () => {
    const { outcome } = await driveOn();
    const { pid } = face.transport.status;
    if (pid === null) throw new Error('no ROS process');
    const from = now();
    process.kill(pid, 'SIGKILL');
    expect((await outcome).error).toMatchObject({ code: 'motion-lost' });
    figures.add('SIGKILL of the ROS process to motion-lost, ms', now() - from);
    await gone(pid);
    await until('the base’s own timeout', () => base.timedOut(from));
    await base.firstZero(from);
    await on();
  });

  test('sees: the next scan, with null where there was nothing', async () => {
    const scanner = new RosScanner({ transport: face.transport, settings });
    expect(scanner.unavailable).toBeNull();
    const scan = await scanner.scan(new AbortController().signal);
    expect(scan).toMatchObject({ simulated: false, frame_id: 'laser', range_min: 0.1, range_max: 12 });
    expect(scan.ranges).toHaveLength(361);
    expect(scan.ranges.slice(0, 5)).toEqual([null, 2, 2, 2, null]);
  });

  test('that is gone: a drive is refused', async () => {
    const { child } = base;
    child.kill('SIGKILL');
    await until('the base to leave', () => child.exitCode !== null || child.signalCode !== null);
    // The middleware finds out by itself, or a drive that nobody hears is lost.
    const end = now() + 60_000;
    let error: unknown = null;
    while (now() < end && (error as { code?: string } | null)?.code !== 'motion-unavailable') {
      error = await motion.move({ x: 1, y: 0, durationMs: 500 }, new AbortController().signal).then(
        () => null,
        (refusal: unknown) => refusal,
      );
    }
    expect(error).toMatchObject({ message: 'nothing was moved: nobody listens on /cmd_vel' });
  });

  function program(line: string): [string, string[], { stdio: ['ignore', 'pipe', 'inherit'] }] {
    const [name, ...words] = inRos(line);
    return [name, words, { stdio: ['ignore', 'pipe', 'inherit'] }];
  }
});
