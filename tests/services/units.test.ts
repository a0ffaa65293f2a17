/** What the units of services do on a real systemd: streams, exits, instances, limits, who runs and with what. */
import { catalogSchema } from '@rovi/contract';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InstalledRobot, OPERATOR, STRANGER } from '../installed-robot.js';

const sh = (script: string) => ['/bin/sh', '-c', script];
const idle = 'exec sleep infinity';
const quick = { crash_loop: { starts: 2, window: 600 }, restart_delay: 0 };

const catalog = {
  version: 1,
  workspace: '/home/rovi/ws',
  env_file: '/etc/rovi/.env.robot',
  ros: { face: false },
  stacks: {
    nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } },
  },
  services: {
    talker: {
      description: 'Says $HOME 100 % "both" ways',
      command: sh(`echo out; echo err >&2; printf '%s\\n' "$MARK"; ${idle}`),
      environment: { MARK: '100 % $HOME "x" \\n \'y\'', FROM: 'catalog' },
      environment_file: '/etc/rovi/talker.env',
      limits: { memory: '64M', cpu: 50, tasks: 20, files: 256, nice: 5, cpu_weight: 50 },
    },
    ready: {
      description: 'Says when it is ready',
      type: 'notify',
      command: sh(`sleep 0.3; systemd-notify --ready --status=well; ${idle}`),
      working_directory: '/opt',
    },
    once: { description: 'Ends well', command: sh('exit 0') },
    seven: { description: 'Ends with 7', command: sh('exit 7'), restart: 'never' },
    missing: { description: 'Is not there', command: ['/opt/no-such-program', 'word'], restart: 'never' },
    crash: { description: 'Crashes', command: sh('kill -SEGV $$'), ...quick },
    admin: { description: 'Runs as root', command: sh(`id -u; ${idle}`), user: 'root' },
    stubborn: {
      description: 'Does not go',
      command: sh("trap '' TERM; while :; do sleep 1; done"),
      timeouts: { stop: 1 },
    },
    worker: {
      description: 'Of which there may be three',
      command: sh(`echo "$ROVI_SERVICE $ROVI_INSTANCE $ROVI_PORT $ROVI_PORT_WEB $ROVI_PORT_2"; ${idle}`),
      instances: { min: 2, max: 3 },
      ports: [{ name: 'web', port: 7000, step: 10 }, 9000],
    },
    boss: { description: 'Needs workers', command: sh(idle), requires: ['worker'], wants: ['talker'] },
    rival: { description: 'Not beside the boss', command: sh(idle), conflicts: ['boss', 'worker'] },
  },
};
const services = Object.keys(catalogSchema.parse(catalog).services);

const installed = new InstalledRobot('service-units', {
  catalog: stringify(catalog),
  prepare: (robot) => robot.writeFile('/etc/rovi/talker.env', 'FROM=file\nMORE="a b"\n'),
});

const PRIORITIES = { out: '6', err: '5' };

/**
 * What a unit wrote, with the priority of each line. By its name: of a program that is gone before journald looks, the
 * journal keeps no invocation.
 */
async function said(unit: string): Promise<{ text: string; priority: string; unit: string; by: string }[]> {
  await installed.robot.exec(['journalctl', '--sync']);
  const { stdout } = await installed.robot.exec(['journalctl', '-q', '-o', 'json', `_SYSTEMD_UNIT=${unit}`]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>)
    .map((line) => ({
      text: line['MESSAGE'] ?? '',
      priority: line['PRIORITY'] ?? '',
      unit: line['_SYSTEMD_UNIT'] ?? '',
      by: line['SYSLOG_IDENTIFIER'] ?? '',
    }));
}

test('stdout and stderr are told apart, in the unit and its run; the program is the main process', async () => {
  const unit = 'rovi-talker.service';
  expect((await installed.systemctl(['start', unit])).code).toBe(0);
  const lines = await installed.robot.waitFor('three lines', async () => {
    const found = await said(unit);
    return found.length === 3 ? found : null;
  });
  const from = { unit, by: 'rovi-talker' };
  // Two streams: in which order their lines come is not said.
  const inOrder = [...lines].sort((one, other) => (one.text < other.text ? 1 : -1));
  expect(inOrder).toEqual([
    { text: 'out', priority: PRIORITIES.out, ...from },
    { text: 'err', priority: PRIORITIES.err, ...from },
    { text: '100 % $HOME "x" \\n \'y\'', priority: PRIORITIES.out, ...from },
  ]);
  const pid = await installed.property(unit, 'MainPID');
  // It says its lines before it becomes that.
  await expect.poll(async () => (await installed.robot.readFile(`/proc/${pid}/comm`)).trim()).toBe('sleep');
  const environment = (await installed.robot.readFile(`/proc/${pid}/environ`)).split('\0');
  expect(environment).toEqual(
    expect.arrayContaining(['ROVI_SERVICE=talker', 'ROVI_INSTANCE=1', 'FROM=file', 'MORE=a b']),
  );
  expect(await installed.property(unit, 'Description')).toBe(
    'Rovi service talker: Says $HOME 100 % "both" ways',
  );
});

test('its limits are its control group’s, and it has no right but its user’s', async () => {
  const unit = 'rovi-talker.service';
  const names = 'MemoryMax,CPUQuotaPerSecUSec,TasksMax,LimitNOFILE,Nice,CPUWeight,User,NoNewPrivileges';
  const { stdout } = await installed.systemctl(['show', unit, `--property=${names}`]);
  expect(stdout.trim().split('\n').sort()).toEqual(
    [
      'CPUQuotaPerSecUSec=500ms',
      'CPUWeight=50',
      'LimitNOFILE=256',
      'MemoryMax=67108864',
      'Nice=5',
      'NoNewPrivileges=yes',
      'TasksMax=20',
      'User=rovi',
    ].sort(),
  );
  const status = await installed.robot.readFile(`/proc/${await installed.property(unit, 'MainPID')}/status`);
  expect(status).toMatch(/^CapBnd:\t0+$/m);
  expect(await installed.systemctl(['start', 'rovi-admin.service'])).toMatchObject({ code: 0 });
  const admin = await installed.robot.readFile(
    `/proc/${await installed.property('rovi-admin.service', 'MainPID')}/status`,
  );
  expect(admin).toMatch(/^Uid:\t0\t/m);
  expect(admin).not.toMatch(/^CapBnd:\t0+$/m);
});

test('a program that says itself when it is ready is up only then, and where it says', async () => {
  const unit = 'rovi-ready.service';
  expect((await installed.systemctl(['start', unit])).code).toBe(0);
  expect(await installed.property(unit, 'StatusText')).toBe('well');
  expect(await installed.property(unit, 'ActiveState')).toBe('active');
  const pid = await installed.property(unit, 'MainPID');
  expect((await installed.robot.exec(['readlink', `/proc/${pid}/cwd`])).stdout).toBe('/opt\n');
  const started = Number(await installed.property(unit, 'ExecMainStartTimestampMonotonic'));
  const active = Number(await installed.property(unit, 'ActiveEnterTimestampMonotonic'));
  expect(active - started).toBeGreaterThan(290_000);
});

test.each([
  ['rovi-once.service', 'inactive', 'success', '0'],
  ['rovi-seven.service', 'failed', 'exit-code', '7'],
  ['rovi-missing.service', 'failed', 'exit-code', '127'],
])('the end of %s is the unit’s: %s, %s, %s', async (unit, state, result, status) => {
  await installed.systemctl(['start', unit]);
  await installed.waitForUnit(unit, state);
  expect(await installed.property(unit, 'Result')).toBe(result);
  expect(await installed.property(unit, 'ExecMainStatus')).toBe(status);
  if (status === '127') {
    await expect
      .poll(async () => (await said(unit)).map(({ text, priority }) => `${priority} ${text}`))
      .toContainEqual(expect.stringMatching(/^5 .*\/opt\/no-such-program.*: No such file or directory$/));
  }
});

test('a crash is a signal’s; after the limit of the catalog systemd gives up, and an operator may reset it', async () => {
  const unit = 'rovi-crash.service';
  await installed.systemctl(['start', unit]);
  await installed.robot.waitFor('the start limit', async () => {
    return (await installed.property(unit, 'Result')) === 'start-limit-hit' ||
      (await installed.property(unit, 'NRestarts')) === '2'
      ? true
      : null;
  });
  await installed.waitForUnit(unit, 'failed');
  expect(await installed.property(unit, 'ExecMainStatus')).toBe('11');
  expect((await installed.systemctl(['start', unit], { user: OPERATOR })).code).not.toBe(0);
  expect((await installed.systemctl(['reset-failed', unit], { user: STRANGER })).code).not.toBe(0);
  expect((await installed.systemctl(['reset-failed', unit], { user: OPERATOR })).code).toBe(0);
  expect(await installed.property(unit, 'ActiveState')).toBe('inactive');
});

test('one that ignores its stop is killed when its time is over', async () => {
  const unit = 'rovi-stubborn.service';
  await installed.systemctl(['start', unit]);
  // Its program runs before it has said that it ignores SIGTERM: bit 14 of the mask.
  await installed.robot.waitFor('its word to the kernel', async () => {
    const pid = await installed.property(unit, 'MainPID');
    const { stdout } = await installed.robot.exec(['cat', `/proc/${pid}/status`], { check: false });
    return (Number(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(stdout)?.[1] ?? '0'}`) & 0x4000) !== 0;
  });
  await installed.systemctl(['stop', unit]);
  expect(await installed.property(unit, 'Result')).toBe('timeout');
  expect(await installed.property(unit, 'MainPID')).toBe('0');
  await installed.systemctl(['reset-failed', unit]);
});

test('instances: each has its number and its ports, there are no more than the catalog has', async () => {
  const unit = (instance: number) => `rovi-worker@${String(instance)}.service`;
  for (const [instance, ports] of [
    [1, '7000 7000 9000'],
    [3, '7020 7020 9002'],
  ] as const) {
    expect((await installed.systemctl(['start', unit(instance)], { user: OPERATOR })).code).toBe(0);
    const line = await installed.robot.waitFor('its line', async () => (await said(unit(instance)))[0]);
    expect(line).toEqual({
      text: `worker ${String(instance)} ${ports}`,
      priority: PRIORITIES.out,
      unit: unit(instance),
      by: `rovi-worker@${String(instance)}`,
    });
  }
  for (const instance of [0, 4]) {
    expect((await installed.systemctl(['start', unit(instance)], { user: OPERATOR })).code).not.toBe(0);
    // Not even root: there is no file with its ports.
    expect((await installed.systemctl(['start', unit(instance)])).code).not.toBe(0);
    expect(await installed.property(unit(instance), 'Result')).toBe('resources');
    await installed.systemctl(['reset-failed', unit(instance)]);
  }
});

test('what is required is started before, and stopping it stops what requires it, before', async () => {
  await installed.systemctl(['stop', 'rovi-worker@1', 'rovi-worker@2', 'rovi-worker@3', 'rovi-talker']);
  expect((await installed.systemctl(['start', 'rovi-boss.service'], { user: OPERATOR })).code).toBe(0);
  const entered = (unit: string, edge = 'ActiveEnter') =>
    installed.property(unit, `${edge}TimestampMonotonic`).then(Number);
  const boss = await entered('rovi-boss.service');
  for (const unit of ['rovi-worker@1.service', 'rovi-worker@2.service', 'rovi-talker.service']) {
    expect(await installed.property(unit, 'ActiveState'), unit).toBe('active');
    expect(await entered(unit), unit).toBeLessThanOrEqual(boss);
  }
  // Only those that always are.
  expect(await installed.property('rovi-worker@3.service', 'ActiveState')).toBe('inactive');
  await installed.systemctl(['stop', 'rovi-talker.service'], { user: OPERATOR });
  expect(await installed.property('rovi-boss.service', 'ActiveState')).toBe('active');
  expect((await installed.systemctl(['stop', 'rovi-worker@2.service'], { user: OPERATOR })).code).toBe(0);
  expect(await installed.property('rovi-boss.service', 'ActiveState')).toBe('inactive');
  expect(await entered('rovi-boss.service', 'InactiveEnter')).toBeLessThanOrEqual(
    await entered('rovi-worker@2.service', 'InactiveEnter'),
  );
});

test('what conflicts does not run beside it, whoever starts which', async () => {
  await installed.systemctl(['start', 'rovi-boss.service']);
  const workers = await installed.property('rovi-worker@1.service', 'InvocationID');
  expect(workers).not.toBe('');
  expect((await installed.systemctl(['start', 'rovi-rival.service'])).code).toBe(0);
  for (const unit of ['rovi-boss.service', 'rovi-worker@1.service', 'rovi-worker@2.service']) {
    expect(await installed.property(unit, 'ActiveState'), unit).toBe('inactive');
    expect(Number(await installed.property(unit, 'InactiveEnterTimestampMonotonic'))).toBeLessThanOrEqual(
      Number(await installed.property('rovi-rival.service', 'ExecMainStartTimestampMonotonic')),
    );
  }
  expect((await installed.systemctl(['start', 'rovi-boss.service'])).code).toBe(0);
  expect(await installed.property('rovi-rival.service', 'ActiveState')).toBe('inactive');
});

test('systemd finds no circle in any of the orderings', async () => {
  await installed.robot.exec(['journalctl', '--sync']);
  const { stdout } = await installed.robot.exec(['journalctl', '-q', '-o', 'cat', '_PID=1']);
  expect(stdout).not.toMatch(/ordering cycle/i);
  expect(services.length).toBe(11);
});

installed.expectNoWarningsBut(
  /^rovi-(seven|missing|crash|stubborn|worker@[04])\.service\[[34]\] systemd: /,
  /^rovi-crash\.service\[4\] /,
);
