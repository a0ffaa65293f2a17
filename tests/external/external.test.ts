/** Units that were there before Rovi, put into operators' hands by the catalog: commanded, shown, and otherwise left alone. */
import { PATHS } from '@rovi/contract';
import type { SupervisedService } from '@rovi/contract';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { failureOf, InstalledRobot, OPERATOR, STRANGER } from '../installed-robot.js';
import { everywhere, look } from '../web/looks.js';
import { Visits } from '../web/visits.js';

const ENGINE = 'engine.service';
const SOCKET = 'engine.socket';
const AGENT = 'net-agent.service';
const STORAGE = 'storage.service';
const LOOPING = 'looping.service';
const SPARING = 'sparing.service';
const BACKUP = 'backup-manager.service';

const sleeping = '[Service]\nExecStart=/bin/sleep infinity\n';
const wanted = '[Install]\nWantedBy=multi-user.target\n';
const files: Readonly<Record<string, string>> = {
  [ENGINE]: `[Unit]\nDescription=Runs containers\n${sleeping}${wanted}`,
  [SOCKET]: `[Socket]\nListenStream=/run/engine.sock\nService=${ENGINE}\n[Install]\nWantedBy=sockets.target\n`,
  [AGENT]: `${sleeping}${wanted}`,
  [STORAGE]: sleeping,
  // Two starts within ten seconds, then systemd gives up; while /run/engine-bad is there it ends at once.
  [LOOPING]:
    '[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nExecStart=/bin/sh -c "test ! -e /run/looping-bad && exec sleep infinity"\nRestart=on-failure\nRestartSec=100ms\n',
  [SPARING]: `[Service]\nExecStart=/bin/sh -c 'sleep 7777 & exec sleep infinity'\nKillMode=process\n`,
};

const program = { command: ['/bin/sleep', 'infinity'], restart: 'never', timeouts: { start: 10, stop: 5 } };
const external = {
  'container-runtime': {
    unit: ENGINE,
    description: 'Runs containerised applications',
    affects: 'all containers of this robot',
    health: [
      {
        probe: { type: 'command', command: ['/usr/bin/test', '!', '-e', '/run/engine-bad'] },
        interval: 0.2,
        failures: 1,
      },
    ],
  },
  'network-agent': { unit: AGENT, description: 'Network', allow: ['restart'], critical: false },
  'storage-agent': { unit: STORAGE, description: 'Storage', allow: [] },
  looping: { unit: LOOPING, description: 'Ends at once, at times', critical: false },
  sparing: { unit: SPARING, description: 'Leaves a process behind', critical: false },
  'backup-manager': { unit: BACKUP, description: 'Not on this robot' },
};
const catalog = (more: object = {}) =>
  stringify({
    version: 1,
    workspace: '/home/rovi/ws',
    env_file: '/etc/rovi/.env.robot',
    ros: { face: false },
    stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
    services: {
      web: { description: 'Needs the engine', ...program, requires: ['container-runtime'] },
      camera: { description: 'Needs the storage', ...program, requires: ['storage-agent'] },
    },
    external: { ...external, ...more },
  });

let untouched = '';
const installed = new InstalledRobot('external', {
  catalog: catalog(),
  prepare: async (robot) => {
    for (const [name, text] of Object.entries(files))
      await robot.writeFile(`/etc/systemd/system/${name}`, text);
    await robot.exec(['systemctl', 'daemon-reload']);
    await robot.exec(['systemctl', 'enable', '--now', SOCKET, ENGINE]);
    await robot.exec(['systemctl', 'enable', AGENT]);
    await robot.exec(['systemctl', 'start', STORAGE]);
    untouched = await traces();
  },
});

const visits = new Visits(installed);

/** All that an installation could have changed of these units. */
async function traces(): Promise<string> {
  const units = Object.keys(files);
  const { stdout } = await installed.robot.shell(
    `cd /etc/systemd/system && sha256sum ${units.join(' ')} && stat -c '%n %Y %a %U' ${units.join(' ')}
     systemctl show --property=Id,LoadState,UnitFileState,DropInPaths,WantedBy,RequiredBy,Before,After ${units.join(' ')}
     systemctl show --property=Id,ActiveState,InvocationID,MainPID ${[ENGINE, SOCKET, STORAGE].join(' ')}
     find /etc/systemd /run/systemd/system ! -name 'rovi-*' \\( -name '*engine*' -o -name '*agent*' -o -name '*storage*' -o -name '*backup*' -o -name '*looping*' -o -name '*sparing*' \\) | sort`,
  );
  // In no order that means anything.
  return stdout.replaceAll(
    /^(\w+)=(.*)$/gm,
    (_, name: string, value: string) => `${name}=${value.split(' ').sort().join(' ')}`,
  );
}

const run = (...argv: string[]) => installed.rovictl(argv, { user: OPERATOR });
const good = async (...argv: string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...argv);
  expect(`${String(code)} ${stderr}`, argv.join(' ')).toMatch(/^0 /);
  return stdout;
};
const active = (unit: string) => installed.property(unit, 'ActiveState');
const shown = async (name: string): Promise<SupervisedService> => {
  const { services } = await installed.api.state();
  const found = services.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not shown`);
  return found;
};
const shownAs = (name: string, what: string, holds: (service: SupervisedService) => boolean) =>
  installed.robot.waitFor(
    `${name} ${what}`,
    async () => {
      const service = await shown(name);
      return holds(service) ? service : null;
    },
    30_000,
  );
/** Types the answer on a pseudo-terminal. */
const typing = (answer: string, command: string) =>
  installed.robot.exec(['bash', '-c', `echo ${answer} | script -qec '${command}' /dev/null`], {
    user: OPERATOR,
    check: false,
  });

test('installing Rovi has left them as they were, and shows them', async () => {
  expect(await traces()).toBe(untouched);
  const engine = await shownAs('container-runtime', 'healthy', ({ health }) => health === 'healthy');
  expect(engine).toMatchObject({
    managed: 'system',
    allow: ['start', 'stop', 'restart'],
    critical: true,
    category: 'system',
    autostart: false,
    state: 'RUNNING',
    required_by: ['web'],
  });
  expect(engine.instances[0]?.unit).toMatchObject({
    unit: ENGINE,
    main_pid: Number(await installed.property(ENGINE, 'MainPID')),
    invocation_id: await installed.property(ENGINE, 'InvocationID'),
  });
  const status = await good('service', 'status', 'container-runtime');
  expect(status).toMatch(/unit of the system: engine\.service/);
  expect(status).toMatch(/operators may start, stop, restart/);
  expect(await good('service', 'logs', 'container-runtime')).toContain('Started engine.service');
  expect((await installed.api.service('network-agent')).commands).toEqual(['restart']);
  const [block] = (await installed.api.services()).filter(({ name }) => name === 'container-runtime');
  expect(block?.uptime_seconds).toBeGreaterThan(0);
});

test('a stop shows what it hits, and is never done without a yes', async () => {
  await good('service', 'start', 'web');
  expect(await active('rovi-web.service')).toBe('active');
  const refused = await run('service', 'stop', 'container-runtime');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('[confirmation-required]');
  expect(refused.stderr).toContain('affects all containers of this robot');
  expect(refused.stderr).toMatch(/stops +web/);
  expect((await typing('n', 'rovictl service stop container-runtime')).stdout).toContain('nothing was done');
  expect(await active(ENGINE)).toBe('active');
  expect((await typing('y', 'rovictl service stop container-runtime')).stdout).toMatch(/\[y\/N\]/);
  expect([await active(ENGINE), await active('rovi-web.service')]).toEqual(['inactive', 'inactive']);
  await shownAs('container-runtime', 'stopped', ({ state }) => state === 'STOPPED');

  // A service that requires it brings it up, as it may be started.
  await good('service', 'start', 'web');
  expect(await active(ENGINE)).toBe('active');
  await good('service', 'stop', 'web');
  expect(await active(ENGINE)).toBe('active');

  // Alone, too: nobody but the admin knows what lives on it.
  for (const verb of ['stop', 'restart']) {
    const alone = await run('service', verb, 'container-runtime');
    expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining('[confirmation-required]')]);
  }
  const before = await installed.property(ENGINE, 'InvocationID');
  await good('service', 'restart', 'container-runtime', '--yes');
  expect(await installed.property(ENGINE, 'InvocationID')).not.toBe(before);
  // One that is not critical is not asked for.
  await good('service', 'start', 'sparing');
  await good('service', 'restart', 'sparing');
});

test('a verb that is not allowed is refused by the conductor and by polkit, and so is all else', async () => {
  await installed.systemctl(['start', AGENT]);
  const cases: [string, string, string][] = [
    ['stop', 'network-agent', AGENT],
    ['start', 'network-agent', AGENT],
    ['start', 'storage-agent', STORAGE],
    ['stop', 'storage-agent', STORAGE],
    ['restart', 'storage-agent', STORAGE],
  ];
  for (const [verb, name, unit] of cases) {
    const runBefore = await installed.run(unit);
    const refused = await run('service', verb, name, ...(verb === 'start' ? [] : ['--yes']));
    expect([refused.code, refused.stderr], `${verb} ${name}`).toEqual([
      4,
      expect.stringContaining('[command-not-allowed]'),
    ]);
    expect(refused.stderr).toContain(`external: ${name}: allow: [`);
    expect(refused.stderr).toContain(`sudo systemctl ${verb} ${unit}`);
    const past = await installed.systemctl([verb, unit], { user: OPERATOR });
    expect(past.code, `systemctl ${verb} ${unit}`).not.toBe(0);
    expect(past.stderr).toMatch(/authentication|Access denied/i);
    expect(await installed.run(unit)).toEqual(runBefore);
  }
  const before = await installed.property(AGENT, 'InvocationID');
  await good('service', 'restart', 'network-agent');
  expect(await installed.property(AGENT, 'InvocationID')).not.toBe(before);
  expect((await installed.systemctl(['restart', AGENT], { user: OPERATOR })).code).toBe(0);
  expect((await installed.systemctl(['stop', SOCKET], { user: OPERATOR })).code).not.toBe(0);
  expect((await installed.systemctl(['restart', ENGINE], { user: STRANGER })).code).not.toBe(0);
  expect((await installed.systemctl(['disable', ENGINE], { user: OPERATOR })).code).not.toBe(0);
  // What it may restart it may bring back, also after it has ended.
  await installed.systemctl(['stop', AGENT]);
  await shownAs('network-agent', 'stopped', ({ state }) => state === 'STOPPED');
  await good('service', 'restart', 'network-agent');
  expect(await active(AGENT)).toBe('active');
});

test('what needs one that nobody may start does not start it either', async () => {
  await good('service', 'start', 'camera');
  await good('service', 'stop', 'camera');
  await installed.systemctl(['stop', STORAGE]);
  await shownAs('storage-agent', 'stopped', ({ state }) => state === 'STOPPED');
  const refused = await run('service', 'start', 'camera');
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('camera needs storage-agent')]);
  expect((await installed.systemctl(['start', 'rovi-camera.service'], { user: OPERATOR })).code).not.toBe(0);
  expect(await active(STORAGE)).toBe('inactive');
  await installed.systemctl(['start', STORAGE]);
  await shownAs('storage-agent', 'running', ({ state }) => state === 'RUNNING');
  await good('service', 'start', 'camera');
});

test('its health is told, and nothing is done about it', async () => {
  const before = await installed.run(ENGINE);
  await installed.robot.writeFile('/run/engine-bad', '');
  await shownAs('container-runtime', 'unhealthy', ({ health }) => health === 'unhealthy');
  await installed.robot.exec(['rm', '/run/engine-bad']);
  await shownAs('container-runtime', 'healthy', ({ health }) => health === 'healthy');
  expect(await installed.run(ENGINE)).toEqual(before);
});

test('one that is killed is seen as failed, and Rovi does not start it again', async () => {
  await installed.robot.exec(['systemctl', 'kill', '--signal=KILL', ENGINE]);
  const failed = await shownAs('container-runtime', 'failed', ({ state }) => state === 'FAILED');
  expect(failed).toMatchObject({ level: 'error', text: expect.stringContaining('SIGKILL') as string });
  expect(failed.instances[0]?.supervision).toMatchObject({ phase: 'watching', next_at: null });
  expect(await good('service', 'why', 'container-runtime')).toMatch(
    /a unit of the system that Rovi neither makes nor restarts/,
  );
  // A whole round of the conductor's work: a try of its own would be a start, and this would join it.
  await good('service', 'restart', 'sparing');
  expect(await active(ENGINE)).toBe('failed');
  await good('service', 'start', 'container-runtime');
  await shownAs('container-runtime', 'running', ({ state }) => state === 'RUNNING');
});

test('a crash loop of its own is told as systemd tells it, and is forgotten by recover', async () => {
  await good('service', 'start', 'looping');
  await installed.robot.writeFile('/run/looping-bad', '');
  await installed.robot.exec(['systemctl', 'kill', '--signal=KILL', LOOPING]);
  await installed.waitForUnit(LOOPING, 'failed');
  const failed = await shownAs('looping', 'failed', ({ state }) => state === 'FAILED');
  expect(failed.instances[0]?.supervision.phase).toBe('watching');
  await installed.robot.exec(['rm', '/run/looping-bad']);
  const limited = await run('service', 'start', 'looping');
  expect([limited.code, limited.stderr]).toEqual([1, expect.stringContaining('[start-limit]')]);
  expect(await good('recover')).toContain(LOOPING);
  await good('service', 'start', 'looping');
});

test('a process that it leaves behind by its own settings does not keep its stop from being done', async () => {
  const stopped = await run('service', 'stop', 'sparing');
  expect([stopped.code, stopped.stderr]).toEqual([0, expect.stringContaining('leaves processes running')]);
  await shownAs('sparing', 'stopped', ({ state }) => state === 'STOPPED');
  await good('service', 'start', 'sparing');
});

test('one that is not on this robot is shown so, and commands on it are refused', async () => {
  expect(await shown('backup-manager')).toMatchObject({
    state: 'UNKNOWN',
    level: 'error',
    text: 'not installed',
  });
  for (const verb of ['start', 'stop', 'restart']) {
    const refused = await run('service', verb, 'backup-manager');
    expect([refused.code, refused.stderr], verb).toEqual([1, expect.stringContaining('[unit-missing]')]);
  }
  // The name is free: it must not become a way to run anything as root.
  expect((await installed.systemctl(['start', BACKUP], { user: OPERATOR })).code).not.toBe(0);
  const transient = ['systemd-run', '--no-ask-password', `--unit=${BACKUP}`, '/usr/bin/touch', '/run/pwned'];
  const taken = await installed.robot.exec(transient, { user: OPERATOR, check: false });
  expect(taken.code).not.toBe(0);
  expect(await installed.exists('/run/pwned')).toBe(false);
  const doctor = await installed.rovictl(['doctor']);
  expect(doctor.stdout).toMatch(/backup-manager: backup-manager\.service is not installed on this machine/);
  expect(doctor.stdout).toMatch(/storage-agent: storage\.service is static/);
  expect(doctor.stdout).not.toMatch(/polkit (?:refuses|allows)/);
  const validated = await installed.rovictl(['validate', PATHS.catalog]);
  expect(validated).toMatchObject({ code: 0, stdout: expect.stringContaining('6 external units') as string });
  expect(validated.stderr).toContain('backup-manager.service is not installed on this machine');
});

test('what brings it makes it commandable without more', async () => {
  await installed.robot.writeFile(`/etc/systemd/system/${BACKUP}`, sleeping);
  await installed.systemctl(['daemon-reload']);
  await shownAs('backup-manager', 'stopped', ({ state }) => state === 'STOPPED');
  await good('service', 'start', 'backup-manager');
  await good('service', 'stop', 'backup-manager', '--yes');
  await installed.robot.exec(['rm', `/etc/systemd/system/${BACKUP}`]);
  await installed.systemctl(['daemon-reload']);
  await shownAs('backup-manager', 'gone', ({ text }) => text === 'not installed');
});

test('in maintenance Rovi starts it by no way; systemd and root still can, and all say so', async () => {
  await good('service', 'stop', 'web');
  const begun = await good(
    'maintenance',
    'begin',
    'container-runtime',
    '--reason',
    'new disk',
    '--for',
    '1h',
  );
  expect(begun).toContain('systemd and root still can');
  await good('service', 'stop', 'container-runtime', '--yes');
  await shownAs('container-runtime', 'in maintenance', ({ state }) => state === 'MAINTENANCE');
  for (const name of ['container-runtime', 'web']) {
    const refused = await run('service', 'start', name);
    expect([refused.code, refused.stderr], name).toEqual([3, expect.stringContaining('new disk')]);
  }
  expect(await good('service', 'why', 'container-runtime')).toContain(
    'systemd and root can start it, maintenance or not',
  );
  await installed.systemctl(['start', ENGINE]);
  await shownAs('container-runtime', 'running', ({ state }) => state === 'RUNNING');
  await good('maintenance', 'end', 'container-runtime');
});

test('past a gateway that is gone a stop is asked for all the same, and what is not allowed is not done', async () => {
  await installed.systemctl(['stop', 'rovi-gateway.service']);
  const unasked = await run('service', 'stop', 'container-runtime');
  expect([unasked.code, unasked.stderr]).toEqual([3, expect.stringContaining('[confirmation-required]')]);
  const denied = await run('service', 'stop', 'storage-agent', '--yes');
  expect([denied.code, denied.stderr]).toEqual([4, expect.stringContaining('[command-not-allowed]')]);
  expect((await run('service', 'stop', 'container-runtime', '--yes')).code).toBe(0);
  expect([await active(ENGINE), await active(STORAGE)]).toEqual(['inactive', 'active']);
  await installed.systemctl(['start', 'rovi-gateway.service', ENGINE]);
  await shownAs('container-runtime', 'running', ({ state }) => state === 'RUNNING');
});

test('the page shows whose they are, disables what is not allowed, and asks before a stop', async () => {
  await installed.systemctl(['start', AGENT, STORAGE]);
  await shownAs('network-agent', 'running', ({ state }) => state === 'RUNNING');
  const looks = await everywhere(visits);
  const [{ page } = {}] = looks;
  if (page === undefined) throw new Error('no visit');
  const listed = (name: string) =>
    page
      .getByRole('region', { name: 'Services', exact: true })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { level: 4, name, exact: true }) });
  const button = (verb: string, name: string) =>
    listed(name).getByRole('button', { name: `${verb} ${name}`, exact: true });
  await listed('network-agent').getByText('Running', { exact: true }).waitFor();
  await listed('network-agent').getByText('system', { exact: true }).waitFor();
  await expect.poll(() => button('Restart', 'network-agent').isEnabled()).toBe(true);
  expect(await button('Stop', 'network-agent').isDisabled()).toBe(true);
  expect(await button('Stop', 'network-agent').getAttribute('title')).toMatch(/catalog does not allow it/);
  for (const verb of ['Restart', 'Stop']) expect(await button(verb, 'storage-agent').isDisabled()).toBe(true);
  await listed('backup-manager')
    .locator('.soft', { hasText: /^not installed$/ })
    .waitFor();
  expect(await listed('backup-manager').getByRole('button').count()).toBe(0);

  await button('Stop', 'container-runtime').click();
  const dialog = page.getByRole('dialog', { name: 'Stop container-runtime?' });
  await dialog.getByText(/affects all containers of this robot/i).waitFor();
  await dialog.getByText('Do not', { exact: true }).click();
  expect(await active(ENGINE)).toBe('active');
  await look(looks, 'external-units', (each) =>
    each.getByRole('heading', { level: 4, name: 'backup-manager', exact: true }).waitFor(),
  );
  await look(looks, 'external-unit', async (each) => {
    await each.getByRole('link', { name: 'network-agent', exact: true }).first().click();
    await each.getByText(/A unit of the system, net-agent\.service: operators may restart it\./).waitFor();
  });
}, 300_000);

test('a reload takes over what needs no root, and says what does', async () => {
  const changed = {
    'container-runtime': { ...external['container-runtime'], description: 'Runs everything' },
    'network-agent': { ...external['network-agent'], allow: ['start', 'restart'] },
    printer: { unit: 'printer.service', description: 'New' },
  };
  await installed.robot.writeFile(PATHS.catalog, catalog(changed));
  const { applied, needs_install: needsInstall } = await installed.api.reload();
  expect(applied).toEqual(['external unit container-runtime: description']);
  expect(needsInstall).toEqual([
    'external unit network-agent is different in /etc/polkit-1/rules.d/49-rovi.rules',
    'external unit printer is new: the rule of polkit does not name it yet',
  ]);
  await shownAs('container-runtime', 'said anew', ({ description }) => description === 'Runs everything');
  expect((await failureOf(installed.api.startService('network-agent'))).code).toBe('command-not-allowed');
  await installed.robot.writeFile(PATHS.catalog, catalog());
  await installed.api.reload();
});

test('its commands are in the audit, like all', async () => {
  // It is in the journal a moment later.
  for (const line of [/stop +container-runtime/, /restart +network-agent/, /stop +storage-agent/])
    await expect.poll(() => good('audit', '-n', '300')).toMatch(line);
});

test('uninstalling leaves them as they are', async () => {
  const before = await traces();
  const removed = await installed.robot.exec(['/opt/rovi-src/install.sh', '--uninstall'], { check: false });
  expect(removed.code, removed.stderr).toBe(0);
  const kept = (text: string): string => text.replaceAll(/rovi-\w+\.service */g, '');
  expect(kept(await traces())).toBe(kept(before));
  expect(await active(ENGINE)).toBe('active');
  expect((await installed.systemctl(['restart', ENGINE], { user: OPERATOR })).code).not.toBe(0);
});
