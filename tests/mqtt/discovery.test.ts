import { externalServiceSchema } from '@rovi/contract';
import { expect, test } from 'vitest';
import { Broker, until } from './broker.js';
import { mqttRig } from './rig.js';

const TOPIC = 'rovi/discovery/services';
const event = (type: string, name: string, more: object = {}) =>
  JSON.stringify({
    event_type: type,
    service_data: { service_name: name, ...more },
    timestamp: Date.now() / 1000,
    more_than_asked: true,
  });

test('what others tell of their services is shown: registered, changed, unregistered', async () => {
  await using broker = await Broker.start();
  // Retained: told before the gateway was there.
  await broker.publish(TOPIC, event('service_registered', 'tts', { description: 'Speech', version: '1.2' }), [
    '-r',
  ]);
  await using rig = await mqttRig({ broker: broker.url });
  const external = () => rig.conductor.snapshot().external;
  await until('tts', () => external().length === 1);
  expect(external()).toMatchObject([
    { name: 'tts', description: 'Speech', version: '1.2', health: 'unknown' },
  ]);
  await broker.publish(TOPIC, event('service_health_changed', 'tts', { health_status: 'HEALTHY' }));
  await until('tts to be healthy', () => external()[0]?.health === 'healthy');
  await broker.publish(TOPIC, event('service_health_changed', 'tts', { health_status: 'puce' }));
  await until('tts to be unknown', () => external()[0]?.health === 'unknown');
  await broker.publish(TOPIC, event('service_registered', 'camera'));
  await broker.publish(TOPIC, event('service_registered', 'asr'));
  await until('asr', () => external().length === 2);
  expect(external().map(({ name }) => name)).toEqual(['asr', 'tts']);
  for (const service of external()) expect(externalServiceSchema.parse(service)).toEqual(service);
  await broker.publish(TOPIC, event('service_unregistered', 'tts'));
  await until('tts to be gone', () => external().length === 1);
  expect(rig.lines.filter(({ level }) => level === 'warn')).toEqual([]);
});

test('what was told while the connection was lost is heard afterwards', async () => {
  await using broker = await Broker.start({
    lines: (folder) => ['allow_anonymous true', 'persistence true', `persistence_location ${folder}/`],
  });
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  await broker.publish(TOPIC, event('service_registered', 'tts'));
  await until('tts', () => rig.conductor.snapshot().external.length === 1);
  await broker.down('SIGTERM');
  await rig.waitFor('failing');
  await broker.up();
  await broker.publish(TOPIC, event('service_unregistered', 'tts'));
  await until('tts to be gone', () => rig.conductor.snapshot().external.length === 0);
});

test('hostile messages are not taken, logged once, and harm nobody', async () => {
  await using broker = await Broker.start();
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  const hostile = [
    '',
    'not json',
    '\u0000\u0001\u00ff',
    '['.repeat(10_000),
    'null',
    '"text"',
    '{"event_type":"service_registered"}',
    event('service_registered', ''),
    event('service_registered', 'x'.repeat(101)),
    event('service_registered', 'new\nline'),
    event('service_registered', '\u001b[31mred'),
    event('shutdown', 'all'),
    event('service_registered', 'big', { description: 'x'.repeat(20_000) }),
    event('service_registered', 'huge', { description: 'x'.repeat(2_000_000) }),
    '{"event_type":"service_registered","service_data":{"service_name":{"__proto__":1}}}',
  ];
  for (const payload of hostile) await broker.publish(TOPIC, payload);
  await broker.publish(TOPIC, event('service_registered', '__proto__'));
  await broker.publish(TOPIC, event('service_registered', 'good', { description: 'a\u0007b' }));
  await until('the good one', () => rig.conductor.snapshot().external.some(({ name }) => name === 'good'));
  expect(rig.conductor.snapshot().external).toMatchObject([
    { name: '__proto__' },
    { name: 'good', description: 'a b' },
  ]);
  expect(rig.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  expect(rig.status()).toMatchObject({ state: 'on', restarts: 0 });
});

test('a flood of services is bounded, and does not flood the other faces', async () => {
  await using broker = await Broker.start();
  await using rig = await mqttRig({ broker: broker.url });
  await rig.waitFor('on');
  const lines = Array.from({ length: 1_500 }, (_, index) => event('service_registered', `s${String(index)}`));
  const began = performance.now();
  await broker.flood(TOPIC, lines);
  await until('500 of them', () => rig.conductor.snapshot().external.length === 500);
  await broker.publish(TOPIC, event('service_unregistered', 's0'));
  await until('s0 to be gone', () => rig.conductor.snapshot().external.length === 499);
  // News are gathered for 200 ms, however long the flood lasts.
  expect(rig.external.length).toBeLessThan(20 + (performance.now() - began) / 200);
  expect(rig.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  expect(rig.status()?.state).toBe('on');
});

test('without discovery in the catalog nothing is listened to', async () => {
  await using broker = await Broker.start();
  await using rig = await mqttRig({ broker: broker.url, discovery: false });
  await rig.waitFor('on');
  await broker.publish(TOPIC, event('service_registered', 'tts'));
  rig.tell({ type: 'service_started' });
  await until('what was told to be gone out', () => broker.log.includes('rovi/services/service_started'));
  expect(broker.log).not.toMatch(/Received SUBSCRIBE[^]*\trovi\/discovery/);
  expect(rig.conductor.snapshot().external).toEqual([]);
});

test('a probe learns how old the last message of a topic is, and retained ones are nobody’s sign of life', async () => {
  await using broker = await Broker.start();
  await broker.publish('alicia/camera/frame', 'old', ['-r']);
  await using rig = await mqttRig({ broker: broker.url });
  const { link } = rig;
  expect(link.connected).toBe(false);
  link.watch('alicia/camera/frame');
  await rig.waitFor('on');
  expect(link.connected).toBe(true);
  link.watch('alicia/lidar/scan');
  link.watch('alicia/lidar/scan');
  await until('the broker to know of it', () => broker.log.includes('\talicia/lidar/scan'));
  const began = performance.now();
  await broker.publish('alicia/lidar/scan', 'x'.repeat(500_000));
  await until('the scan', () => link.lastMessage('alicia/lidar/scan') !== null);
  const scan = link.lastMessage('alicia/lidar/scan');
  expect(scan?.ageMs).toBeLessThanOrEqual(performance.now() - began);
  expect(link.lastMessage('alicia/camera/frame')).toBeNull();
  expect(link.lastMessage('never/watched')).toBeNull();
  await broker.down();
  await rig.waitFor('failing');
  expect(link.connected).toBe(false);
  await broker.up();
  await rig.waitFor('on');
  await broker.publish('alicia/camera/frame', 'new');
  await until('the frame', () => link.lastMessage('alicia/camera/frame') !== null);
});
