import { expect, it } from 'vitest';
import { SERVICES } from './sample-services.js';
import { refusal, rig } from './rig.js';

const robotWithServices = () => rig({}, { services: SERVICES });

it('lists services beside gateway and stacks, with what each takes', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('recorder');
  const all = await robot.client.services();
  expect(all.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'gateway gateway',
    ...['teleop', 'mapping', 'nav'].map((name) => `stack ${name}`),
    ...['bus', 'video', 'camera', 'logger', 'probe', 'recorder'].map((name) => `service ${name}`),
  ]);
  const video = all.find(({ name }) => name === 'video');
  expect(video).toMatchObject({
    unit: 'rovi-video.service',
    status: 'running',
    pid: expect.any(Number) as number,
    autostart: false,
    commands: ['start', 'stop', 'restart'],
    service: { requires: ['bus'], required_by: ['recorder'], instances: [{ ports: [8090] }] },
  });
  expect(all.find(({ name }) => name === 'bus')?.autostart).toBe(true);
  const camera = await robot.client.service('camera');
  expect(camera.commands).toEqual(['start', 'stop', 'restart', 'scale', 'rolling-restart']);
  const stack = await robot.client.service('nav');
  expect(stack.service).toBeNull();
});

it('tells the checks of a service as its health, and their last looks', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('video');
  const { health, checks } = await robot.client.serviceHealth('video');
  expect(health.status).toBe('healthy');
  expect(checks).toContainEqual({ name: 'liveness http', ok: true, text: 'HTTP 200' });
  const history = await robot.client.healthHistory('video');
  expect(history.instances[0]?.history[0]?.results[0]).toMatchObject({ ok: true, text: 'HTTP 200' });
  expect((await refusal(robot.client.healthHistory('nav'))).code).toBe('service-unknown');
});

it('refuses a stop that hits others until exactly that is confirmed', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('recorder');
  expect((await refusal(robot.client.stopService('bus'))).code).toBe('confirmation-required');
  const impact = await robot.client.serviceImpact({ command: 'stop', service: 'bus' });
  expect(impact.waves.flatMap(({ units }) => units)).toEqual([
    'rovi-recorder.service',
    'rovi-video.service',
    'rovi-bus.service',
  ]);
  await robot.client.stopService('recorder');
  const late = await refusal(robot.client.stopService('bus', { confirm: impact.token }));
  expect(late.code).toBe('situation-changed');
  const now = await robot.client.serviceImpact({ command: 'stop', service: 'bus' });
  await robot.client.stopService('bus', { confirm: now.token });
  expect((await robot.client.service('video')).status).toBe('stopped');
});

it('hands over scale, rolling and cascade, and to stacks none of them', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('camera');
  expect(await robot.client.scaleService('camera', 3)).toMatchObject({ kind: 'scale', service: 'camera' });
  expect((await robot.client.service('camera')).service?.instances.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect((await refusal(robot.client.scaleService('camera', 9))).code).toBe('scale-refused');
  expect(await robot.client.restartService('camera', { rolling: true })).toMatchObject({
    kind: 'rolling-restart',
  });
  expect((await refusal(robot.client.restartService('nav', { cascade: true }))).code).toBe('bad-request');
  expect((await refusal(robot.client.scaleService('nav', 2))).code).toBe('bad-request');
  await robot.client.startService('video');
  const impact = await robot.client.serviceImpact({ command: 'restart', service: 'bus', cascade: true });
  expect(impact.affects.map(({ name, effect }) => [name, effect])).toEqual([
    ['video', 'restarts'],
    ['bus', 'restarts'],
  ]);
});

it('lists, begins and ends maintenance, and says so where a start is refused', async () => {
  await using robot = await robotWithServices();
  const until = '2099-01-01T00:00:00Z';
  expect(await robot.client.beginMaintenance('video', { reason: 'a new lens', until })).toMatchObject({
    target: 'video',
    until,
    actor: { name: 'tester', face: 'cli' },
  });
  expect(await robot.client.maintenance()).toHaveLength(1);
  expect((await robot.client.service('video')).service?.maintenance?.reason).toBe('a new lens');
  const refused = await refusal(robot.client.startService('video'));
  expect(refused).toMatchObject({
    code: 'in-maintenance',
    message: expect.stringContaining('a new lens') as string,
  });
  expect(await robot.client.endMaintenance('video')).toEqual([]);
  expect((await refusal(robot.client.endMaintenance('video'))).code).toBe('not-found');
});

it('reads the journal of one instance and of one output, and calls no output of a stack by name', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('camera');
  await robot.client.scaleService('camera', 2);
  robot.journal.append('rovi-camera@1.service', 'one', { stream: 'stdout' });
  robot.journal.append('rovi-camera@2.service', 'two', { stream: 'stdout' });
  robot.journal.append('rovi-camera@2.service', 'oops', { stream: 'stderr' });
  robot.journal.append('rovi-nav.service', 'hm', { stream: 'stdout' });
  const messages = async (...given: Parameters<typeof robot.client.serviceLogs>) =>
    (await robot.client.serviceLogs(...given)).map(({ message, stream }) => [message, stream]);
  expect(await messages('camera')).toEqual([['one', 'stdout']]);
  expect(await messages('camera', { instance: 2 })).toEqual([
    ['two', 'stdout'],
    ['oops', 'stderr'],
  ]);
  expect(await messages('camera', { instance: 2, stream: 'stderr' })).toEqual([['oops', 'stderr']]);
  expect(await messages('nav')).toEqual([['hm', null]]);
  expect((await refusal(robot.client.serviceLogs('nav', { stream: 'stderr' }))).code).toBe('bad-request');
  expect((await refusal(robot.client.serviceLogs('camera', { instance: 5 }))).code).toBe('bad-request');
});

it('has services as nodes, what ties them as edges, and their figures as metrics', async () => {
  await using robot = await robotWithServices();
  await robot.client.startService('video');
  await robot.client.scaleService('camera', 2);
  const { nodes, edges } = await robot.client.graph();
  expect(nodes.find(({ name }) => name === 'camera')).toMatchObject({
    id: 'rovi-camera@.service',
    kind: 'service',
    state: 'RUNNING',
  });
  expect(edges.filter(({ kind }) => !['requisite', 'part_of'].includes(kind))).toEqual([
    { kind: 'requires', from: 'rovi-video.service', to: 'rovi-bus.service' },
    { kind: 'wants', from: 'rovi-logger.service', to: 'rovi-bus.service' },
    { kind: 'conflicts', from: 'rovi-logger.service', to: 'rovi-probe.service' },
    { kind: 'requires', from: 'rovi-recorder.service', to: 'rovi-video.service' },
  ]);
});

it('tells what is in force after a reload, and what was set right', async () => {
  await using robot = await robotWithServices();
  expect(await robot.client.reload({ reason: 'a test' })).toMatchObject({
    applied: [],
    needs_install: [],
    needs_restart: [],
  });
  expect(await robot.client.recover()).toMatchObject({ reset: [] });
});
