import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePort } from '../free-port.js';
import { Broker, until } from './broker.js';
import type { Subscriber } from './broker.js';
import { mqttRig } from './rig.js';

const EVENTS = 'rovi/services/events';

/** The numbers of the events that a subscriber had, each once: the same event again has the same id. */
function counts(bus: Subscriber): number[] {
  const seen = new Map<string, number>();
  for (const event of bus.on(EVENTS)) {
    const { event_id: id, count } = event['event_data'] as { event_id: string; count?: number };
    if (count !== undefined && event['event_type'] !== 'events_dropped') seen.set(id, count);
  }
  return [...seen.values()];
}

/** A door between gateway and broker: without the password's file no attempt is made. */
function door(broker: Broker) {
  const file = join(broker.folder, 'password');
  return {
    entry: { broker: broker.url, username: 'rovi', password_file: file },
    open: () => writeFile(file, 'any\n'),
    shut: () => rm(file),
  };
}

/** Whether it stops within its two seconds, by a timer beside its own: on a machine that stands still both are late. */
async function stopsInTime(face: { stop(reason: string): Promise<void> }): Promise<boolean> {
  const late = new AbortController();
  const timer = delay(2_500, false, { signal: late.signal });
  timer.catch(() => undefined);
  const stopped = face.stop('SIGTERM').then(() => true);
  const inTime = await Promise.race([stopped, timer]);
  late.abort();
  await stopped;
  return inTime;
}

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, index) => from + index);

test('a gateway whose broker is not there is not held up, and says what is missing', async () => {
  const port = await freePort();
  await using rig = await mqttRig({ broker: `mqtt://127.0.0.1:${String(port)}` });
  const began = performance.now();
  const failing = await rig.waitFor('failing');
  // It is told before the 10 s of an attempt are over; a machine that is shared needs seconds for loading the library.
  expect(performance.now() - began).toBeLessThan(9_000);
  expect(failing).toMatchObject({ text: `nothing listens at 127.0.0.1:${String(port)}`, restarts: 0 });
  expect(failing.mend).not.toBe('');
  expect((await rig.command('start', 'nav')).outcome).toBe('succeeded');
});

test('a broker is killed and comes back with nothing: every event arrives, in order, and the whole state', async () => {
  await using broker = await Broker.start();
  const before = await broker.subscribe(['rovi/#']);
  const way = door(broker);
  await way.open();
  await using rig = await mqttRig(way.entry);
  await rig.waitFor('on');
  for (const count of upTo(20)) rig.tell({ type: 'service_unhealthy', data: { count } });
  await before.until(EVENTS, '20 events', ({ length }) => length >= 20);
  // Each is a second message too, and what has not been acknowledged is sent again: whom the broker takes in next it hears
  // after that.
  await before.until('rovi/services/service_unhealthy', '20 too', ({ length }) => length >= 20);
  await broker.publish('somewhere/else', 'anything');
  before.end();
  await way.shut();
  await broker.down('SIGKILL');
  const lost = await rig.waitFor('failing');
  expect(lost).toMatchObject({ restarts: 1 });
  const at = '2026-01-02T03:04:05.000Z';
  for (const count of upTo(120, 20)) rig.tell({ type: 'service_unhealthy', data: { count } }, at);
  await rig.command('start', 'nav');
  await until('the queue to be told', () => Number(rig.status()?.detail['queued']) >= 100);
  await broker.up();
  const after = await broker.subscribe(['rovi/#']);
  await way.open();
  // The longer the outage, the longer until the next attempt: half a minute at most.
  await rig.waitFor('on', /^/, 45_000);
  await after.until(EVENTS, 'all events', () => counts(after).length >= 100);
  expect(counts(before)).toEqual(upTo(20));
  expect(counts(after)).toEqual(upTo(120, 20));
  const [first] = after.on(EVENTS);
  expect(first?.['timestamp']).toBe(Date.parse(at) / 1000);
  await after.until('rovi/stacks/state/nav', 'running', (states) => states.at(-1)?.['state'] === 'RUNNING');
  await after.until('rovi/services/state/lidar', 'there', ({ length }) => length > 0);
  await after.until('rovi/robot/testbed/state', 'active', (states) => states.at(-1)?.['active'] === 'nav');
  await until('the queue to be empty', () => rig.status()?.detail['queued'] === '0');
});

test('a broker is killed and back again and again while events come: none is lost, and copies keep their id', async () => {
  // It keeps its sessions and what it had for those who are away, as a broker does that does not lose what it acknowledged.
  await using broker = await Broker.start({
    lines: (folder) => [
      'allow_anonymous true',
      'persistence true',
      `persistence_location ${folder}/`,
      'autosave_interval 1',
      'autosave_on_changes true',
    ],
  });
  const bus = await broker.subscribe([EVENTS], ['-c', '-i', 'listener', '-x', '3600']);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  let count = 0;
  for (let round = 0; round < 3; round += 1) {
    for (let one = 0; one < 40; one += 1) {
      rig.tell({ type: 'service_restarting', data: { count } });
      count += 1;
      // In the middle of what is in flight.
      if (one === 20) broker.signal('SIGSTOP');
      if (one % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    broker.signal('SIGCONT');
    await broker.down('SIGTERM');
    await rig.waitFor('failing');
    rig.tell({ type: 'service_restarting', data: { count } });
    count += 1;
    await broker.up();
    await rig.waitFor('on', /^/, 45_000);
  }
  await until('every event', () => counts(bus).length >= count, 30_000);
  expect(counts(bus)).toEqual(upTo(count));
});

test('what was sent and not acknowledged is sent again with the DUP flag, and nothing else is', async () => {
  await using broker = await Broker.start();
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  rig.tell({ type: 'service_unhealthy', data: { count: 0 } });
  await until('the first to arrive', () => broker.log.includes('rovi/services/service_unhealthy'));
  // It writes that down before it acknowledges; whom it takes in next it hears after that.
  await broker.publish('somewhere/else', 'anything');
  broker.signal('SIGSTOP');
  for (const count of upTo(3, 1)) rig.tell({ type: 'service_unhealthy', data: { count } });
  await until('two to be unanswered', () => rig.status()?.detail['queued'] === '2');
  await broker.down('SIGKILL');
  await rig.waitFor('failing');
  broker.log = '';
  await broker.up();
  await rig.waitFor('on');
  rig.tell({ type: 'service_unhealthy', data: { count: 3 } });
  const sent = () =>
    [...broker.log.matchAll(/Received PUBLISH from \S+ \(d(\d), q(\d), r0, .*'rovi\/services\/events'/g)].map(
      ([, dup, qos]) => [dup, qos],
    );
  await until('three', () => sent().length >= 3);
  expect(sent()).toEqual([
    ['1', '1'],
    ['1', '1'],
    ['0', '1'],
  ]);
});

test('what a full queue dropped is counted and told, where the gap is', async () => {
  await using broker = await Broker.start();
  const way = door(broker);
  await way.open();
  await using rig = await mqttRig({ ...way.entry, queue: 10 });
  await rig.waitFor('on');
  await way.shut();
  await broker.down();
  await rig.waitFor('failing');
  for (const count of upTo(100)) rig.tell({ type: 'service_unhealthy', data: { count } });
  await until('the drop to be told', () => rig.status()?.detail['dropped'] === '90');
  await broker.up();
  const bus = await broker.subscribe(['rovi/services/#']);
  await way.open();
  await rig.waitFor('on', /^/, 45_000);
  const events = await bus.until(EVENTS, 'the notice and what was left', ({ length }) => length === 11);
  expect(events[0]).toMatchObject({
    event_type: 'events_dropped',
    event_data: { count: 90, service_name: null },
    source: 'service_orchestrator',
  });
  expect(counts(bus)).toEqual(upTo(100, 90));
  expect(bus.on('rovi/services/events_dropped')).toHaveLength(1);
});

test('a broker that takes the connection and never answers holds up nothing, and is given up', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const rig = await mqttRig({ broker: `mqtt://127.0.0.1:${String(port)}` });
  expect(rig.status()?.state).toBe('starting');
  expect((await rig.command('start', 'nav')).outcome).toBe('succeeded');
  const failing = await rig.waitFor('failing');
  expect(failing.text).toBe(`127.0.0.1:${String(port)}: no answer within 10 s`);
  await until('another attempt', () => sockets.size >= 2);
  expect(await stopsInTime(rig.face)).toBe(true);
  await rig.conductor.stop();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a broker that hangs while connected: the face notices, stops in time, and the conductor goes on', async () => {
  await using broker = await Broker.start();
  const rig = await mqttRig({ broker: broker.url, keepalive: 5 });
  await rig.waitFor('on');
  broker.signal('SIGSTOP');
  for (const count of upTo(50)) rig.tell({ type: 'service_unhealthy', data: { count } });
  expect((await rig.command('start', 'nav')).outcome).toBe('succeeded');
  await rig.waitFor('failing', /^/, 25_000);
  broker.signal('SIGCONT');
  await rig.waitFor('on', /^/, 25_000);
  broker.signal('SIGSTOP');
  expect(await stopsInTime(rig.face)).toBe(true);
  await rig.conductor.stop();
});

test('a broker whose own queue is full for a subscriber, and takes few at once, has every event all the same', async () => {
  await using broker = await Broker.start({
    lines: () => ['allow_anonymous true', 'max_inflight_messages 2', 'max_queued_messages 5'],
  });
  // Somebody who is away, for whom it keeps five.
  const away = await broker.subscribe(['rovi/#'], ['-c', '-i', 'away', '-x', '3600']);
  away.end();
  const bus = await broker.subscribe([EVENTS]);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  for (const count of upTo(5)) {
    rig.tell({ type: 'service_unhealthy', data: { count } });
    await bus.until(EVENTS, 'each', () => counts(bus).length > count);
  }
  for (const count of upTo(60, 5)) rig.tell({ type: 'service_unhealthy', data: { count } });
  await until('the broker to have acknowledged all', () => rig.status()?.detail['queued'] === '0');
  expect(rig.status()).toMatchObject({ state: 'on', restarts: 0 });
  expect(rig.status()?.detail['dropped']).toBe('0');
});

test('what the broker does not let us say is counted as refused, and holds up nothing else', async () => {
  await using broker = await Broker.start({
    prepare: async (folder) => {
      await writeFile(
        `${folder}/acl`,
        'topic readwrite rovi/#\ntopic deny rovi/services/service_unhealthy\n',
      );
    },
    lines: (folder) => ['allow_anonymous true', `acl_file ${folder}/acl`],
  });
  const bus = await broker.subscribe([EVENTS]);
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  for (const count of upTo(20)) rig.tell({ type: 'service_unhealthy', data: { count } });
  await bus.until(EVENTS, 'all', ({ length }) => length === 20);
  await until('the refusals to be told', () => rig.status()?.detail['refused'] === '20');
  const warnings = rig.lines.filter(({ level }) => level === 'warn');
  expect(warnings).toHaveLength(1);
  expect(JSON.stringify(warnings[0])).toContain(
    'rovi/services/service_unhealthy: Publish error: Not authorized',
  );
});

test('two gateways with one client_id do not chase each other without a pause, and it is said why', async () => {
  await using broker = await Broker.start();
  await using one = await mqttRig({ broker: broker.url, client_id: 'same' });
  await one.waitFor('on');
  await using other = await mqttRig({ broker: broker.url, client_id: 'same' });
  await until('one to be thrown out', () =>
    [one, other].some(({ status }) => status()?.mend.includes('the same client_id') === true),
  );
  await until('a few rounds', () => [one, other].some(({ status }) => (status()?.restarts ?? 0) >= 2));
  const logins = broker.log.split('New client connected').length - 1;
  expect(logins).toBeLessThan(15);
});
