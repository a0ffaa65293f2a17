/** The ROS process itself, on this machine, with the stand-in for rclnodejs instead of the real one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ros } from './machine-with-ros.js';
import { gone, rig } from './ros-programs.js';

const isOn = ({ state }: { state: string }): boolean => state === 'on';
const isOff = ({ state }: { state: string }): boolean => state === 'off';
const isFailing = ({ state }: { state: string }): boolean => state === 'failing';
const RCLNODEJS = 'programs/node_modules/rclnodejs';

describe.concurrent('the ROS process', () => {
  test('joins the graph with all that is there, publishes and serves', async () => {
    await using robot = await ros();
    const { graph } = robot;
    await using face = await rig('', robot);
    expect(await face.until('on', isOn)).toMatchObject({
      text: 'node /rovi/conductor, 1 topics, 1 services',
      detail: {
        node: '/rovi/conductor',
        domain_id: '42',
        rmw: 'default',
        distro: 'jazzy',
        interfaces: 'standard',
      },
    });
    await graph.waitFor('the node', () => graph.nodes.length === 1);
    const [node] = graph.nodes;
    expect(node?.name).toBe('/rovi/conductor');
    expect(Object.fromEntries(node?.topics ?? [])).toEqual({
      '/rovi/state': {
        type: 'std_msgs/msg/String',
        qos: { reliability: 'reliable', durability: 'transient_local', depth: 1 },
      },
    });
    expect(Object.fromEntries(node?.services ?? [])).toEqual({ '/rovi/get_state': 'std_srvs/srv/Trigger' });
    face.transport.publish('/rovi/state', { data: 'ü' });
    await graph.waitFor('the message', () => graph.latched('/rovi/state')?.['data'] === 'ü');

    const called = graph.call('/rovi/get_state', {});
    await graph.waitFor('the call', () => face.calls.length === 1);
    face.calls[0]?.respond({ success: true, message: 'so it is' });
    expect(await called).toEqual({ success: true, message: 'so it is' });
    // A second answer to the same call is nobody's.
    face.calls[0]?.respond({ success: false, message: '' });
    face.transport.publish('/rovi/state', { data: 'after it' });
    await graph.waitFor('the message', () => graph.latched('/rovi/state')?.['data'] === 'after it');
    expect(face.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('has the typed topics and services where rovi_interfaces is', async () => {
    await using robot = await ros({ interfaces: true });
    await using face = await rig('', robot);
    expect(await face.until('on', isOn)).toMatchObject({ detail: { interfaces: 'typed' } });
    expect(face.resyncs.map((topics) => [...topics])).toEqual([['/rovi/state', '/rovi/typed']]);
  });

  test.each([
    ['generated for rclnodejs only', 'ros/share/rovi_interfaces'],
    ['in the workspace only', 'programs/node_modules/rclnodejs/generated/rovi_interfaces'],
  ])('leaves the typed ones out where rovi_interfaces is %s', async (_, without) => {
    await using robot = await ros({ interfaces: true, without: [without] });
    await using face = await rig('', robot);
    expect(await face.until('on', isOn)).toMatchObject({ detail: { interfaces: 'standard' } });
  });

  test('says a fault of a message that cannot be published, and goes on', async () => {
    await using robot = await ros();
    await using face = await rig('', robot);
    await face.until('on', isOn);
    face.transport.publish('/rovi/state', { dota: 'x' });
    face.transport.publish('/rovi/state', { data: 'whole' });
    await robot.graph.waitFor('the next message', () => robot.graph.latched('/rovi/state'));
    expect(robot.graph.published().map(({ message }) => message)).toEqual([{ data: 'whole' }]);
    expect(face.log.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      { fault: expect.stringMatching(/^\/rovi\/state: expected a whole std_msgs\/msg\/String/) as string },
    ]);
  });

  test('looks at the graph: nodes, and topics alive at a rate', async () => {
    await using robot = await ros();
    robot.graph.pretend({
      nodes: ['/amcl', '/arm/driver'],
      topics: [
        { name: '/scan', type: 'sensor_msgs/msg/LaserScan', hertz: 50 },
        { name: '/map', type: 'nav_msgs/msg/OccupancyGrid', hertz: 0 },
      ],
    });
    await using face = await rig('', robot);
    await face.until('on', isOn);
    const node = (name: string) => face.transport.probe({ kind: 'node', name });
    const topic = (name: string, min_rate = 0) =>
      face.transport.probe({ kind: 'topic', name, window_ms: 2_000, min_rate });
    expect(await node('/amcl')).toMatchObject({ ok: true, text: 'node /amcl is there' });
    expect(await node('/arm/driver')).toMatchObject({ ok: true });
    expect(await node('/driver')).toMatchObject({ ok: false, text: 'node /driver is not there' });
    const [scan, fast, map, nothing] = await Promise.all([
      topic('/scan'),
      topic('/scan', 1000),
      topic('/map'),
      topic('/odom'),
    ]);
    expect(scan).toMatchObject({ ok: true, publishers: 1, type: 'sensor_msgs/msg/LaserScan' });
    expect(scan.rate).toBeGreaterThan(1);
    expect(fast).toMatchObject({ ok: false, text: expect.stringMatching(/expected 1000 Hz$/) as string });
    expect(map).toMatchObject({ ok: false, rate: 0, publishers: 1 });
    expect(nothing).toMatchObject({ ok: false, text: 'nobody publishes /odom', rate: null, publishers: 0 });
  });

  test('lets its last words go out before it leaves', async () => {
    for (let round = 1; ; round += 1) {
      await using robot = await ros();
      await using face = await rig('', robot);
      const { pid } = await face.until('on', isOn);
      for (let count = 0; count < 200; count += 1) {
        face.transport.publish('/rovi/state', { data: `${'x'.repeat(10_000)} ${String(count)}` });
      }
      await face.transport.stop();
      await gone(pid ?? 0);
      await robot.graph.waitFor('it to be gone', () => robot.graph.nodes.length === 0);
      // It has a second for them: on a busy machine one may be killed before.
      if (robot.graph.published().length < 200 && round < 3) continue;
      expect(robot.graph.published()).toHaveLength(200);
      expect(robot.graph.published().at(-1)?.message['data']).toMatch(/ 199$/);
      return;
    }
  });

  test('leaves the graph when its gateway is killed', async () => {
    await using robot = await ros();
    const program = new URL('bare-gateway.mjs', import.meta.url).pathname;
    const gateway = spawn(process.execPath, [program, ...robot.command], {
      env: { ...robot.environment, PATH: process.env['PATH'] },
      stdio: 'inherit',
    });
    await robot.graph.waitFor('the node', () => robot.graph.nodes.length === 1);
    const [node] = robot.graph.nodes;
    gateway.kill('SIGKILL');
    await once(gateway, 'exit');
    await robot.graph.waitFor('it to leave', () => robot.graph.nodes.length === 0);
    await gone(node?.pid ?? 0);
  });

  test('is gone with its gateway, also while it is on its way', async () => {
    await using robot = await ros({ atImport: 'block' });
    await using face = await rig('', robot);
    const { pid } = await face.until('starting', ({ state }) => state === 'starting');
    await face.transport.stop();
    await gone(pid ?? 0);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('leaves in order by %s', async (signal) => {
    await using robot = await ros();
    await using face = await rig('', robot);
    const { pid } = await face.until('on', isOn);
    process.kill(pid ?? 0, signal);
    expect((await face.until('failing', isFailing)).text).toContain('ended with exit code 0');
  });
});

describe.concurrent('native code that', () => {
  test.each([
    ['aborts', { atImport: 'abort' }, 'its process was ended by SIGABRT'],
    [
      'throws',
      { atImport: 'throw' },
      'its process ended with exit code 1 (it said: Error: told to by the testbed)',
    ],
  ] as const)('%s as it is loaded: the face fails, and is tried again', async (_, options, text) => {
    await using robot = await ros(options);
    await using face = await rig('', robot);
    expect((await face.until('failing', isFailing)).text).toContain(text);
    expect(await face.until('again', ({ restarts }) => restarts === 1)).toMatchObject({ state: 'starting' });
  });

  test.each([
    ['aborts', 'abort', 'was ended by SIGABRT'],
    ['ends the process', 'exit', 'ended with exit code 3'],
    ['does not come back', 'block', 'answered nothing for 5 s'],
  ] as const)('%s later: leaves the graph, and comes back into it', async (_, order, text) => {
    await using robot = await ros();
    await using face = await rig('', robot);
    await face.until('on', isOn);
    await robot.graph.waitFor('the node', () => robot.graph.nodes.length === 1);
    robot.graph.order(order);
    expect((await face.until('failing', isFailing)).text).toContain(text);
    await robot.graph.waitFor('it to leave', () => robot.graph.nodes.length === 0);
    expect(await face.until('on', isOn)).toMatchObject({ restarts: 1 });
    await robot.graph.waitFor('it to come back', () => robot.graph.nodes.length === 1);
  });
});

describe.concurrent('a machine that', () => {
  test.each([
    ['has no ROS sourced', { sourced: false }, 'no ROS is sourced: AMENT_PREFIX_PATH is empty', /ROS_DISTRO/],
    ['has no rclnodejs', { without: [RCLNODEJS] }, /^rclnodejs is not installed in /, /install\.sh --ros/],
    [
      'has rclnodejs without its messages',
      { without: [`${RCLNODEJS}/generated/generator.json`] },
      /has no generated messages$/,
      /install\.sh --ros/,
    ],
    [
      'has rclnodejs without its addon',
      { without: [`${RCLNODEJS}/build`] },
      'rclnodejs has no addon for this machine',
      /install\.sh --ros/,
    ],
    [
      'has an addon that cannot be loaded',
      { addon: false },
      /^the addon of rclnodejs cannot be loaded \(exit code 1\): Error: \S+librmw_missing\.so: cannot open/,
      /RMW_IMPLEMENTATION/,
    ],
    [
      'lacks an interface that all need',
      { without: ['ros/share/std_srvs'] },
      'the interface std_srvs/srv/Trigger is missing',
      /install\.sh --ros/,
    ],
  ] as const)('%s: the face is off, says so, and touches nothing', async (_, options, text, mend) => {
    await using robot = await ros(options);
    await using face = await rig('', robot);
    const status = await face.until('off', isOff);
    expect(status.text).toMatch(text);
    expect(status.mend).toMatch(mend);
    expect(status.mend).toContain('rovictl ros restart');
    expect(face.log.filter(({ level }) => level === 'warn')).toEqual([]);
    if ('addon' in options) await access(join(robot.folder, RCLNODEJS, 'build/Release/rclnodejs.node'));
    expect(robot.graph.joined).toBe(0);
  });
});
