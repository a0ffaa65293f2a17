import { mqttEventSchema, stackStatusSchema } from '@rovi/contract';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';
import { Subscriber, subscriberArgv } from './broker.js';

const PORT = 1883;
const USER = ['-u', 'story', '-P', 'listening'];
const EVENTS = 'alicia/services/events';
const ROBOT = 'alicia/robot/rovi/state';

/** The shipped catalog with a broker on the robot itself, and no other need of a network. */
const catalog = stringify({
  ...(parse(shippedCatalog()) as object),
  ros: { face: false },
  mqtt: {
    broker: `mqtt://127.0.0.1:${String(PORT)}`,
    prefix: 'alicia',
    username: 'rovi',
    password_file: '/etc/rovi/mqtt-password',
  },
});

/** A broker that wants passwords; started by the story, not at boot. */
const rovi = new InstalledRobot('mqtt', {
  catalog,
  furnish: async ({ robot }) => {
    await robot.writeFile(
      '/etc/story/mosquitto.conf',
      `user root\nlistener ${String(PORT)} 127.0.0.1\nallow_anonymous false\npassword_file /etc/story/users\n`,
    );
    await robot.shell(
      'set -e; mosquitto_passwd -b -c /etc/story/users rovi secret; mosquitto_passwd -b /etc/story/users story listening',
    );
  },
});

const subscribers: Subscriber[] = [];
afterAll(() => subscribers.forEach((subscriber) => subscriber.end()));

async function subscribe(...topics: string[]): Promise<Subscriber> {
  const subscriber = new Subscriber(rovi.robot.spawn(subscriberArgv(PORT, topics, USER)));
  subscribers.push(subscriber);
  await subscriber.ready();
  return subscriber;
}

const brokerUp = async (): Promise<void> => {
  const unit = ['--unit=broker', '--collect', '--quiet'];
  await rovi.robot.exec(['systemd-run', ...unit, '/usr/sbin/mosquitto', '-c', '/etc/story/mosquitto.conf']);
  await rovi.robot.waitFor('the broker to listen', async () => {
    const { stdout } = await rovi.robot.exec(['ss', '-Hltn', `sport = ${String(PORT)}`]);
    return stdout.includes(`:${String(PORT)}`);
  });
};

const brokerKilled = async (): Promise<void> => {
  await rovi.robot.exec(['systemctl', 'kill', '--signal=KILL', 'broker']);
  // Not before its unit is gone too can it be started again.
  await rovi.robot.waitFor(
    'the broker to be gone',
    async () => (await rovi.property('broker.service', 'LoadState')) === 'not-found',
  );
};

const face = (state: string) =>
  rovi.robot.waitFor(
    `the face to be ${state}`,
    async () => {
      const { faces } = await rovi.api.state();
      const mqtt = faces.find(({ name }) => name === 'mqtt');
      return mqtt?.state === state ? mqtt : null;
    },
    // It tries twice a minute once it has failed for long.
    75_000,
  );

const types = (subscriber: Subscriber): unknown[] =>
  subscriber.on(EVENTS).map((event) => mqttEventSchema.parse(event).event_type);

test('without a broker and without a password the gateway is up and starts stacks; it says what is missing', async () => {
  expect(await rovi.property('rovi-gateway', 'ActiveState')).toBe('active');
  const failing = await face('failing');
  expect(failing.text).toMatch(/^cannot read \/etc\/rovi\/mqtt-password /);
  expect((await rovi.api.start('teleop')).outcome).toBe('succeeded');
  const { stdout } = await rovi.rovictl(['status'], { user: OPERATOR });
  expect(stdout).toMatch(/\nMQTT +✗ failing: cannot read \/etc\/rovi\/mqtt-password /);
  const doctor = await rovi.rovictl(['doctor'], { user: OPERATOR });
  expect(doctor.stdout).toMatch(
    /○ MQTT face +failing: cannot read \/etc\/rovi\/mqtt-password .*\n +mend: Put the file there/,
  );
});

test('once both are there, what happened meanwhile arrives, and the state is retained', async () => {
  await brokerUp();
  const bus = await subscribe('alicia/#');
  await rovi.robot.writeFile('/etc/rovi/mqtt-password', 'secret\n', { mode: '0640', owner: 'root:rovi' });
  await face('on');
  await bus.until(EVENTS, 'the start of teleop', (events) => events.length >= 1);
  expect(types(bus)).toEqual(['stack_started']);
  expect(bus.on(EVENTS)[0]).toMatchObject({ event_data: { service_name: 'teleop' } });
  const late = await subscribe('alicia/stacks/state/+', ROBOT);
  const [robot] = await late.until(ROBOT, 'there', ({ length }) => length >= 1);
  expect(robot).toMatchObject({ robot: 'rovi', online: true, active: 'teleop', known: true });
  const [teleop] = await late.until('alicia/stacks/state/teleop', 'there', ({ length }) => length >= 1);
  expect(stackStatusSchema.parse(teleop)).toMatchObject({
    state: 'RUNNING',
    unit: { active_state: 'active' },
  });
  await rovi.api.stop('teleop');
  await bus.until(EVENTS, 'its stop', () => types(bus).includes('stack_stopped'));
  // Told twice, and told again after the outage that comes next unless the broker has both.
  await bus.until('alicia/services/stack_stopped', 'there too', ({ length }) => length === 1);
});

test('the broker is killed and comes back: starts and stops of the outage are told in order', async () => {
  await brokerKilled();
  const { restarts } = await face('failing');
  expect(restarts).toBe(1);
  const began = Date.now() / 1000;
  await rovi.api.start('nav');
  await rovi.api.stop('nav');
  await rovi.api.start('camera');
  const ended = Date.now() / 1000;
  // Without its password the face stays outside until somebody listens.
  await rovi.robot.exec(['mv', '/etc/rovi/mqtt-password', '/etc/rovi/mqtt-password.away']);
  await brokerUp();
  const bus = await subscribe('alicia/#');
  await rovi.robot.exec(['mv', '/etc/rovi/mqtt-password.away', '/etc/rovi/mqtt-password']);
  await face('on');
  await bus.until(EVENTS, 'three events', ({ length }) => length >= 3);
  const events = bus.on(EVENTS).map((event) => mqttEventSchema.parse(event));
  expect(events.map(({ event_type: type, event_data: data }) => [type, data['service_name']])).toEqual([
    ['stack_started', 'nav'],
    ['stack_stopped', 'nav'],
    ['stack_started', 'camera'],
  ]);
  for (const { timestamp } of events) {
    expect(timestamp).toBeGreaterThanOrEqual(began - 1);
    expect(timestamp).toBeLessThanOrEqual(ended + 1);
  }
  await bus.until(ROBOT, 'camera active', (states) => states.at(-1)?.['active'] === 'camera');
});

test('what others tell over the bus is in the state', async () => {
  const told = { event_type: 'service_registered', service_data: { service_name: 'whisper', version: '2' } };
  const where = ['-h', '127.0.0.1', '-V', 'mqttv5', '-q', '1', ...USER, '-t', 'alicia/discovery/services'];
  await rovi.robot.exec(['mosquitto_pub', ...where, '-m', JSON.stringify(told)]);
  await rovi.robot.waitFor('whisper', async () => {
    const { external } = await rovi.api.state();
    return external.some(({ name, version }) => name === 'whisper' && version === '2');
  });
});

test('a gateway that is killed is told by its will and its stack runs on; one that stops says so itself', async () => {
  const bus = await subscribe(ROBOT);
  await bus.until(ROBOT, 'online', (states) => states.at(-1)?.['online'] === true);
  const camera = await rovi.run('rovi-camera');
  await rovi.systemctl(['kill', '--signal=KILL', 'rovi-gateway']);
  await bus.until(ROBOT, 'the will', (states) => states.at(-1)?.['reason'] === 'the connection was lost');
  expect(await rovi.run('rovi-camera')).toEqual(camera);
  await rovi.waitForUnit('rovi-gateway.service', 'failed');
  await rovi.systemctl(['reset-failed', 'rovi-gateway']);
  expect((await rovi.systemctl(['start', 'rovi-gateway'])).code).toBe(0);
  await bus.until(ROBOT, 'online again', (states) => states.at(-1)?.['online'] === true);
  expect((await rovi.systemctl(['stop', 'rovi-gateway'])).code).toBe(0);
  const said = await bus.until(ROBOT, 'its last word', (states) => states.at(-1)?.['online'] === false);
  expect(said.at(-1)).toMatchObject({ reason: 'the gateway was stopped: SIGTERM' });
});

rovi.expectNoWarningsBut(/rovi-gateway\.service: (?:Main process exited|Failed with result)/);
