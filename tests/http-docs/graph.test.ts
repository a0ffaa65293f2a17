import { expect, it } from 'vitest';
import { rig, until } from '../api/rig.js';

it('ties each stack to the gateway, and all stacks together once', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  const { known, nodes, edges, groups } = await robot.client.graph();
  expect(known).toBe(true);
  expect(nodes.map(({ id, kind }) => [id, kind])).toEqual([
    ['rovi-gateway.service', 'gateway'],
    ['rovi-teleop.service', 'stack'],
    ['rovi-mapping.service', 'stack'],
    ['rovi-nav.service', 'stack'],
  ]);
  expect(nodes.at(-1)).toMatchObject({ name: 'nav', state: 'RUNNING', level: 'ok' });
  expect(edges).toHaveLength(6);
  for (const kind of ['requisite', 'part_of'])
    expect(edges).toContainEqual({ kind, from: 'rovi-nav.service', to: 'rovi-gateway.service' });
  expect(groups).toEqual([{ kind: 'excludes', nodes: nodes.slice(1).map(({ id }) => id) }]);
});

it('knows nothing while systemd is away', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  robot.model.loseBus();
  await until('the loss is noticed', () => !robot.conductor.snapshot().bus.connected);
  const { known, nodes } = await robot.client.graph();
  expect(known).toBe(false);
  for (const node of nodes) expect(node).toMatchObject({ state: 'UNKNOWN', level: 'stale', since: null });
});
