/** With the ROS backend the conductor is one process of a launch: it has its face all the same. */
import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { shippedCatalog } from '../installed-robot.js';
import { GATEWAY, NODE, RobotInRos } from './robot-in-ros.js';

const installed = new RobotInRos('ros-launch', {
  catalog: shippedCatalog((catalog) => {
    catalog.gateway = {
      run: { package: 'rovi_bringup', file: 'gateway.launch.py', arguments: { robot_mode: 'real' } },
      watchdog: 30,
    };
    Object.assign(catalog, { ros: { namespace: '/fleet/robot_7' } });
  }),
  prepare: (robot) =>
    setStack(robot, 'gateway', {
      nodes: [
        {
          name: 'rovi-gateway',
          command: ['/usr/local/lib/rovi/rovi-gateway', '--catalog', '/etc/rovi/rovi.yaml'],
          required: true,
        },
      ],
    }),
});

const conductorPid = async () => (await installed.api.health()).pid;

test('the face is on, in the namespace of the catalog, and serves', async () => {
  const { pid, detail } = await installed.on();
  expect(detail['node']).toBe('/fleet/robot_7/conductor');
  expect(installed.graph.nodes.map(({ name }) => name)).toEqual(['/fleet/robot_7/conductor']);
  expect(installed.graph.nodes[0]?.topics.has('/diagnostics')).toBe(true);
  expect(NODE).not.toBe(detail['node']);
  const status = await installed.robot.readFile(`/proc/${String(pid)}/status`);
  expect(status).toMatch(new RegExp(`^PPid:\\t${String(await conductorPid())}$`, 'm'));
  expect(await installed.trigger('/fleet/robot_7/stacks/nav/start')).toMatchObject({ success: true });
  await installed.latched('/fleet/robot_7/units/nav/state', 'active');
});

test('the conductor is killed: its ROS process leaves the graph, the stack lives on', async () => {
  const nav = await installed.run('rovi-nav');
  const { pid } = await installed.face();
  await installed.signal(await conductorPid(), 'KILL');
  await installed.graph.waitFor('the node to leave', () => installed.graph.nodes.length === 0);
  await installed.waitForUnit(GATEWAY, 'inactive', 'failed');
  await installed.gone(pid ?? 0);
  expect(await installed.run('rovi-nav')).toEqual(nav);
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  await installed.on();
  await installed.latched('/fleet/robot_7/units/nav/state', 'active');
});

test('the gateway stops in order: last words, and nothing is left', async () => {
  const { pid } = await installed.face();
  expect((await installed.systemctl(['stop', GATEWAY])).code).toBe(0);
  await installed.gone(pid ?? 0);
  // What it said last is still on its way through the graph.
  await installed.graph.waitFor('the node to leave', () => installed.graph.nodes.length === 0);
  expect(installed.graph.published('/fleet/robot_7/units/gateway/state').at(-1)?.message).toEqual({
    data: 'unknown',
  });
  expect(await installed.property(GATEWAY, 'Result')).toBe('success');
});

installed.expectNoWarningsBut();
