import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Broker, until } from '../mqtt/broker.js';
import { consoleRig, keyFile } from './console-rig.js';
import { HandRobot, IMPACT } from './hand-robot.js';

test('robots are shown, asked and commanded, and everybody who follows hears of it', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  await office.connected();
  const follower = office.follow();
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  const beta = await new HandRobot(broker.url, 'beta').up({
    level: 'warn',
    text: 'nav: RUNNING without lidar',
  });
  expect(await office.untilRobot('alpha', 'online')).toMatchObject({
    reason: '',
    report: { text: 'no stack is active' },
  });
  expect(await office.untilRobot('beta', 'online')).toMatchObject({ report: { level: 'warn' } });

  const impacts = await office.fleet.ask(['beta', 'alpha', 'gamma'], { kind: 'start', stack: 'nav' });
  expect(impacts).toMatchObject([
    { robot: 'beta', impact: { text: IMPACT.text }, problem: null },
    { robot: 'alpha', impact: { text: IMPACT.text } },
    { robot: 'gamma', impact: null, problem: { code: 'robot-unknown' } },
  ]);
  expect(alpha.count('do')).toBe(0);

  const { id } = await office.fleet.run({
    command: { kind: 'start', stack: 'nav' },
    targets: [{ robot: 'alpha', confirm: 'token-1' }, { robot: 'beta' }],
    reason: 'first drive',
  });
  const run = await office.untilRun(id, { alpha: 'succeeded', beta: 'succeeded' });
  expect(run).toMatchObject({
    actor: 'tester',
    reason: 'first drive',
    ended_at: expect.any(String) as string,
  });
  const ask = alpha.last('ask');
  expect(ask).toMatchObject({
    signed: true,
    expiry: 10,
    responseTopic: 'fleet/alpha/reply/office-console',
    request: {
      robot: 'alpha',
      on_behalf: { name: 'tester', role: 'operator', verified: false },
      reason: 'first drive',
    },
  });
  expect(ask?.correlation?.toString()).toBe(ask?.request.id);
  expect(alpha.last('do')).toMatchObject({ signed: true, expiry: 10, request: { confirm: 'token-1' } });
  expect(beta.last('do')).toMatchObject({ request: { confirm: null } });
  expect([alpha.count('do'), beta.count('do')]).toEqual([1, 1]);

  await until('the end of the run to be told', () =>
    follower.events.some((event) => event.type === 'run' && event.run.ended_at !== null),
  );
  expect(follower.events[0]).toMatchObject({ type: 'fleet' });
  expect([...follower.robots().keys()]).toEqual(['alpha', 'beta']);
  expect(await office.audit()).toMatchObject([
    {
      command: 'fleet-start',
      decision: 'accepted',
      target: null,
      actor: { name: 'tester' },
      message: 'start nav on 2 robots: alpha, beta',
    },
  ]);
  await follower.end();
  await Promise.all([alpha.cut(), beta.cut()]);
  expect(await office.untilRobot('alpha', 'offline')).toMatchObject({ reason: 'the connection was lost' });
});

test('a key that is made while the gateway runs is taken without a restart', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url, { key_file: join(broker.folder, 'fleet.key') });
  await until('it to be missed', () => office.face()?.text.includes('is not there') === true, 30_000);
  expect(office.face()?.mend).toContain('rovictl fleet key --create');
  await keyFile(broker.folder);
  await until('it to be taken', async () => (await office.fleet.status()).key !== null, 30_000);
});
