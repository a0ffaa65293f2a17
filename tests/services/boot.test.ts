/** The eight services of examples/omega1.yaml on a robot that boots: order, marks, maintenance. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS, ROBOT_MARK, serviceUnit } from '@rovi/contract';
import { REPOSITORY } from '@rovi/testbed';
import { readCatalog } from '@rovi/unitgen';
import { afterEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot, OPERATOR } from '../installed-robot.js';

const text = readFileSync(join(REPOSITORY, 'examples/omega1.yaml'), 'utf8');
const changed = parse(text) as { services: Record<string, Record<string, unknown>> };
// As an operator's stop is to outlast a reboot here.
changed.services['main_api'] = { ...changed.services['main_api'], restart: 'unless-stopped' };
const catalogText = stringify(changed);
const { services } = readCatalog(catalogText, 'omega1.yaml');
const entries = Object.entries(services).map(([name, entry]) => ({
  name,
  entry,
  unit: serviceUnit(name, entry),
}));
const [auto, manual] = [true, false].map((autostart) =>
  entries.filter(({ entry }) => entry.autostart === autostart),
) as [typeof entries, typeof entries];
const UNITS = auto.map(({ unit }) => unit);

const installed = new InstalledRobot('omega1', {
  catalog: catalogText,
  prepare: async (robot) => {
    await robot.exec(['cp', '-r', '/opt/rovi-src/examples/omega1', '/opt/omega1']);
  },
});

afterEach(async () => {
  await installed.robot.shell(`rm -f ${PATHS.maintenance}/* ${PATHS.stopped}/*`);
});

/** Marks are the catalog's user's: the gateway puts them there. */
async function mark(folder: string, name: string): Promise<void> {
  await installed.robot.exec(['touch', `${folder}/${name}`], { user: 'omega1' });
}

async function statesOf(units: readonly string[]): Promise<Record<string, string>> {
  const states: Record<string, string> = {};
  for (const unit of units) states[unit] = await installed.property(unit, 'ActiveState');
  return states;
}

const all = (units: readonly string[], state: string) =>
  Object.fromEntries(units.map((unit) => [unit, state]));

/** Each autostart service became active after all that it requires or wants, in this boot. */
async function expectInOrder(): Promise<void> {
  expect(await statesOf(UNITS)).toEqual(all(UNITS, 'active'));
  const entered = new Map<string, number>();
  for (const { name, unit } of auto) {
    entered.set(name, Number(await installed.property(unit, 'ActiveEnterTimestampMonotonic')));
  }
  for (const { name, entry } of auto) {
    for (const needed of [...entry.requires, ...entry.wants]) {
      expect(entered.get(needed), `${needed} before ${name}`).toBeLessThanOrEqual(entered.get(name) ?? 0);
    }
  }
}

/** Answers over HTTP, from inside the robot. */
async function ask(port: number, path: string): Promise<unknown> {
  const script = `import urllib.request as u; print(u.urlopen("http://127.0.0.1:${String(port)}${path}", timeout=2).read().decode())`;
  const { code, stdout } = await installed.robot.exec(['python3', '-c', script], { check: false });
  return code === 0 ? JSON.parse(stdout) : null;
}

test('the installation starts what boot would start, in order; the services answer', async () => {
  expect((await installed.systemctl(['is-enabled', 'rovi-services.target'])).stdout.trim()).toBe('enabled');
  await expectInOrder();
  const manualUnits = manual.map(({ unit }) => unit);
  expect(manualUnits).toEqual(['rovi-lighting_server.service', 'rovi-ros_core.service']);
  expect(await statesOf(manualUnits)).toEqual(all(manualUnits, 'inactive'));
  const answer = await installed.robot.waitFor('the proxy', () => ask(7070, '/health'));
  expect(answer).toEqual({ status: 'ok' });
  expect(await installed.robot.waitFor('the API', () => ask(8000, '/'))).toEqual({
    service: 'api',
    ROVI_SERVICE: 'main_api',
    ROVI_INSTANCE: '1',
    ROVI_PORT: '8000',
  });
});

test('a WebSocket is opened, and tells readings', async () => {
  const script = `
import base64, os, socket
s = socket.create_connection(("127.0.0.1", 8082), timeout=10)
key = base64.b64encode(os.urandom(16)).decode()
s.sendall(f"GET / HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: {key}\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n".encode())
f = s.makefile("rb")
print(f.readline().decode().strip())
while f.readline().strip(): pass
head = f.read(2)
print(f.read(head[1]).decode())`;
  // The unit is up before its program listens: then this throws, and is tried again.
  const { stdout } = await installed.robot.waitFor('a WebSocket', () =>
    installed.robot.exec(['python3', '-c', script]),
  );
  const [status, reading] = stdout.trim().split('\n');
  expect(status).toBe('HTTP/1.1 101 Switching Protocols');
  expect(JSON.parse(reading ?? '')).toMatchObject({ service: 'ultrasonic' });
});

test('after a reboot and after a power cut: all with autostart, in order, and no other', async () => {
  for (const cutPower of [false, true]) {
    await installed.robot.reboot({ cutPower });
    await expectInOrder();
    const manualUnits = manual.map(({ unit }) => unit);
    expect(await statesOf(manualUnits)).toEqual(all(manualUnits, 'inactive'));
  }
});

test('without the gateway they run, start and boot as well', async () => {
  await installed.systemctl(['disable', '--now', 'rovi-gateway.service']);
  await expectInOrder();
  await installed.robot.reboot();
  expect(await installed.property('rovi-gateway.service', 'ActiveState')).toBe('inactive');
  await expectInOrder();
  await installed.systemctl(['enable', '--now', 'rovi-gateway.service']);
});

test('what an operator stopped stays down over a reboot, with what requires it; a start by hand goes', async () => {
  await installed.systemctl(['stop', 'rovi-main_api.service']);
  await mark(PATHS.stopped, 'main_api');
  // Not `unless-stopped`: a mark of its own means nothing.
  await mark(PATHS.stopped, 'video_server');
  await installed.robot.reboot();
  const down = ['rovi-main_api.service', 'rovi-gateway_api.service'];
  expect(await statesOf(UNITS)).toEqual({ ...all(UNITS, 'active'), ...all(down, 'inactive') });
  expect(await installed.property('rovi-main_api.service', 'Result')).toBe('exec-condition');
  expect((await installed.systemctl(['is-system-running'])).stdout.trim()).toBe('running');
  await expect
    .poll(() => installed.robot.journal(['-b', '-o', 'cat', '-u', 'rovi-gateway_api']))
    .toContain('not started at boot: an operator stopped main_api');
  // The mark is for the boot alone.
  expect((await installed.systemctl(['start', 'rovi-gateway_api'], { user: OPERATOR })).code).toBe(0);
  expect(await statesOf(UNITS)).toEqual(all(UNITS, 'active'));
});

test('in maintenance a service does not start, nor what requires it; what runs goes on', async () => {
  await mark(PATHS.maintenance, 'main_api');
  expect(await statesOf(UNITS)).toEqual(all(UNITS, 'active'));
  await installed.systemctl(['stop', 'rovi-main_api.service']);
  const start = await installed.systemctl(['start', 'rovi-gateway_api.service'], { user: OPERATOR });
  expect(start.code).not.toBe(0);
  expect(start.stderr).toContain('A dependency job for rovi-gateway_api.service failed');
  const direct = await installed.systemctl(['start', 'rovi-main_api.service']);
  expect(direct.stderr).toContain('Assertion failed on job for rovi-main_api.service');
  expect(await installed.property('rovi-main_api.service', 'AssertResult')).toBe('no');
  const down = ['rovi-main_api.service', 'rovi-gateway_api.service'];
  expect(await statesOf(down)).toEqual(all(down, 'inactive'));
  await installed.robot.reboot();
  expect(await statesOf(UNITS)).toEqual({ ...all(UNITS, 'active'), ...all(down, 'inactive') });
  await installed.robot.exec(['rm', `${PATHS.maintenance}/main_api`]);
  expect((await installed.systemctl(['start', 'rovi-gateway_api.service'])).code).toBe(0);
  expect(await statesOf(UNITS)).toEqual(all(UNITS, 'active'));
});

test('a crash is not mended by a restart while it is in maintenance', async () => {
  await mark(PATHS.maintenance, 'video_server');
  await installed.systemctl(['kill', '--signal=SIGKILL', 'rovi-video_server.service']);
  await installed.waitForUnit('rovi-video_server.service', 'inactive', 'failed');
  expect(await installed.property('rovi-video_server.service', 'AssertResult')).toBe('no');
  await installed.robot.exec(['rm', `${PATHS.maintenance}/video_server`]);
  expect((await installed.systemctl(['start', 'rovi-video_server.service'])).code).toBe(0);
});

test('a robot in maintenance boots with its gateway alone', async () => {
  await mark(PATHS.maintenance, ROBOT_MARK);
  await installed.robot.reboot();
  expect(await statesOf(UNITS)).toEqual(all(UNITS, 'inactive'));
  expect(await installed.property('rovi-gateway.service', 'ActiveState')).toBe('active');
  expect((await installed.systemctl(['start', 'rovi-lighting_server.service'])).code).not.toBe(0);
});

installed.expectNoWarningsBut(
  /^rovi-\w+\.service\[[34]\] systemd: Dependency failed for rovi-/,
  /^rovi-\w+\.service\[[34]\] systemd: .*(?:Starting requested but asserts failed|Assertion failed)/,
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: (?:Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
);
