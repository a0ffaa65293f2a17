/** A robot without rclnodejs: the face is off by name, all else is as ever; what was missing comes later. */
import { installRclnodejs } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { OPERATOR, shippedCatalog } from '../installed-robot.js';
import { GATEWAY, NODE, RobotInRos } from './robot-in-ros.js';

const installed = new RobotInRos('ros-absent', { catalog: shippedCatalog(), rclnodejs: false });
const MISSING = 'rclnodejs is not installed in /usr/local/lib/rovi/ros';
const MEND = 'install.sh --ros';

/** What doctor has to say of the face. */
async function doctor(): Promise<{ code: number; face: unknown; faults: unknown[] }> {
  const { code, stdout } = await installed.rovictl(['doctor', '--json']);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; finding: string }[] };
  return {
    code,
    face: checks.find(({ name }) => name === 'ROS face'),
    faults: checks.filter(({ finding }) => finding === 'fault'),
  };
}

test('status, doctor, ros status and the API say that it is off, why, and how to mend it', async () => {
  const face = await installed.waitForFace('off', ({ state }) => state === 'off');
  expect(face).toMatchObject({
    name: 'ros',
    text: MISSING,
    mend: expect.stringContaining(MEND) as string,
    pid: null,
    restarts: 0,
    detail: {},
  });
  expect((await installed.api.state()).faces).toContainEqual(face);
  const status = await installed.rovictl(['status'], { user: OPERATOR });
  expect(status.code).toBe(0);
  expect(status.stdout.replace(/\s+/g, ' ')).toContain(`ROS ○ off: ${MISSING}`);
  const ros = await installed.rovictl(['ros', 'status'], { user: OPERATOR });
  expect(ros.code).toBe(0);
  expect(ros.stdout).toContain(`off: ${MISSING}`);
  expect(ros.stdout).toContain(MEND);
  expect(ros.stdout).toMatch(
    /topic +\/rovi\/state +std_msgs\/msg\/String +reliable, transient_local, depth 1/,
  );
  expect(await doctor()).toMatchObject({
    code: 0,
    face: { finding: 'note', text: `off: ${MISSING}`, mend: expect.stringContaining(MEND) as string },
    faults: [],
  });
});

test('nothing else changes: stacks start, switch and stop; what is asked of ROS is answered', async () => {
  expect(await installed.property(GATEWAY, 'ActiveState')).toBe('active');
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded', warnings: [] });
  expect(await installed.api.switchTo('camera')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.api.stop('camera')).toMatchObject({ outcome: 'succeeded' });
  for (const probe of [['available'], ['node', '/amcl'], ['topic', '/scan']]) {
    const { code, stdout } = await installed.rovictl(['ros', 'probe', ...probe]);
    expect([code, stdout]).toEqual([1, `✗ the ROS face is off: ${MISSING}\n`]);
  }
  const restarted = await installed.rovictl(['ros', 'restart']);
  expect(restarted.code).toBe(1);
  expect(restarted.stdout).toContain(`off: ${MISSING}`);
});

test('without ROS itself, or without its environment file, it is off with what the runner says', async () => {
  const places = [
    ['/opt/ros/jazzy/bin/ros2', 'ros2 was not found on PATH after sourcing'],
    ['/etc/rovi/.env.robot', 'environment file /etc/rovi/.env.robot is missing'],
  ] as const;
  for (const [path, text] of places) {
    await installed.robot.exec(['mv', path, '/root/kept']);
    const { code, stdout } = await installed.rovictl(['ros', 'restart']);
    await installed.robot.exec(['mv', '/root/kept', path]);
    expect(code).toBe(1);
    expect(stdout).toContain(`off: ${text}`);
  }
});

test('what was missing is mended: `ros restart` turns it on, and a running stack runs on', async () => {
  await installed.api.start('nav');
  const nav = await installed.run('rovi-nav');
  const gateway = await installed.run(GATEWAY);
  await installRclnodejs(installed.robot);
  const restarted = await installed.rovictl(['ros', 'restart'], { user: OPERATOR });
  expect(restarted.stdout).toMatch(/^ROS ● on since .* · \/rovi\/conductor · domain 0 · rmw_cyclonedds_cpp/);
  expect(restarted.code).toBe(0);
  expect((await installed.on()).restarts).toBe(0);
  expect(installed.graph.nodes.map(({ name }) => name)).toEqual([NODE]);
  await installed.latched('/rovi/units/nav/state', 'active');
  expect(await installed.run('rovi-nav')).toEqual(nav);
  expect(await installed.run(GATEWAY)).toEqual(gateway);
  expect((await installed.rovictl(['ros', 'probe', 'available'])).code).toBe(0);
  expect(await doctor()).toMatchObject({ code: 0, face: { finding: 'ok' }, faults: [] });
  const status = await installed.rovictl(['status']);
  expect(status.stdout).toMatch(/ROS +● on since/);
});

test('of one that is on, `ros restart` makes another, and says so only then', async () => {
  const before = await installed.face();
  expect((await installed.rovictl(['ros', 'restart'])).code).toBe(0);
  const after = await installed.face();
  expect(after).toMatchObject({ state: 'on', restarts: 0 });
  expect(after.pid).not.toBe(before.pid);
  await installed.gone(before.pid ?? 0);
});

test('a catalog with no ROS face and no TCP address: no ROS process, and a private network', async () => {
  const { pid } = await installed.on();
  await installed.api.stopAll();
  const catalog = shippedCatalog((text) =>
    Object.assign(text, { ros: { face: false }, http: { listen: [] } }),
  );
  await installed.robot.writeFile('/root/rovi.yaml', catalog);
  await installed.robot.exec(['/opt/rovi-src/install.sh', '--catalog', '/root/rovi.yaml']);
  await installed.systemctl(['restart', GATEWAY]);
  await installed.gone(pid ?? 0);
  expect(await installed.face()).toMatchObject({
    state: 'off',
    text: 'the catalog says `ros: { face: false }`',
    mend: expect.stringContaining('install.sh') as string,
    pid: null,
  });
  expect(await installed.property(GATEWAY, 'PrivateNetwork')).toBe('yes');
  const tasks = await installed.robot.exec(['systemctl', 'show', '-P', 'ControlGroup', GATEWAY]);
  expect(tasks.stdout.trim()).not.toBe('');
  expect((await installed.robot.exec(['pgrep', '-f', 'rovi-ros.mjs'], { check: false })).code).toBe(1);
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  expect((await installed.rovictl(['ros', 'restart'])).code).toBe(1);
  expect((await installed.rovictl(['ros', 'probe', 'available'])).code).toBe(1);
  expect(installed.graph.nodes).toEqual([]);
  expect(await doctor()).toMatchObject({ code: 0, face: { finding: 'note' }, faults: [] });
});

installed.expectNoWarningsBut();
