import { setTimeout as pause } from 'node:timers/promises';
import { RoviClient } from '@rovi/client';
import { expect, it } from 'vitest';
import { rawExchange, readAnswer, refusal, rig, until } from './rig.js';

it('tells of the robot at rest', async () => {
  await using robot = await rig();
  const { client } = robot;
  expect(await client.health()).toMatchObject({
    version: '1.2.3',
    pid: process.pid,
    bus: { connected: true },
  });
  expect(await client.state()).toMatchObject({ robot: 'testbed', known: true, active: null });
  expect((await client.stacks()).map(({ name, state }) => [name, state])).toEqual([
    ['teleop', 'STOPPED'],
    ['mapping', 'STOPPED'],
    ['nav', 'STOPPED'],
  ]);
  expect(await client.stack('nav')).toMatchObject({ stack: { name: 'nav' }, resources: { source: 'none' } });
  expect(await client.active()).toEqual({ active: null, known: true, stack: null });
  expect(await client.operations()).toEqual([]);
  expect(robot.log.faults()).toEqual([]);
});

it('starts, switches, restarts and stops, and keeps the records', async () => {
  await using robot = await rig();
  const { client } = robot;
  const started = await client.start('teleop', { reason: 'a drive' });
  expect(started).toMatchObject({
    kind: 'start',
    stack: 'teleop',
    outcome: 'succeeded',
    reason: 'a drive',
    actor: { name: 'tester', face: 'cli', verified: false },
  });
  expect(await client.active()).toMatchObject({ active: 'teleop', stack: { state: 'RUNNING' } });
  expect(await client.start('teleop')).toMatchObject({ outcome: 'succeeded', changed: false });
  expect(await client.switchTo('nav', { actor: 'someone.else' })).toMatchObject({
    from: 'teleop',
    outcome: 'succeeded',
    actor: { name: 'someone.else' },
  });
  expect(await client.restart('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
  expect(await client.stop('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
  expect(await client.stopAll()).toMatchObject({ kind: 'stop-all', stack: null, changed: false });
  const records = await client.operations();
  expect(records.map(({ kind }) => kind)).toEqual([
    'stop-all',
    'stop',
    'restart',
    'switch',
    'start',
    'start',
  ]);
  expect(await client.operation(started.id)).toEqual(started);
});

it('refuses with the code, the mend and the holder', async () => {
  await using robot = await rig();
  const { client } = robot;
  await client.start('teleop');
  const busy = await refusal(client.start('nav'));
  expect(busy).toMatchObject({ code: 'stack-busy', context: { holder: 'teleop', state: 'RUNNING' } });
  expect(busy.mend).toMatch(/switch/);
  for (const wrong of [client.start('nowhere'), client.stack('../nav'), client.operation('nothing')])
    expect((await refusal(wrong)).mend).not.toBe('');
  expect(await refusal(client.start('nowhere'))).toMatchObject({ code: 'stack-unknown' });
  expect(await refusal(client.stack('nowhere'))).toMatchObject({ code: 'stack-unknown' });
  expect(await refusal(client.logs('nowhere'))).toMatchObject({ code: 'stack-unknown' });
  expect(await refusal(client.start('../nav'))).toMatchObject({ code: 'bad-request' });
  expect(await refusal(client.operation('nothing'))).toMatchObject({ code: 'not-found' });
  expect(await refusal(client.start('nav', { actor: 'a b\r\nx: y' }))).toMatchObject({ code: 'bad-request' });
  expect(await refusal(client.start('nav', { reason: 'x'.repeat(501) }))).toMatchObject({
    code: 'bad-request',
  });
});

it('answers a failed operation with its problem and its record', async () => {
  await using robot = await rig();
  robot.model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 10 });
  const failed = await refusal(robot.client.start('nav'));
  expect(failed.code).toBe('start-failed');
  expect(failed.context['operation']).toMatchObject({ kind: 'start', stack: 'nav', outcome: 'failed' });
  robot.hangs('mapping');
  await robot.client.start('teleop');
  const back = await refusal(robot.client.switchTo('mapping'));
  expect(back).toMatchObject({ code: 'switch-rolled-back', context: { from: 'teleop', to: 'mapping' } });
  expect(await robot.client.active()).toMatchObject({ active: 'teleop' });
});

it('answers 202 at once where the client does not want to wait', async () => {
  await using robot = await rig({}, { startSeconds: 60 });
  robot.hangs('nav');
  const running = await robot.client.start('nav', { async: true });
  expect(running.outcome).toBe('running');
  const answer = readAnswer(
    await rawExchange(
      robot.socketPath,
      'POST /api/stacks/nav/start HTTP/1.1\r\nHost: x\r\nPrefer: wait=5, respond-async\r\nConnection: close\r\n\r\n',
    ),
  );
  expect(answer.status).toBe(202);
  expect(answer.head).toContain(`location: /api/operations/${running.id}`);
  expect(answer.head).toContain('preference-applied: respond-async');
  expect(await refusal(robot.client.start('teleop', { async: true }))).toMatchObject({
    code: 'operation-in-progress',
    context: { operation: running.id },
  });
  await robot.client.stopAll();
});

it('lets a stop through while a start waits, and tells the first client so', async () => {
  const took: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using robot = await rig({}, { startSeconds: 60 });
    robot.hangs('nav');
    const other = new RoviClient({ socketPath: robot.socketPath, actor: 'other' });
    const waiting = refusal(robot.client.start('nav'));
    await until('the start is under way', () => robot.conductor.snapshot().active === 'nav');
    expect(await refusal(other.start('teleop'))).toMatchObject({ code: 'operation-in-progress' });
    const before = performance.now();
    expect(await other.stop('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
    took.push(performance.now() - before);
    expect(await waiting).toMatchObject({
      code: 'operation-cancelled',
      context: { operation: { outcome: 'cancelled' } },
    });
  }
  // The best of three: what a busy machine adds is not the gateway's.
  expect(Math.min(...took)).toBeLessThan(1_000);
});

it('goes on with an operation whose client went away', async () => {
  await using robot = await rig();
  const gone = new AbortController();
  const waiting = robot.client.start('nav', { signal: gone.signal });
  await until('the start is under way', () => robot.conductor.snapshot().operation !== null);
  gone.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await until('nav runs', () => robot.conductor.operations()[0]?.outcome === 'succeeded');
  expect(await robot.client.active()).toMatchObject({ active: 'nav' });
});

it('gives up waiting at its deadline', async () => {
  await using robot = await rig();
  robot.hangs('nav');
  expect(await refusal(robot.client.start('nav', { timeout: 100 }))).toMatchObject({
    code: 'gateway-unreachable',
    context: { reason: 'timeout' },
  });
  await pause(0);
  await robot.client.stopAll();
});

it('serves two clients at once', async () => {
  await using robot = await rig();
  const clients = ['ann', 'bob'].map((actor) => new RoviClient({ socketPath: robot.socketPath, actor }));
  const all = await Promise.allSettled(
    clients.flatMap((client) => [client.start('nav'), client.state(), client.stacks(), client.start('nav')]),
  );
  expect(all.map(({ status }) => status)).toEqual(Array(8).fill('fulfilled'));
  expect(robot.model.sent.filter(({ verb }) => verb === 'start')).toHaveLength(1);
});
