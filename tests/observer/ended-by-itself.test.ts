import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';

const rovi = new InstalledRobot('unasked', { catalog: shippedCatalog() });
const NAV = 'rovi-nav.service';
const NODES = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'];

test('a launch that ends with 0 by itself is not shown as a stop, though systemd calls it one', async () => {
  await setStack(rovi.robot, 'nav', { nodes: NODES.map((name) => ({ name })) });
  expect((await rovi.api.start('nav')).outcome).toBe('succeeded');
  // Each ends with 0, and the launch with the last of them: only now, however long the start took.
  await rovi.robot.shell(`pkill -TERM -x '${NODES.map((name) => name.slice(0, 15)).join('|')}'`);
  const nav = await rovi.waitForStack('nav', 'stopped', ({ state }) => state === 'STOPPED');
  expect(await rovi.property(NAV, 'Result')).toBe('success');
  expect(nav).toMatchObject({
    verdict: { level: 'warn', text: 'ended by itself: exit code 0' },
    crashes: 1,
  });
});

test('a stop that was asked for, by whomever, is one', async () => {
  await setStack(rovi.robot, 'nav', { nodes: NODES.map((name) => ({ name })) });
  for (const stop of [
    () => rovi.api.stop('nav'),
    () => rovi.systemctl(['stop', NAV]),
    () => rovi.systemctl(['stop', NAV], { user: 'olga' }),
  ]) {
    expect((await rovi.api.start('nav')).outcome).toBe('succeeded');
    await stop();
    const nav = await rovi.waitForStack('nav', 'stopped', ({ state }) => state === 'STOPPED');
    expect(nav).toMatchObject({ verdict: { level: 'ok', text: 'stopped' }, crashes: 1 });
  }
});

rovi.expectNoWarningsBut();
