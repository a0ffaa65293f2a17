/** Units of the system on a robot that tells of itself, and is commanded, by MQTT, in ROS and by a fleet at the same time. */
import { generateKeyPairSync } from 'node:crypto';
import { fleetReportSchema, supervisedServiceSchema } from '@rovi/contract';
import type { FleetReport, SupervisedService } from '@rovi/contract';
import { fleetSigner } from '@rovi/mqtt';
import type { Diagnostics } from '@rovi/testbed';
import { afterAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { OPERATOR, shippedCatalog } from '../installed-robot.js';
import { Subscriber, subscriberArgv } from '../mqtt/broker.js';
import { RobotInRos } from '../ros/robot-in-ros.js';
import { Visits } from '../web/visits.js';

// What is polled has its own deadline, on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });

const FLEET_KEY = '/etc/rovi/fleet.key';
const ENGINE = 'engine.service';
const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const sleeping = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n';

const external = {
  engine: { unit: ENGINE, description: 'Runs containers', affects: 'all containers of this robot' },
  agent: { unit: 'agent.service', description: 'Network', allow: ['restart'], critical: false },
  worker: { unit: 'worker@one.service', description: 'Of a template', critical: false },
  printer: { unit: 'printer.service', description: 'Not on this robot', critical: false },
  masked: { unit: 'masked.service', description: 'Masked', critical: false },
};

/** The robot is its own fleet, and has the broker. */
const rovi = new RobotInRos('external-everywhere', {
  catalog: stringify({
    ...(parse(shippedCatalog()) as object),
    robot: 'alpha',
    external,
    mqtt: {
      broker: 'mqtt://127.0.0.1:1883',
      prefix: 'own',
      fleet: {
        observe: true,
        key_file: FLEET_KEY,
        operators: [{ name: 'office', key: fleetSigner(pem).key }],
      },
    },
  }),
  prepare: async (robot) => {
    const broker = 'user root\nlistener 1883 127.0.0.1\nallow_anonymous true\n';
    await robot.writeFile('/etc/story/mosquitto.conf', broker);
    for (const name of ['engine', 'agent', 'worker@'])
      await robot.writeFile(`/etc/systemd/system/${name}.service`, sleeping);
    await robot.exec(['systemctl', 'mask', 'masked.service']);
    await robot.exec(['systemctl', 'daemon-reload']);
    await robot.exec(['systemctl', 'start', ENGINE, 'agent', 'worker@one']);
    const mosquitto = ['/usr/sbin/mosquitto', '-c', '/etc/story/mosquitto.conf'];
    await robot.exec(['systemd-run', '--unit=broker', '--quiet', ...mosquitto]);
  },
  furnish: async ({ robot }) => {
    await robot.writeFile(FLEET_KEY, pem, { mode: '0640', owner: 'root:rovi' });
    await robot.exec(['systemctl', 'restart', 'rovi-gateway.service']);
  },
});
const visits = new Visits(rovi);

let bus: Subscriber | undefined;
afterAll(() => bus?.end());

const heard = (topic: string): Record<string, unknown>[] => bus?.on(topic) ?? [];

interface Faces {
  readonly mqtt: SupervisedService;
  readonly fleet: FleetReport;
  /** Level and message. */
  readonly ros: readonly [number, string];
}

/** Resolves when all faces say of a unit what is wanted. */
async function everywhere(
  name: string,
  wanted: { mqtt: object; fleet: object; ros: readonly [number, RegExp] },
) {
  await expect
    .poll(() => facesOf(name), { timeout: 60_000, interval: 50 })
    .toMatchObject({
      mqtt: wanted.mqtt,
      fleet: wanted.fleet,
      ros: [wanted.ros[0], expect.stringMatching(wanted.ros[1])],
    });
}

function facesOf(name: string): Faces | null {
  const mqtt = heard(`own/services/state/${name}`).at(-1);
  const fleet = heard('fleet/alpha/state').at(-1);
  const array = rovi.graph.published('/diagnostics').at(-1)?.message as unknown as Diagnostics | undefined;
  const ros = array?.status.find((status) => status.name === `rovi: ${name}`);
  if (mqtt === undefined || fleet === undefined || ros === undefined) return null;
  return {
    mqtt: supervisedServiceSchema.parse(mqtt),
    fleet: fleetReportSchema.parse(fleet),
    ros: [ros.level, ros.message],
  };
}

const inReport = (name: string, part: object) => ({
  services: expect.arrayContaining([expect.objectContaining({ name, ...part })]) as unknown,
});

const run = (...argv: string[]) => rovi.rovictl(argv, { user: OPERATOR });
/** Commands the fleet of one. */
const fleetRun = (...words: string[]) => run('fleet', 'run', ...words, '--on', 'alpha');

test('a robot with units that are missing, masked or of a template is whole on all faces, and says which are not there', async () => {
  await rovi.on();
  bus = new Subscriber(rovi.robot.spawn(subscriberArgv(1883, ['own/#', 'fleet/alpha/state'])));
  await bus.ready();
  const running = { mqtt: { state: 'RUNNING', managed: 'system' }, ros: [0, /^RUNNING: running$/] } as const;
  for (const name of ['engine', 'agent', 'worker'])
    await everywhere(name, { ...running, fleet: inReport(name, { state: 'RUNNING', level: 'ok' }) });
  for (const [name, text] of [
    ['printer', 'not installed'],
    ['masked', 'unit is masked'],
  ] as const) {
    await everywhere(name, {
      mqtt: { state: 'UNKNOWN', level: 'error', text },
      fleet: inReport(name, { state: 'UNKNOWN', level: 'error' }),
      ros: [2, new RegExp(`^UNKNOWN: ${text}$`)],
    });
  }
  // The console, too, has heard of it by now or soon.
  await expect
    .poll(async () => (await run('fleet', 'status')).stdout, { timeout: 60_000 })
    .toMatch(/alpha +error .* masked unknown, printer unknown$/m);
  // Nobody has seen what is not there.
  const told = await run('fleet', 'status', 'alpha');
  expect(told.stdout).toMatch(/printer \(system\) +UNKNOWN +– +– +0 +– +not installed/);
  expect(told.stdout).toMatch(/worker \(system\) +RUNNING/);
});

test('what is not allowed, or not there, is a no with its reason before a fleet is commanded, and nothing is done', async () => {
  const before = await rovi.run('agent.service');
  for (const [words, code, why, exit] of [
    [['stop', 'agent'], 'command-not-allowed', 'operators may not stop agent', 4],
    [['start', 'printer'], 'unit-missing', 'printer.service is not installed', 1],
    [['start', 'masked'], 'unit-masked', 'masked.service is masked', 1],
  ] as const) {
    const refused = await fleetRun('service', ...words, '--yes');
    expect([refused.code, refused.stderr], words.join(' ')).toEqual([exit, expect.stringContaining(why)]);
    expect(refused.stderr).toContain(`1 robot: left out [${code}]`);
    expect(refused.stderr).not.toContain('nothing changes');
    // Whoever asks nothing first is refused by the robot itself.
    const { id } = await rovi.api.fleet.run({
      command: { kind: words[0] === 'stop' ? 'service-stop' : 'service-start', service: words[1] },
      targets: [{ robot: 'alpha', confirm: null }],
      reason: '',
    });
    await expect
      .poll(async () => (await rovi.api.fleet.runOf(id)).targets, { timeout: 60_000 })
      .toMatchObject([{ state: 'refused', problem: { code } }]);
  }
  expect(await rovi.run('agent.service')).toEqual(before);
  const restarted = await fleetRun('service', 'restart', 'worker', '--yes');
  expect(`${String(restarted.code)} ${restarted.stdout}`).toMatch(/^0 .*1 done/);
});

test('stop-all stops no unit of the system, and does not say so; in ROS there is no service for one', async () => {
  const before = await rovi.run(ENGINE);
  expect(await rovi.trigger('/rovi/stop_all')).toEqual({
    success: true,
    message: 'succeeded: no stack was running',
  });
  expect((await fleetRun('stop-all')).stdout).toContain('no stack was running');
  expect(await rovi.run(ENGINE)).toEqual(before);
  const [node] = rovi.graph.nodes;
  expect([...(node?.services.keys() ?? [])].filter((name) => name.includes('engine'))).toEqual([]);
});

test('a unit of the catalog is not taken for a service of others that says it has its name', async () => {
  for (const name of ['worker', 'whisper']) {
    const told = { event_type: 'service_registered', service_data: { service_name: name, version: '2' } };
    const where = ['-h', '127.0.0.1', '-V', 'mqttv5', '-q', '1', '-t', 'own/discovery/services'];
    await rovi.robot.exec(['mosquitto_pub', ...where, '-m', JSON.stringify(told)]);
  }
  await expect
    .poll(async () => (await rovi.api.state()).external.map(({ name }) => name), { timeout: 60_000 })
    .toEqual(['whisper']);
});

test('one that is killed has failed on all faces, by its name', async () => {
  await rovi.systemctl(['kill', '--signal=KILL', ENGINE]);
  await everywhere('engine', {
    mqtt: { state: 'FAILED', text: 'failed: killed by SIGKILL' },
    fleet: { level: 'error', ...inReport('engine', { state: 'FAILED', level: 'error' }) },
    ros: [2, /^FAILED: failed: killed by SIGKILL$/],
  });
  await bus?.until('own/services/service_failed', 'the failure', (events) =>
    events.some(({ event_data: data }) => (data as { service_name: string }).service_name === 'engine'),
  );
  expect((await fleetRun('service', 'start', 'engine', '--yes')).code).toBe(0);
});

test('before a fleet run the shell and the page say what ends with it that Rovi does not know of', async () => {
  const hits = 'stops engine; affects all containers of this robot';
  const unasked = await fleetRun('service', 'stop', 'engine');
  expect([unasked.code, unasked.stderr]).toEqual([3, expect.stringContaining(`1 robot: ${hits}`)]);
  const page = await visits.open({ path: '/services/fleet/alpha' });
  const bar = page.getByRole('region', { name: 'Command robots' });
  await bar.getByLabel('What to do').selectOption('service-stop');
  await bar.getByLabel('Service', { exact: true }).selectOption('engine');
  await bar.getByRole('button', { name: /engine…$/ }).click();
  await page.getByRole('dialog').getByText(`1 robot: ${hits}`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Do not' }).last().click();
  expect(await rovi.property(ENGINE, 'ActiveState')).toBe('active');
});

test('a robot without a critical one is not well, though it was stopped in good order; in maintenance it is', async () => {
  expect((await fleetRun('service', 'stop', 'engine', '--yes')).code).toBe(0);
  await everywhere('engine', {
    mqtt: { state: 'STOPPED', level: 'ok' },
    fleet: {
      level: 'error',
      text: 'engine: stopped, and 2 more',
      ...inReport('engine', { state: 'STOPPED', level: 'error' }),
    },
    ros: [2, /^STOPPED: stopped$/],
  });
  await expect
    .poll(async () => (await run('fleet', 'status')).stdout, { timeout: 60_000 })
    .toMatch(/alpha +error .* engine stopped, masked unknown, printer unknown$/m);
  expect((await run('maintenance', 'begin', 'engine', '--reason', 'new disk')).code).toBe(0);
  await everywhere('engine', {
    mqtt: { state: 'MAINTENANCE' },
    fleet: inReport('engine', { state: 'MAINTENANCE', level: 'ok' }),
    ros: [0, /^MAINTENANCE: in maintenance: new disk[^;]*$/],
  });
});

test('what brings a unit makes it well, and commandable, on all faces without more', async () => {
  await rovi.robot.writeFile('/etc/systemd/system/printer.service', sleeping);
  await rovi.systemctl(['unmask', 'masked.service']);
  await rovi.robot.writeFile('/etc/systemd/system/masked.service', sleeping);
  await rovi.systemctl(['daemon-reload']);
  for (const name of ['printer', 'masked']) {
    await everywhere(name, {
      mqtt: { state: 'STOPPED', level: 'ok' },
      fleet: {
        level: 'ok',
        text: 'no stack is active',
        ...inReport(name, { state: 'STOPPED', level: 'ok' }),
      },
      ros: [0, /^STOPPED: stopped$/],
    });
  }
  const started = await fleetRun('service', 'start', 'printer', '--yes');
  expect(`${String(started.code)} ${started.stdout}`).toMatch(/^0 .*1 done/);
});

rovi.expectNoWarningsBut();
