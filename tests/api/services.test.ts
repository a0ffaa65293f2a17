import type { Resources } from '@rovi/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refusal, rig, until } from './rig.js';
import type { Rig } from './rig.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(async () => {
  expect(robot.log.faults()).toEqual([]);
  await robot[Symbol.asyncDispose]();
});

it('lists the gateway first, then the stacks, each in the words of services', async () => {
  const { client } = robot;
  await client.start('nav');
  const services = await client.services();
  expect(services.map(({ name }) => name)).toEqual(['gateway', 'teleop', 'mapping', 'nav']);
  const [gateway, teleop, , nav] = services;
  expect(gateway).toMatchObject({
    kind: 'gateway',
    unit: 'rovi-gateway.service',
    status: 'running',
    health: { status: 'healthy' },
    autostart: true,
    commands: [],
  });
  expect(teleop).toMatchObject({
    kind: 'stack',
    status: 'stopped',
    health: { status: 'none', text: 'stopped' },
    pid: null,
    uptime_seconds: null,
    cpu_percent: null,
    autostart: false,
    commands: ['start', 'stop', 'restart', 'switch'],
  });
  const { stack } = await client.stack('nav');
  expect(nav).toMatchObject({
    status: 'running',
    health: { status: 'healthy' },
    pid: stack.unit.main_pid,
    invocation_id: stack.unit.invocation_id,
    crash_count: 0,
    last_restart: null,
  });
  expect(await client.service('nav')).toMatchObject({ name: 'nav', status: 'running' });
});

it('calls a crash one, counts it, and knows a restart', async () => {
  const { client, model } = robot;
  await client.startService('nav');
  model.crash('rovi-nav.service');
  await until('nav to have failed', () =>
    robot.conductor.snapshot().stacks.some(({ state }) => state === 'FAILED'),
  );
  expect(await client.service('nav')).toMatchObject({
    status: 'crashed',
    state: 'FAILED',
    health: { status: 'unhealthy', text: 'failed: killed by SIGKILL' },
    crash_count: 1,
    last_restart: null,
  });
  await client.startService('nav');
  const before = Date.now();
  await client.restartService('nav');
  const { last_restart: restarted, status } = await client.service('nav');
  expect(status).toBe('running');
  expect(Date.parse(restarted ?? '')).toBeGreaterThanOrEqual(before - 5);
  expect((await client.stopService('nav')).message).toBe('nav stopped');
});

it('says what was looked at for the health of a stack', async () => {
  const { client } = robot;
  robot.hangs('nav');
  await refusal(client.start('nav'));
  expect(await client.serviceHealth('nav')).toMatchObject({
    name: 'nav',
    health: { status: 'degraded', text: 'running, 0 of 1 processes, nav_node missing' },
    checks: [
      { name: 'unit', ok: true },
      { name: 'nav_node', ok: false, text: 'missing' },
    ],
  });
  expect((await client.serviceHealth('teleop')).checks).toEqual([
    { name: 'unit', ok: null, text: 'stopped' },
    { name: 'teleop_node', ok: null, text: 'not running' },
  ]);
  expect((await client.serviceHealth('gateway')).checks).toEqual([
    { name: 'unit', ok: true, text: 'running' },
    { name: 'systemd', ok: true, text: 'connected' },
  ]);
  robot.model.loseBus();
  expect(await client.serviceHealth('gateway')).toMatchObject({
    health: { status: 'unknown' },
    checks: [{ ok: null }, { name: 'systemd', ok: false, text: 'gone' }],
  });
  expect(await client.service('nav')).toMatchObject({
    status: 'unknown',
    pid: null,
    uptime_seconds: null,
    cpu_percent: null,
  });
});

it('has a percentage of CPU a second after it was first asked, for many clients as for one', async () => {
  const { client, model } = robot;
  const began = performance.now();
  let reads = 0;
  // The model's own units use nothing: these use half a core.
  const half = (): Promise<Resources> => {
    reads += 1;
    const cpu_seconds = (performance.now() - began) / 2000;
    return Promise.resolve({ cpu_seconds, memory_bytes: 12_345_678, source: 'cgroup' });
  };
  model.resources = half as typeof model.resources;
  await client.start('nav');
  expect(await client.service('nav')).toMatchObject({ cpu_percent: null, memory_mb: 12.3 });
  let percent: number | null = null;
  let asked = 0;
  // Often, also where the machine stands still for the second that it takes.
  while ((percent === null || asked < 100) && performance.now() - began < 30_000) {
    const all = await Promise.all(Array.from({ length: 5 }, () => client.service('nav')));
    asked += all.length;
    percent = all[0]?.cpu_percent ?? null;
  }
  // Between what is used and its time the machine may do something else for some milliseconds.
  expect(percent).toBeCloseTo(50, -1);
  expect(performance.now() - began).toBeGreaterThan(1000);
  expect(reads).toBeLessThan(asked / 5);
});

it('reads and follows journals, the gateway’s too', async () => {
  const { client, journal } = robot;
  journal.append('rovi-gateway.service', 'of the gateway');
  journal.append('rovi-nav.service', 'of nav');
  expect((await client.serviceLogs('gateway')).map(({ message }) => message)).toEqual(['of the gateway']);
  expect((await client.serviceLogs('nav', { lines: 1 })).map(({ message }) => message)).toEqual(['of nav']);
  const end = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const { message } of client.followServiceLogs('gateway', { signal: end.signal })) {
      seen.push(message);
    }
  })();
  await until('the first line', () => seen.length === 1);
  journal.append('rovi-gateway.service', 'more of it');
  await until('the second line', () => seen.length === 2);
  expect(seen).toEqual(['of the gateway', 'more of it']);
  end.abort();
  await following.catch(() => undefined);
  expect((await refusal(client.serviceLogs('nowhere'))).code).toBe('not-found');
});

it('refuses what the stacks refuse, commands to the gateway, and names that are none', async () => {
  const { client } = robot;
  await client.start('teleop');
  expect((await refusal(client.startService('nav'))).code).toBe('stack-busy');
  const { token } = await client.impact({ command: 'restart', stack: 'teleop' });
  await client.restartService('teleop', { confirm: token });
  expect((await refusal(client.restartService('teleop', { confirm: token }))).code).toBe('situation-changed');
  for (const command of ['startService', 'stopService', 'restartService'] as const) {
    expect(await refusal(client[command]('gateway'))).toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('gateway takes no') as string,
      mend: expect.stringContaining('systemctl') as string,
    });
    expect(await refusal(client[command]('nowhere'))).toMatchObject({
      code: 'not-found',
      mend: 'There are: gateway, teleop, mapping, nav.',
    });
  }
  expect((await client.startService('teleop', { async: true })).kind).toBe('start');
});
