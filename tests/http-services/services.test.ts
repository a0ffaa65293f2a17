import type { ServiceStatus } from '@rovi/contract';
import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';

const rovi = new InstalledRobot('services', { catalog: shippedCatalog() });
const NODES = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'];
const NAV = 'rovi-nav.service';
const TELEOP = 'rovi-teleop.service';

/** Works for about a third of the time. */
const BUSY = `
import time
while True:
    end = time.monotonic() + 0.03
    while time.monotonic() < end: pass
    time.sleep(0.06)
`;

/** nav, one node of which is busy and one of which the launch cannot do without. */
const furnish = (): Promise<void> =>
  setStack(rovi.robot, 'nav', {
    nodes: [
      ...NODES.map((name) => ({ name, required: name === 'controller_server' })),
      { name: 'busy', command: ['python3', '-c', BUSY] },
    ],
  });

test('the list has the gateway and the stacks, with what systemd says of them', async () => {
  const services = await rovi.api.services();
  expect(services.map(({ name, status, autostart }) => [name, status, autostart])).toEqual([
    ['gateway', 'running', true],
    ['teleop', 'stopped', false],
    ['mapping', 'stopped', false],
    ['localization', 'stopped', false],
    ['nav', 'stopped', false],
    ['camera', 'stopped', false],
  ]);
  const [gateway] = services;
  expect(gateway?.pid).toBe(Number(await rovi.property('rovi-gateway', 'MainPID')));
  expect(gateway?.uptime_seconds).toBeGreaterThan(0);
  expect(gateway?.memory_bytes).toBeGreaterThan(10_000_000);
});

test('CPU, memory, PID and uptime of what runs are those of its processes', async () => {
  await furnish();
  await rovi.api.startService('nav');
  const percents: number[] = [];
  let nav: ServiceStatus = await rovi.api.service('nav');
  expect(nav.cpu_percent).toBeNull();
  const first = { ...(await rovi.api.stack('nav')).resources, at: performance.now() };
  await rovi.robot.waitFor('eight looks at nav', async () => {
    nav = await rovi.api.service('nav');
    if (nav.cpu_percent !== null && nav.cpu_percent !== percents.at(-1)) percents.push(nav.cpu_percent);
    return percents.length >= 8;
  });
  const last = { ...(await rovi.api.stack('nav')).resources, at: performance.now() };
  const used = (((last.cpu_seconds ?? NaN) - (first.cpu_seconds ?? NaN)) / (last.at - first.at)) * 100_000;
  const mean = percents.reduce((sum, one) => sum + one, 0) / percents.length;
  // Windows of the looks and of this count differ by up to two seconds at either end.
  expect(Math.abs(mean - used)).toBeLessThan(Math.max(12, used / 2));
  expect(mean).toBeGreaterThan(5);
  expect(nav.memory_bytes).toBeGreaterThan((last.memory_bytes ?? NaN) / 2);
  expect(nav.memory_bytes).toBeLessThan((last.memory_bytes ?? NaN) * 2);
  expect(nav.pid).toBe(Number(await rovi.property(NAV, 'MainPID')));
  expect(nav.invocation_id).toBe(await rovi.property(NAV, 'InvocationID'));
  // Since systemd had it started, in whole seconds, until before and after the look.
  const show = ['systemctl', 'show', '--timestamp=unix', '-P', 'ActiveEnterTimestamp', NAV];
  const entered = Number((await rovi.robot.exec(show)).stdout.trim().replace('@', ''));
  const before = Date.now() / 1000;
  const { uptime_seconds: uptime } = await rovi.api.service('nav');
  expect(uptime).toBeGreaterThan(before - entered - 1.5);
  expect(uptime).toBeLessThan(Date.now() / 1000 - entered + 0.5);
  expect(nav).toMatchObject({ status: 'running', health: { status: 'healthy' }, crash_count: 0 });
});

test('a node that crashes and takes the launch with it is explained: which, how, its lines, what to do', async () => {
  const { stack } = await rovi.api.stack('nav');
  const pid = stack.expected.find(({ name }) => name === 'controller_server')?.pid ?? 0;
  await rovi.robot.exec(['kill', '-SEGV', String(pid)]);
  await rovi.robot.waitFor('nav to have ended', async () => {
    const { state } = await rovi.api.service('nav');
    return ['FAILED', 'STOPPED'].includes(state);
  });
  // The journal may be behind.
  const report = await rovi.robot.waitFor('the last lines of nav', async () => {
    const found = await rovi.api.failure('nav');
    return found.lines.some(({ message }) => message.includes('process has died')) ? found : null;
  });
  expect(report).toMatchObject({ stack: 'nav', unit: NAV, lines_error: null });
  expect(report.invocation_id).toBe(stack.unit.invocation_id);
  expect(report.lines.length).toBeGreaterThan(3);
  expect(report.lines.every(({ invocation_id: run }) => run === null || run === report.invocation_id)).toBe(
    true,
  );
  expect(report.lines.map(({ message }) => message).join('\n')).toContain('process has died');
  expect(report.mend[0]).toMatch(new RegExp(`^controller_server died first, of SIGSEGV: .*${String(pid)}`));
  expect(await rovi.api.service('nav')).toMatchObject({ crash_count: 1, uptime_seconds: null, pid: null });
  const { transitions } = await rovi.api.timeline();
  const ends = transitions.filter(({ name, from }) => name === 'nav' && from === 'RUNNING');
  expect(ends).toMatchObject([{ operation: null, invocation_id: report.invocation_id }]);
  const why = await rovi.rovictl(['stack', 'why', 'nav'], { user: OPERATOR });
  expect(why.stdout).toMatch(/nav ended: .*1\. controller_server died first, of SIGSEGV/s);
});

test('a confirmed switch does not stop another run than the one that was shown', async () => {
  const { api } = rovi;
  await api.start('teleop');
  const shown = await api.impact({ command: 'switch', stack: 'nav' });
  expect(shown).toMatchObject({ confirm: true, affects: [{ name: 'teleop' }, { name: 'nav' }] });
  expect((await rovi.systemctl(['restart', TELEOP])).code).toBe(0);
  const run = await rovi.run(TELEOP);
  await rovi.waitForStack(
    'teleop',
    'whole again, in that run',
    ({ verdict, unit }) => verdict.level === 'ok' && unit.invocation_id === run['InvocationID'],
  );
  const refused = await failureOf(api.switchTo('nav', { confirm: shown.token }));
  expect(refused.code).toBe('situation-changed');
  expect(await rovi.run(TELEOP)).toEqual(run);
  const now = refused.context['impact'] as typeof shown;
  expect(now.affects[0]?.invocation_id).toBe(run['InvocationID']);
  // Somebody else's restart was nobody's command, and is one all the same.
  const { last_restart: restarted } = await api.service('teleop');
  expect(Date.parse(restarted ?? '')).toBeGreaterThanOrEqual(Date.parse(shown.at));
  const operation = await api.switchTo('nav', { confirm: now.token });
  expect(operation).toMatchObject({ outcome: 'succeeded', from: 'teleop', stack: 'nav' });
  const { transitions } = await api.timeline();
  const [latest] = transitions.filter(({ name }) => name === 'teleop');
  expect(latest).toMatchObject({ to: 'STOPPED', operation: operation.id });
});

test('an operator sees the same with rovictl', async () => {
  const as = { user: OPERATOR };
  const plan = await rovi.rovictl(['plan', 'switch', 'camera'], as);
  expect(plan.stdout).toMatch(
    /^switch camera: stops nav \(running, 4 of 4 processes\), then starts camera\n/,
  );
  const timeline = await rovi.rovictl(['timeline', '-n', '60'], as);
  expect(timeline.stdout).toMatch(/nav +STARTING → RUNNING .*switch teleop → nav by story/);
  expect(timeline.stdout).toMatch(/teleop +\S+ → RUNNING .*nobody/);
});

test('the journals of gateway and stacks are read and followed as those of services', async () => {
  const entries = await rovi.api.serviceLogs('gateway', { lines: 5 });
  expect(entries.every(({ unit }) => unit === 'rovi-gateway.service')).toBe(true);
  expect(entries.length).toBe(5);
  const end = new AbortController();
  const lines = rovi.api.followServiceLogs('nav', { lines: 1, signal: end.signal });
  const first = await lines.next();
  expect(first.value).toMatchObject({ unit: NAV });
  await rovi.api.stopService('nav');
  await rovi.api.startService('nav');
  // Stopped and started is not restarted.
  expect((await rovi.api.service('nav')).last_restart).toBeNull();
  await rovi.api.restartService('nav');
  expect((await rovi.api.service('nav')).last_restart).not.toBeNull();
  const said: string[] = [];
  await rovi.robot.waitFor('the last line of nav', async () => {
    said.push(String((await lines.next()).value?.message));
    return said.some((line) => line.startsWith('Stopped'));
  });
  end.abort();
});

rovi.expectNoWarningsBut();
