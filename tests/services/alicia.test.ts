/** The containers of examples/alicia.yaml on one robot: images, boot, health, scale, and a bus that is killed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisedService } from '@rovi/contract';
import { mqttEventSchema, serviceUnits, supervisedServiceSchema } from '@rovi/contract';
import type { Robot } from '@rovi/testbed';
import { makeImage, REPOSITORY, setUpPodman } from '@rovi/testbed';
import { readCatalog } from '@rovi/unitgen';
import { afterAll, expect, test, vi } from 'vitest';
import { InstalledRobot, OPERATOR } from '../installed-robot.js';
import { Subscriber, subscriberArgv } from '../mqtt/broker.js';

const shipped = readFileSync(join(REPOSITORY, 'examples/alicia.yaml'), 'utf8');
// Podman needs seconds for one look where eight containers and two other stories share two cores.
const catalog = shipped.replaceAll(/\btimeout: 5\b/g, 'timeout: 30');
const { services } = readCatalog(catalog, 'alicia.yaml');
const NAMES = Object.keys(services);
const BUS = 'mqtt_broker';
const EVENTS = 'alicia/services/events';
const STT = 'stt_service';
const STT_PORTS = [8110, 8111, 8112];
/** Containers are copied whole on a testbed robot (vfs), on a machine that is shared. */
const PATIENCE = 120_000;
vi.setConfig({ testTimeout: 2 * PATIENCE });

const program = (name: string): string => readFileSync(join(REPOSITORY, 'examples/alicia', name), 'utf8');

async function makeImages(robot: Robot): Promise<void> {
  await setUpPodman(robot);
  const where = ['python3', '-c', 'import os; print(os.path.dirname(os.__file__))'];
  await makeImage(robot, {
    name: 'localhost/alicia-service:1',
    programs: ['python3'],
    paths: [(await robot.exec(where)).stdout.trim()],
    files: Object.fromEntries(
      ['bus.py', 'service.py', 'healthy.py'].map((name) => [`/opt/alicia/${name}`, program(name)]),
    ),
  });
  await makeImage(robot, {
    name: 'localhost/alicia-mosquitto:1',
    programs: ['mosquitto', 'mosquitto_sub'],
  });
}

const rovi = new InstalledRobot('alicia', {
  catalog,
  prepare: async (robot) => {
    await robot.exec(['cp', '-r', '/opt/rovi-src/examples/alicia', '/opt/alicia']);
    await makeImages(robot);
  },
});

const subscribers: Subscriber[] = [];
afterAll(() => subscribers.forEach((subscriber) => subscriber.end()));

/** Listens from the robot itself, outside any container. */
async function subscribe(topics: readonly string[], more: readonly string[] = []): Promise<Subscriber> {
  const subscriber = new Subscriber(rovi.robot.spawn(subscriberArgv(1883, topics, more)));
  subscribers.push(subscriber);
  await subscriber.ready();
  return subscriber;
}

/** One retained state, as a client that comes now has it: it follows what the gateway knows. */
async function retained(name: string): Promise<SupervisedService> {
  const topic = `alicia/services/state/${name}`;
  const late = await subscribe([topic]);
  const [state] = await late.until(topic, 'there', ({ length }) => length > 0);
  late.end();
  expect(late.received[0]?.retain).toBe(1);
  return supervisedServiceSchema.parse(state);
}

async function serviceOf(name: string): Promise<SupervisedService> {
  const found = (await rovi.api.state()).services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`${name} is not shown`);
  return found;
}

async function containers(): Promise<string[]> {
  const { stdout } = await rovi.robot.exec(['podman', 'ps', '--format', '{{.Names}}']);
  return stdout.split('\n').filter(Boolean).sort();
}

/** Every service runs and has passed the health check of its container. */
const allHealthy = () =>
  rovi.robot.waitFor(
    'all to be healthy',
    async () => {
      const state = await rovi.api.state();
      const well = state.services.every(
        ({ health, state: word }) => health === 'healthy' && word === 'RUNNING',
      );
      return well && state.services.length === NAMES.length ? state : null;
    },
    PATIENCE,
  );

/** Answers over HTTP from inside the robot; null where nobody does. */
async function ask(port: number, path: string, put?: object): Promise<unknown> {
  const script = [
    'import sys, urllib.request as u',
    'url, *body = sys.argv[1:]',
    'call = u.Request(url, data=body[0].encode(), method="PUT") if body else url',
    'print(u.urlopen(call, timeout=5).read().decode())',
  ].join('\n');
  const words = [
    `http://127.0.0.1:${String(port)}${path}`,
    ...(put === undefined ? [] : [JSON.stringify(put)]),
  ];
  const { code, stdout } = await rovi.robot.exec(['python3', '-c', script, ...words], { check: false });
  return code === 0 ? JSON.parse(stdout) : null;
}

async function enteredAt(name: string): Promise<number> {
  const entry = services[name];
  if (entry === undefined) throw new Error(name);
  const [unit = ''] = serviceUnits(name, entry);
  expect(await rovi.property(unit, 'ActiveState')).toBe('active');
  return Number(await rovi.property(unit, 'ActiveEnterTimestampMonotonic'));
}

async function expectInOrder(): Promise<void> {
  const entered = new Map<string, number>();
  for (const name of NAMES) entered.set(name, await enteredAt(name));
  for (const [name, { requires, wants }] of Object.entries(services)) {
    for (const needed of [...requires, ...wants]) {
      expect(entered.get(needed), `${needed} before ${name}`).toBeLessThan(entered.get(name) ?? 0);
    }
  }
}

test('installed, all come up in the order of their dependencies and are healthy by their containers’ own checks', async () => {
  const state = await allHealthy();
  await expectInOrder();
  for (const { name, instances } of state.services) {
    const checks = instances[0]?.health.checks.filter(({ type }) => type === 'container') ?? [];
    expect(checks, name).toHaveLength(2);
    expect(
      checks.every(({ passing }) => passing === true),
      name,
    ).toBe(true);
  }
  expect(await containers()).toEqual(
    NAMES.map((name) => (name === STT ? 'rovi-stt_service.1' : `rovi-${name}`)).sort(),
  );
  const label = [
    'podman',
    'inspect',
    '--format',
    '{{index .Config.Labels "alicia.part"}}',
    'rovi-mqtt_broker',
  ];
  expect((await rovi.robot.exec(label)).stdout.trim()).toBe('bus');
  await expect
    .poll(() => ask(8103, '/watched'))
    .toEqual({ 'http://127.0.0.1:8101': 200, 'http://127.0.0.1:8102': 200 });
});

test('rovictl shows them, by name, category and health', async () => {
  const { code, stdout } = await rovi.rovictl(['service', 'list'], { user: OPERATOR });
  expect(code).toBe(0);
  for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^.*\\b${name}\\b.*\\bhealthy\\b`, 'm'));
  const doctor = await rovi.rovictl(['doctor']);
  expect(doctor.stdout).not.toContain('✗');
});

test('a device that is registered through the door is kept in a volume', async () => {
  await expect.poll(() => ask(8101, '/devices/lamp', { room: 'hall' })).toEqual({ lamp: { room: 'hall' } });
  await expect.poll(() => ask(8180, '/devices')).toEqual({ lamp: { room: 'hall' } });
});

test('after a reboot the same, in order, with the device and one instance of what was not scaled', async () => {
  await rovi.robot.reboot();
  await allHealthy();
  await expectInOrder();
  await expect.poll(() => ask(8180, '/devices')).toEqual({ lamp: { room: 'hall' } });
});

test('what discovery tells on the bus is shown as external', async () => {
  const found = await rovi.robot.waitFor(
    'kitchen_speaker',
    async () => (await rovi.api.state()).external.find(({ name }) => name === 'kitchen_speaker'),
    PATIENCE,
  );
  expect(found).toMatchObject({ description: 'Told by discovery', version: '1.0.0', health: 'healthy' });
  const { stdout } = await rovi.rovictl(['service', 'list'], { user: OPERATOR });
  expect(stdout).toContain('kitchen_speaker');
});

test('scaled from 1 to 3 and back, each instance has its container and port, and the bus is told', async () => {
  const bus = await subscribe(['alicia/services/service_scaled_up', 'alicia/services/service_scaled_down']);
  const up = await rovi.rovictl(['service', 'scale', STT, '3'], { user: OPERATOR });
  expect(up).toMatchObject({ code: 0 });
  const running = (await serviceOf(STT)).instances.filter(({ state }) => state === 'RUNNING');
  expect(running.map(({ id, ports, container }) => [id, ports, container])).toEqual(
    STT_PORTS.map((port, index) => [index + 1, [port], `rovi-stt_service.${String(index + 1)}`]),
  );
  for (const [index, port] of STT_PORTS.entries()) {
    await expect.poll(() => ask(port, '/')).toEqual({ service: STT, instance: String(index + 1), port });
  }
  const [told] = await bus.until('alicia/services/service_scaled_up', 'told', ({ length }) => length > 0);
  expect(mqttEventSchema.parse(told)).toMatchObject({
    event_type: 'service_scaled_up',
    source: 'service_orchestrator',
    event_data: { service_name: STT },
  });
  await rovi.robot.waitFor('the retained state', async () => (await retained(STT)).wanted === 3, 20_000);

  expect(await rovi.rovictl(['service', 'scale', STT, '4'], { user: OPERATOR })).not.toMatchObject({
    code: 0,
  });
  const down = await rovi.rovictl(['service', 'scale', STT, '1', '--yes'], { user: OPERATOR });
  expect(down).toMatchObject({ code: 0 });
  await bus.until('alicia/services/service_scaled_down', 'told', ({ length }) => length > 0);
  // The oldest go first: the youngest stays. The second and the third were started together.
  const [youngest] = running.sort((a, b) => (a.started_at! < b.started_at! ? 1 : -1));
  expect((await containers()).filter((name) => name.includes(STT))).toEqual([youngest?.container]);
  // Who answers late in the five seconds of a question is not gone.
  await expect
    .poll(() => Promise.all(STT_PORTS.map(async (port) => (await ask(port, '/')) !== null)))
    .toEqual(STT_PORTS.map((port) => youngest?.ports.includes(port)));
});

test('every service has a retained state on the bus', async () => {
  for (const name of NAMES) {
    await expect
      .poll(() => retained(name))
      .toMatchObject({ name, category: services[name]?.category, state: 'RUNNING' });
  }
});

test('the broker’s container is killed and comes back; what happened meanwhile arrives', async () => {
  // A session that the broker keeps, so that this listener too has what it missed.
  const bus = await subscribe(['alicia/services/#'], ['-i', 'story', '-c', '-x', '3600']);
  const before = await rovi.run(`rovi-${BUS}.service`);
  const killed = Date.now() / 1000;
  await rovi.robot.exec(['podman', 'kill', '--signal=KILL', `rovi-${BUS}`]);
  await rovi.robot.waitFor('a new run of the broker', async () => {
    const run = await rovi.run(`rovi-${BUS}.service`);
    return (
      run['InvocationID'] !== before['InvocationID'] &&
      (await rovi.property(`rovi-${BUS}.service`, 'ActiveState')) === 'active'
    );
  });
  const back = Number(await rovi.property(`rovi-${BUS}.service`, 'ActiveEnterTimestampMonotonic'));
  const uptime = Number((await rovi.robot.exec(['cut', '-d', ' ', '-f', '1', '/proc/uptime'])).stdout) * 1e6;
  const backAt = Date.now() / 1000 - (uptime - back) / 1e6;
  const ofBroker = (payloads: readonly Record<string, unknown>[]) =>
    payloads
      .map((payload) => mqttEventSchema.parse(payload))
      .filter((event) => event.event_data['service_name'] === BUS && event.timestamp >= killed - 1);
  const events = await bus.until(
    EVENTS,
    'the end of the broker',
    (payloads) => ofBroker(payloads).some(({ event_type: type }) => type === 'service_restarting'),
    PATIENCE,
  );
  const missed = ofBroker(events).filter(({ timestamp }) => timestamp < backAt);
  expect(missed.map(({ event_type: type }) => type)).toContain('service_restarting');
  // Each is told once or more, and all in the order in which they happened.
  const times = events.map((event) => mqttEventSchema.parse(event).timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  await allHealthy();
  await expect.poll(() => retained(BUS)).toMatchObject({ name: BUS, state: 'RUNNING' });
  await expect.poll(() => ask(8180, '/devices')).toEqual({ lamp: { room: 'hall' } });
});

test('it ends with nothing of it left running', async () => {
  const units = Object.entries(services).flatMap(([name, entry]) => serviceUnits(name, entry));
  expect((await rovi.systemctl(['stop', ...units])).code).toBe(0);
  expect(await containers()).toEqual([]);
});

test('install.sh and doctor say which image and which program containers lack', async () => {
  const doctor = () => rovi.rovictl(['doctor']);
  const dryRun = () =>
    rovi.robot.exec(['/opt/rovi-src/install.sh', '--catalog', '/root/rovi.yaml', '--dry-run']);
  expect((await doctor()).stdout).toMatch(/✓ images +2 of 2 are here/);
  expect((await dryRun()).stdout).not.toMatch(/images are not|will not start without/);
  const image = 'localhost/alicia-mosquitto:1';
  await rovi.robot.shell(`podman tag ${image} localhost/kept:1 && podman untag ${image} ${image}`);
  const found = await doctor();
  expect(found.code).toBe(7);
  expect(found.stdout).toMatch(/✗ images +localhost\/alicia-mosquitto:1 is missing, for mqtt_broker\n/);
  expect((await dryRun()).stdout).toMatch(
    /note: images are not on this robot, .*: localhost\/alicia-mosquitto:1\n/,
  );
  await rovi.robot.exec(['mv', '/usr/bin/crun', '/root']);
  expect((await doctor()).stdout).toMatch(/✗ engine +missing: \/usr\/bin\/crun\n +mend: `apt install crun`/);
  await rovi.robot.exec(['mv', '/usr/bin/podman', '/root']);
  expect((await doctor()).stdout).toMatch(/✗ engine +missing: \/usr\/bin\/podman, \/usr\/bin\/crun/);
  expect((await dryRun()).stdout).toContain(
    'will not start without: apt install podman crun; and without these images: localhost/alicia-mosquitto:1 localhost/alicia-service:1\n',
  );
});

rovi.expectNoWarningsBut(
  // Asked before its program listens.
  /^rovi-\w+-health(?:@\d)?\.service\[[34]\] systemd: .*(?:Failed with result 'exit-code'|Failed to start)/,
  // In the midst of a check as its robot goes down for the reboot, or its container is stopped.
  /^rovi-\w+-health(?:@\d)?\.service\[[34]\] systemd: .*(?:Main process exited, code=killed, status=9\/KILL|Failed with result 'signal')/,
  /^rovi-mqtt_broker\.service\[4\] systemd: rovi-mqtt_broker\.service: (?:Main process exited|Failed with result)/,
);
