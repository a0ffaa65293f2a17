import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mqttEventSchema, stackStatusSchema, supervisedServiceSchema } from '@rovi/contract';
import { expect, test } from 'vitest';
import { Broker, until } from './broker.js';
import { mqttRig } from './rig.js';

test('events arrive in order, in the envelope of the bus, on both topics', async () => {
  await using broker = await Broker.start();
  const bus = await broker.subscribe(['alicia/#']);
  await using rig = await mqttRig({ broker: broker.url, prefix: 'alicia' });
  await rig.waitFor('on');
  const at = '2026-01-02T03:04:05.678Z';
  for (let count = 0; count < 50; count += 1) {
    rig.tell(
      { type: 'service_unhealthy', service: 'camera', text: `look ${String(count)}`, data: { count } },
      at,
    );
  }
  const events = await bus.until('alicia/services/events', '50 events', ({ length }) => length === 50);
  for (const event of events) expect(mqttEventSchema.strict().parse(event)).toEqual(event);
  expect(events.map((event) => (event['event_data'] as { count: number }).count)).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
  expect(events[0]).toMatchObject({
    event_type: 'service_unhealthy',
    event_data: { service_name: 'camera', instance_id: 1, text: 'look 0' },
    timestamp: Date.parse(at) / 1000,
    source: 'service_orchestrator',
  });
  expect(
    await bus.until('alicia/services/service_unhealthy', '50 too', ({ length }) => length === 50),
  ).toEqual(events);
  const [first] = bus.received.filter(({ topic }) => topic === 'alicia/services/events');
  expect(first).toMatchObject({ qos: 1, retain: 0, properties: { 'content-type': 'application/json' } });
  expect(first?.properties['message-expiry-interval']).toBeGreaterThan(86_000);
});

test('errors and recovery are also said as the service bus expects them', async () => {
  await using broker = await Broker.start();
  const bus = await broker.subscribe(['rovi/#']);
  await using rig = await mqttRig({ broker: broker.url });
  const at = '2026-01-02T03:04:05.000Z';
  rig.tell({ type: 'orchestration_error', service: null, instance: null, text: 'dependency failed' }, at);
  rig.tell({ type: 'recovery', service: null, instance: null, text: 'recovered' }, at);
  const [error] = await bus.until('rovi/services/orchestration_errors', 'one', ({ length }) => length === 1);
  expect(error).toEqual({ error: 'dependency failed', service_name: null, timestamp: Date.parse(at) / 1000 });
  const [recovery] = await bus.until('rovi/services/recovery', 'one', ({ length }) => length === 1);
  expect(recovery).toMatchObject({
    status: 'recovered',
    timestamp: Date.parse(at) / 1000,
    event_type: 'recovery',
  });
  expect(bus.on('rovi/services/events').map((event) => event['event_type'])).toEqual([
    'orchestration_error',
    'recovery',
  ]);
  expect(bus.on('rovi/services/orchestration_error')).toHaveLength(1);
});

test('starts, stops and failures of stacks are events too, and their state is retained', async () => {
  await using broker = await Broker.start();
  const bus = await broker.subscribe(['rovi/#']);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  const nav = (state: string) =>
    bus.until('rovi/stacks/state/nav', state, (states) => states.at(-1)?.['state'] === state);
  await rig.command('start', 'nav');
  await nav('RUNNING');
  await rig.command('stop', 'nav');
  await nav('STOPPED');
  rig.model.behaviours.set('rovi-teleop.service', { start: 'fails', stopMs: 10 });
  await rig.command('start', 'teleop');
  const events = await bus.until('rovi/services/events', 'three', ({ length }) => length >= 3);
  expect(events.map((event) => event['event_type'])).toEqual([
    'stack_started',
    'stack_stopped',
    'stack_failed',
  ]);
  expect(events[0]?.['event_data']).toMatchObject({
    service_name: 'nav',
    instance_id: null,
    state: 'RUNNING',
    unit: 'rovi-nav.service',
  });
  expect((events[2]?.['event_data'] as { text: string }).text).not.toBe('');
  for (const state of bus.on('rovi/stacks/state/nav')) stackStatusSchema.parse(state);
});

test('who subscribes late has the whole state, and what is as before is not said again', async () => {
  await using broker = await Broker.start();
  const early = await broker.subscribe(['rovi/#']);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  await rig.command('start', 'nav');
  await early.until(
    'rovi/robot/testbed/state',
    'nav active',
    (states) => states.at(-1)?.['active'] === 'nav',
  );
  await early.until('rovi/stacks/state/nav', 'whole', (states) => {
    const { verdict, state } = stackStatusSchema.parse(states.at(-1));
    return state === 'RUNNING' && verdict.level === 'ok';
  });
  const late = await broker.subscribe(['rovi/#']);
  const [robot] = await late.until('rovi/robot/testbed/state', 'there', ({ length }) => length === 1);
  const { boot_id, at } = rig.conductor.snapshot();
  expect(robot).toMatchObject({ robot: 'testbed', boot_id, active: 'nav', known: true, online: true });
  expect(Date.parse(String(robot?.['at']))).toBeLessThanOrEqual(Date.parse(at));
  await until('all of it', () => late.received.length >= 5);
  expect(late.received).toHaveLength(5);
  expect(late.received.every(({ qos, retain }) => qos === 1 && retain === 1)).toBe(true);
  expect(stackStatusSchema.parse(late.on('rovi/stacks/state/nav')[0]).state).toBe('RUNNING');
  expect(stackStatusSchema.parse(late.on('rovi/stacks/state/teleop')[0]).state).toBe('STOPPED');
  for (const name of ['camera', 'lidar']) {
    const [service] = late.on(`rovi/services/state/${name}`);
    expect(supervisedServiceSchema.parse(service).name).toBe(name);
  }
  // The same state in an event of its own, looked at later: nothing new.
  const newest = JSON.stringify(late.on('rovi/stacks/state/nav')[0]);
  await early.until(
    'rovi/stacks/state/nav',
    'as it is kept',
    (states) => JSON.stringify(states.at(-1)) === newest,
  );
  const said = early.on('rovi/stacks/state/nav').length;
  const { stacks, active, known } = rig.conductor.snapshot();
  const nav = stacks.find(({ name }) => name === 'nav')!;
  const moved = { ...nav, as_of: new Date().toISOString() };
  rig.hand({ type: 'stack', seq: 1, at, active, known, stack: moved });
  rig.tell({ type: 'service_started' });
  await early.until('rovi/services/service_started', 'one', ({ length }) => length === 1);
  expect(early.on('rovi/stacks/state/nav')).toHaveLength(said);
});

test('the retained topic of a unit that is gone is cleared, also one of an earlier run; others of the bus are left alone', async () => {
  await using broker = await Broker.start();
  const ours = ['-r', '-D', 'publish', 'user-property', 'robot', 'testbed'];
  const theirs = ['-r', '-D', 'publish', 'user-property', 'robot', 'another'];
  await broker.publish('rovi/services/state/gone', '{}', ours);
  await broker.publish('rovi/stacks/state/gone', '{}', ours);
  await broker.publish('rovi/services/state/theirs', '{}', theirs);
  await broker.publish('rovi/services/state/unsigned', '{}', ['-r']);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  const bus = await broker.subscribe(['rovi/+/state/+']);
  await until('the topics of an earlier run to be gone', async () => {
    const look = await broker.subscribe(['rovi/+/state/gone']);
    const sentinel = await broker.subscribe(['rovi/services/state/theirs']);
    await sentinel.until('rovi/services/state/theirs', 'there', ({ length }) => length === 1);
    return look.received.length === 0;
  });
  // Another program listens: what it had for its subscription it has printed in its own time.
  for (const name of ['theirs', 'unsigned'])
    await bus.until(`rovi/services/state/${name}`, 'there', ({ length }) => length === 1);
  // A reloaded catalog without the lidar.
  await bus.until('rovi/services/state/lidar', 'there', ({ length }) => length >= 1);
  const snapshot = rig.conductor.snapshot();
  const services = snapshot.services.filter(({ name }) => name !== 'lidar');
  rig.conductor.snapshot = () => ({ ...snapshot, services });
  rig.hand({ type: 'snapshot', seq: 1, at: snapshot.at, snapshot: { ...snapshot, services } });
  await until('the lidar to be cleared', () =>
    bus.received.some(({ topic, payload }) => topic.endsWith('/lidar') && payload === ''),
  );
  const late = await broker.subscribe(['rovi/services/state/#']);
  await late.until('rovi/services/state/camera', 'there', ({ length }) => length === 1);
  expect(late.on('rovi/services/state/lidar')).toEqual([]);
});

test('a gateway that is killed is said to be gone by its will; one that stops says so itself', async () => {
  await using broker = await Broker.start();
  const bus = await broker.subscribe(['rovi/robot/testbed/state']);
  const script = new URL('face-process.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify({ broker: broker.url })], {
    stdio: 'inherit',
  });
  await bus.until('rovi/robot/testbed/state', 'online', ([state]) => state?.['online'] === true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await bus.until('rovi/robot/testbed/state', 'the will', ({ length }) => length === 2);
  const late = await broker.subscribe(['rovi/robot/testbed/state']);
  const [dead] = await late.until('rovi/robot/testbed/state', 'retained', ({ length }) => length === 1);
  expect(dead).toMatchObject({ robot: 'testbed', online: false, reason: 'the connection was lost' });

  const rig = await mqttRig({ broker: broker.url });
  // Its last words get a second and a half, and wait until the broker has its first.
  await bus.until('rovi/robot/testbed/state', 'online again', (states) => states.length === 3);
  await rig.face.stop('SIGTERM');
  await bus.until('rovi/robot/testbed/state', 'the last word', (states) => states.length === 4);
  expect(bus.on('rovi/robot/testbed/state').map((state) => [state['online'], state['reason']])).toEqual([
    [true, undefined],
    [false, 'the connection was lost'],
    [true, undefined],
    [false, 'the gateway was stopped: SIGTERM'],
  ]);
  await rig.conductor.stop();
});
