/** Services that fail, on a real systemd: what it does, what the conductor does then, and what is told of it. */
import type { Incident, Supervision } from '@rovi/contract';
import { PATHS } from '@rovi/contract';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InstalledRobot } from '../installed-robot.js';

/** Crashes 0.1 s after it was started where `/run/rovi/bad-<service>` is there; else it lives on. */
const program = [
  '/bin/bash',
  '-c',
  'if test -e "/run/rovi/bad-$ROVI_SERVICE"; then echo "no camera at start"; sleep 0.1; exit 3; fi; exec sleep infinity',
];
// Wide enough for three starts on a busy machine, and long enough to be seen in between.
const LOOP = { starts: 3, window: 20, cooldown: 10, tries: 2 };
const service = (more: object = {}) => ({
  description: 'Crashes where it is told to',
  command: program,
  restart: 'on-failure',
  restart_delay: 0,
  crash_loop: LOOP,
  timeouts: { start: 30, stop: 5 },
  ...more,
});
const catalog = {
  version: 1,
  workspace: '/home/rovi/ws',
  env_file: '/etc/rovi/.env.robot',
  ros: { face: false },
  stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
  services: {
    video: service(),
    once: service({ restart: 'never' }),
    sick: service({
      health: [
        {
          probe: { type: 'command', command: ['/usr/bin/test', '!', '-e', '/run/rovi/sick'] },
          role: 'liveness',
          interval: 0.2,
          failures: 2,
        },
      ],
      on_unhealthy: { action: 'restart', attempts: 2, backoff: 1 },
      crash_loop: { ...LOOP, starts: 100, window: 5 },
    }),
  },
};
const unit = (name: string): string => `rovi-${name}.service`;

const installed = new InstalledRobot('crash-loop', { catalog: stringify(catalog) });

const spoil = (name: string) => installed.robot.writeFile(`/run/rovi/bad-${name}`, '');
const mend = (name: string) => installed.robot.exec(['rm', '-f', `/run/rovi/bad-${name}`]);

async function shown(name: string) {
  const status = await installed.api.service(name);
  const instance = status.service?.instances[0];
  if (instance === undefined) throw new Error(`${name} is not shown`);
  return { ...instance, service: status.service };
}

function waitForPhase(
  name: string,
  phase: Supervision['phase'],
  more: (one: Supervision) => boolean = () => true,
) {
  return installed.robot.waitFor(
    `${name} ${phase}`,
    async () => {
      const one = await shown(name);
      return one.supervision.phase === phase && more(one.supervision) ? one : null;
    },
    30_000,
  );
}

/** What the gateway tells of services from now on. */
async function incidents(): Promise<{ readonly told: Incident[]; readonly end: () => void }> {
  const told: Incident[] = [];
  const gone = new AbortController();
  const events = installed.api.events({ signal: gone.signal });
  const first = await events.next();
  expect(first.value).toMatchObject({ type: 'snapshot' });
  void (async () => {
    for await (const event of events) if (event.type === 'incident') told.push(event.incident);
  })().catch(() => undefined);
  return { told, end: () => gone.abort() };
}

afterEach(async () => {
  await installed.robot.shell('rm -f /run/rovi/bad-* /run/rovi/sick');
  for (const name of ['video', 'once', 'sick']) {
    await installed.api.stopService(name);
    await installed.systemctl(['reset-failed', unit(name)]);
  }
});

describe('a crash loop', () => {
  test('is detected, cooled down, tried and over, each told with why and when', async () => {
    const { told, end } = await incidents();
    await spoil('video');
    await installed.systemctl(['start', unit('video')]);
    const down = await waitForPhase('video', 'cooldown', ({ lines }) => lines.length > 0);
    expect(down).toMatchObject({
      state: 'FAILED',
      level: 'error',
      crashes: 3,
      supervision: {
        tries: 0,
        tries_max: 2,
        starts_left: 0,
        cause: { exit_status: 3 },
        lines: ['no camera at start'],
      },
    });
    expect(down.supervision.text).toMatch(/^crash loop: exit code 3; try 1 of 2 at 2/);
    expect(Date.parse(down.supervision.next_at ?? '') - Date.now()).toBeGreaterThan(-1_000);
    await mend('video');
    const before = Date.parse(down.supervision.next_at ?? '');
    await waitForPhase('video', 'trying');
    expect(Date.now()).toBeGreaterThanOrEqual(before - 200);
    await installed.waitForUnit(unit('video'), 'active');
    expect(await waitForPhase('video', 'watching')).toMatchObject({
      state: 'RUNNING',
      level: 'ok',
      crashes: 3,
      supervision: { tries: 0, text: '' },
    });
    await installed.robot.waitFor('the end to be told', () =>
      told.some(({ type }) => type === 'crash_loop_recovered') ? true : null,
    );
    end();
    expect(told.map(({ type }) => type).filter((type) => type.startsWith('crash_loop'))).toEqual([
      'crash_loop_detected',
      'crash_loop_retry',
      'crash_loop_recovered',
    ]);
    expect(told.find(({ type }) => type === 'crash_loop_detected')).toMatchObject({
      service: 'video',
      data: {
        starts: 3,
        window: LOOP.window,
        tries_max: 2,
        cause: { exit_status: 3 },
        lines: ['no camera at start'],
      },
    });
    const audited = (await installed.api.audit(100)).filter(({ actor }) => actor.name === 'conductor');
    expect(audited.map(({ decision, target, outcome }) => [decision, target, outcome])).toEqual([
      ['accepted', 'video', 'running'],
      ['ended', 'video', 'succeeded'],
    ]);
  });

  test('outlives kill -9 of the gateway: counters, tries and plan; and is given up', async () => {
    await spoil('video');
    const { crashes: before } = await shown('video');
    await installed.systemctl(['start', unit('video')]);
    const { crashes, restarts } = await waitForPhase('video', 'cooldown', ({ tries }) => tries === 1);
    expect(crashes - before).toBe(6);
    // What is shown is on its way to the disk: a disk that others write to takes a moment for it.
    await installed.robot.waitFor('it to be written down', async () => {
      const text = await installed.robot.readFile(`${PATHS.state}/supervision.json`);
      const { records } = JSON.parse(text) as { records: { unit: string; phase: string; tries: number }[] };
      const record = records.find((one) => one.unit === unit('video'));
      return record?.phase === 'cooldown' && record.tries === 1;
    });
    await installed.robot.exec(['systemctl', 'kill', '--signal=KILL', 'rovi-gateway']);
    await installed.waitForUnit('rovi-gateway.service', 'failed', 'inactive');
    await installed.robot.exec(['systemctl', 'start', 'rovi-gateway']);
    const after = await waitForPhase('video', 'cooldown', ({ lines }) => lines.length > 0);
    expect(after).toMatchObject({ crashes, restarts, supervision: { tries: 1 } });
    expect(after.supervision.lines).toEqual(['no camera at start']);
    const given = await waitForPhase('video', 'gave-up');
    expect(given).toMatchObject({
      state: 'FAILED',
      crashes: before + 9,
      supervision: { tries: 2, next_at: null },
    });
    expect(given.supervision.text).toContain('gave up after 2 of 2 tries');
    const run = await installed.run(unit('video'));
    await mend('video');
    await installed.robot.exec(['systemctl', 'restart', 'rovi-gateway']);
    expect((await waitForPhase('video', 'gave-up')).crashes).toBe(before + 9);
    expect(await installed.run(unit('video'))).toEqual(run);
    await installed.systemctl(['reset-failed', unit('video')]);
    expect((await installed.api.startService('video')).outcome).toBe('succeeded');
    await waitForPhase('video', 'watching');
  });

  test('that came while no gateway ran is found; what was stopped, badly, is left alone', async () => {
    await spoil('video');
    await installed.robot.exec(['systemctl', 'stop', 'rovi-gateway']);
    await installed.systemctl(['start', unit('video')]);
    await installed.waitForUnit(unit('video'), 'failed');
    await installed.robot.exec(['systemctl', 'start', 'rovi-gateway']);
    await waitForPhase('video', 'cooldown');
    await installed.api.stopService('video');
    await waitForPhase('video', 'watching');
    await installed.robot.exec(['systemctl', 'restart', 'rovi-gateway']);
    expect((await waitForPhase('video', 'watching')).supervision.next_at).toBeNull();
  });

  test('recover has systemd forget it, and begins anew; a service that is never restarted is only told of', async () => {
    await spoil('once');
    await installed.systemctl(['start', unit('once')]);
    await installed.waitForUnit(unit('once'), 'failed');
    expect((await shown('once')).supervision.phase).toBe('watching');
    await spoil('video');
    await installed.systemctl(['start', unit('video')]);
    await waitForPhase('video', 'cooldown');
    const recovery = await installed.api.recover({ reason: 'new camera' });
    expect(recovery.reset.sort()).toEqual([unit('once'), unit('video')]);
    expect(recovery).toMatchObject({ refused: [], supervision: ['video'] });
    expect(recovery.changes.sort()).toEqual(['once: FAILED, now STOPPED', 'video: FAILED, now STOPPED']);
    expect(await shown('video')).toMatchObject({ state: 'STOPPED', supervision: { phase: 'watching' } });
  });
});

test('what is unhealthy is restarted with a growing pause, then stopped; one that heals is left alone', async () => {
  expect((await installed.api.startService('sick')).outcome).toBe('succeeded');
  const { told, end } = await incidents();
  await installed.robot.writeFile('/run/rovi/sick', '');
  await waitForPhase('sick', 'gave-up');
  await installed.waitForUnit(unit('sick'), 'inactive');
  const given = await installed.robot.waitFor('sick to be stopped', async () => {
    const one = await shown('sick');
    return one.state === 'FAILED' ? one : null;
  });
  expect(given).toMatchObject({
    restarts: 2,
    crashes: 0,
    supervision: { phase: 'gave-up', tries: 2, tries_max: 2 },
  });
  end();
  expect(told.filter(({ type }) => type === 'service_restarting')).toMatchObject([
    { data: { by: 'conductor', attempts: 1, attempts_max: 2, checks: ['liveness command'] } },
    { data: { by: 'conductor', attempts: 2, attempts_max: 2 } },
  ]);
  await installed.robot.exec(['rm', '/run/rovi/sick']);
  expect((await installed.api.startService('sick')).outcome).toBe('succeeded');
  expect(await shown('sick')).toMatchObject({
    state: 'RUNNING',
    supervision: { phase: 'watching', tries: 0 },
  });
});

installed.expectNoWarningsBut(
  /rovi-(video|once|sick)\.service: Failed with result/,
  /rovi-(video|once|sick)\.service: Main process exited/,
  /rovi-(video|once|sick)\.service: Start request repeated too quickly/,
  /Failed to start rovi-(video|once|sick)/,
  /rovi-gateway\.service: (Main process exited|Failed with result)/,
);
