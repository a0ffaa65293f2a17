/**
 * Who may do what to which unit, asked of the real polkit over the real bus. The intended table:
 *
 *             | each stack, and each instance that may be of each service, and the   | gateway, foreign units,  | unit files,
 *             | units that ask for the health of containers                          | unknown, tricks, transient | daemon-reload
 * rovi        | start, stop, restart; of services reset-failed                       | nothing                  | nothing
 * rovi-ops    | start, stop, restart; of services reset-failed                       | nothing                  | nothing
 * a stranger  | nothing                                                              | nothing                  | nothing
 * root        | all                                                                  | all                      | all
 *
 * Of a unit of the system that the catalog names (`external:`), rovi and rovi-ops have exactly the verbs that it says, and
 * with start also reset-failed; and the start only while there is a file of that name.
 */
import { stackUnit } from '@rovi/contract';
import { setStack } from '@rovi/testbed';
import { beforeEach, expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, shippedCatalog, STRANGER } from '../installed-robot.js';
import type { Cell } from './cells.js';
import { cellsOf, managerVerbs, otherVerbs, transient, unitObject, unitVerbs } from './cells.js';

interface Answer {
  id: string;
  error?: string;
  text?: string;
  result?: string;
}

const INTERACTIVE = 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired';
const ACCESS = 'org.freedesktop.DBus.Error.AccessDenied';
const NO_SUCH_UNIT = 'org.freedesktop.systemd1.NoSuchUnit';
/** Does nothing to a process that runs. */
const SIGCONT = 18;
const INVALID = 'org.freedesktop.DBus.Error.InvalidArgs';

const stacks = ['teleop', 'mapping', 'localization', 'nav', 'camera'].map(stackUnit);
const SERVICES = {
  video: { description: 'Video', command: ['/bin/sleep', 'infinity'] },
  admin: { description: 'Runs as root', command: ['/bin/sleep', 'infinity'], user: 'root' },
  worker: { description: 'Worker', command: ['/bin/sleep', 'infinity'], instances: { min: 1, max: 2 } },
  // Never started by its name: no image is needed for who may start it.
  bus: {
    description: 'Bus',
    container: { image: 'localhost/none:1' },
    health: [{ probe: { type: 'container' } }],
  },
};
const ENGINE = 'engine.service';
const AGENT = 'net-agent.service';
const WATCHED = 'watched.service';
const INSTANCE = 'worker-pool@one.service';
/** Installed nowhere: the catalog is for several robots, or its package is gone. */
const ABSENT = 'absent.service';
const WATCHED_ALIAS = 'watched-alias.service';
/** Units of the system that the catalog names, and the verbs that polkit grants for each. */
const external: Readonly<Record<string, readonly string[]>> = {
  [ENGINE]: ['start', 'stop', 'restart', 'reset-failed'],
  [AGENT]: ['restart'],
  [WATCHED]: [],
  [INSTANCE]: ['start', 'stop', 'reset-failed'],
};
/** What stands beside those. */
const neighbours = ['engine.socket', 'worker-pool@two.service', ABSENT, WATCHED_ALIAS];
const EXTERNAL = {
  engine: { unit: ENGINE, description: 'Runs containers' },
  agent: { unit: AGENT, description: 'Network', allow: ['restart'] },
  watched: { unit: WATCHED, description: 'Only watched', allow: [] },
  pool: { unit: INSTANCE, description: 'One of a template', allow: ['stop', 'start'] },
  absent: { unit: ABSENT, description: 'Not here' },
  alias: { unit: WATCHED_ALIAS, description: 'Another name of what is only watched' },
};
const services = [
  'rovi-video.service',
  'rovi-admin.service',
  'rovi-worker@1.service',
  'rovi-worker@2.service',
];
const asked = ['rovi-bus.service', 'rovi-bus-health.service'];
/** Running; what a robot has beside Rovi. dbus.service is the real one. */
const foreign = ['ssh-like.service', 'dbus.service'];
/** Files that exist and whose names come near: nothing but an exact name may pass. */
const near = [
  'rovi-navx.service',
  'rovi-nav@x.service',
  'rovi-NAV.service',
  'rovi-.service',
  'xrovi-nav.service',
];
const unknown = [
  // Instances that the catalog does not have, and names that its units come near.
  'rovi-worker@0.service',
  'rovi-worker@3.service',
  'rovi-worker@01.service',
  'rovi-worker.service',
  'rovi-video@1.service',
  'rovi-video-health.service',
  'rovi-services.target',
  'rovi-dance.service',
  'no-such-thing.service',
  'rovi-nav.socket',
  'rovi-nav.timer',
  'rovi-nav.target',
];
/** An alias of a foreign unit, with a name as if it were ours. */
const foreignAlias = 'rovi-nav2.service';
/** An alias of a stack is that stack: systemd tells polkit the primary name. */
const stackAlias = 'drive.service';
const malformed = [
  'rovi-nav.service/../x',
  'rovi-nav.service/../ssh-like.service',
  'rovi-nav.service\n',
  'rovi-nav.service\nssh-like.service',
  'rovi-nav',
  '../rovi-nav.service',
  'rovi-nav.service ssh-like.service',
  // A template is no unit.
  'worker-pool@.service',
  '',
];

const idle = '[Service]\nExecStart=/bin/sleep infinity\n';
const installed = new InstalledRobot('deny-matrix', {
  catalog: shippedCatalog((text) => Object.assign(text, { services: SERVICES, external: EXTERNAL })),
  furnish: async ({ robot }) => {
    await robot.writeFile(
      '/usr/lib/systemd/system/ssh-like.service',
      `${idle}[Install]\nWantedBy=multi-user.target\n`,
    );
    await robot.shell(`ln -s /usr/lib/systemd/system/ssh-like.service /etc/systemd/system/${foreignAlias}
      ln -s rovi-nav.service /etc/systemd/system/${stackAlias}`);
    for (const name of ['rovi-navx', 'rovi-nav@', 'rovi-NAV', 'rovi-', 'xrovi-nav']) {
      await robot.writeFile(`/etc/systemd/system/${name}.service`, idle);
    }
    for (const name of [ENGINE, AGENT, WATCHED, 'worker-pool@.service'])
      await robot.writeFile(`/usr/lib/systemd/system/${name}`, idle);
    await robot.writeFile('/etc/systemd/system/engine.socket', '[Socket]\nListenStream=/run/engine.sock\n');
    await robot.exec([
      'ln',
      '-s',
      `/usr/lib/systemd/system/${WATCHED}`,
      `/etc/systemd/system/${WATCHED_ALIAS}`,
    ]);
    await robot.writeFile('/home/olga/rovi-own.service', idle, { owner: OPERATOR });
    await robot.exec(['systemctl', 'daemon-reload']);
    await robot.exec(['systemctl', 'start', 'ssh-like', 'engine.socket']);
    // One quick node each: the story is about rights, and starts each stack often.
    for (const stack of ['teleop', 'mapping', 'localization', 'nav', 'camera']) {
      await setStack(robot, stack, { nodes: [{ name: 'node' }] });
    }
  },
});

async function ask(user: string, cells: readonly Cell[]): Promise<Map<string, Answer>> {
  const { stdout } = await installed.robot.exec(['node', '/opt/rovi-src/tests/deny-matrix/ask.mjs'], {
    user,
    input: JSON.stringify(cells),
    timeoutMs: 100_000,
  });
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
  expect(answers.length).toBe(cells.length);
  return new Map(answers.map((answer) => [answer.id, answer]));
}

/** Everything a call could have changed: each unit's run and settings, and every unit file there is. */
async function traces(): Promise<string> {
  const units = [
    'rovi-gateway.service',
    ...stacks,
    ...services,
    ...asked,
    ...foreign,
    ...near,
    foreignAlias,
    ...Object.keys(external),
    ...neighbours,
    'rovi-dance.service',
    'free.service',
  ];
  const properties = [
    'Id,LoadState,ActiveState,SubState,InvocationID,MainPID,ActiveEnterTimestampMonotonic,InactiveEnterTimestampMonotonic',
    'Result,ExecMainStatus,CPUWeight,UnitFileState,FreezerState,DropInPaths,Transient,Job',
  ].join(',');
  const { stdout } = await installed.robot.shell(
    `systemctl show --property=${properties} ${units.map((unit) => `'${unit}'`).join(' ')}
     systemctl show --property=Environment,DefaultTarget; systemctl get-default
     find /etc/systemd /run/systemd/system /run/systemd/transient /run/systemd/system.control /etc/systemd/system.control \\
       /usr/lib/systemd/system -printf '%p %m %u %T@ %l\\n' 2>/dev/null | sort
     ls /run/pwned-* 2>/dev/null; true`,
  );
  return stdout;
}

/** The refusals intended for a cell. Some units are "none such" before anybody asks who may. */
function refusals({ id, unit = '' }: Cell): string[] {
  const denied = [INTERACTIVE, ACCESS];
  // The empty name makes an object path that cannot even be sent.
  if (malformed.includes(unit)) return [...denied, INVALID, NO_SUCH_UNIT, ...(unit === '' ? ['Error'] : [])];
  // Only for units that delegate their cgroup; that is looked at first.
  if (id.startsWith('attach a process')) return [...denied, INVALID, NO_SUCH_UNIT];
  const running = ['rovi-gateway.service', 'rovi-nav.service', 'rovi-video.service', ...foreign];
  const loaded = [...running, ENGINE, 'engine.socket', AGENT, WATCHED, INSTANCE].includes(unit);
  return loaded ? denied : [...denied, NO_SUCH_UNIT];
}

/** The cells that did not answer with one of the errors intended for them. */
function deviations(cells: readonly Cell[], answers: ReadonlyMap<string, Answer>): string[] {
  return cells
    .filter((cell) => !refusals(cell).includes(answers.get(cell.id)?.error ?? ''))
    .map((cell) => JSON.stringify(answers.get(cell.id)));
}

const everyVerb = { ...unitVerbs, ...otherVerbs };
const everyUnit = [
  'rovi-gateway.service',
  ...stacks,
  ...services,
  ...asked,
  ...foreign,
  ...near,
  ...unknown,
  foreignAlias,
  ...Object.keys(external),
  ...neighbours,
  ...malformed,
];
const managerCells: Cell[] = Object.entries(managerVerbs).map(([id, call]) => ({ id, ...call }));
const transientCells: Cell[] = [
  { id: 'transient free.service', ...transient('free.service') },
  { id: 'transient rovi-free.service', ...transient('rovi-free.service') },
  { id: 'transient rovi-nav@y.service', ...transient('rovi-nav@y.service') },
  { id: 'transient rovi-worker@3.service', ...transient('rovi-worker@3.service') },
  { id: 'transient rovi-video-health.service', ...transient('rovi-video-health.service') },
  { id: `transient ${ABSENT}`, ...transient(ABSENT) },
  { id: 'transient worker-pool@two.service', ...transient('worker-pool@two.service') },
  { id: 'transient free.scope', ...transient('free.scope') },
  { id: 'transient riding along', ...transient('rovi-nav.service', 'free-rider.service') },
];
/** Newer systemd asks polkit for the name before it finds it taken (systemd#34651): then YES leads to UnitExists. */
const takenCells: Cell[] = [
  'rovi-nav.service',
  'rovi-camera.service',
  'rovi-video.service',
  'rovi-worker@1.service',
  'rovi-worker@2.service',
  'rovi-bus-health.service',
  'ssh-like.service',
  'rovi-gateway.service',
  ENGINE,
  AGENT,
  WATCHED,
  INSTANCE,
].map((unit) => ({ id: `transient taken ${unit}`, ...transient(unit) }));

const granted = ['start', 'stop', 'restart'];
const isGranted = (cell: Cell) =>
  [...stacks, ...services, ...asked].some((unit) => granted.some((verb) => cell.id === `${verb} ${unit}`)) ||
  [...services, ...asked].some((unit) => cell.id === `reset-failed ${unit}`) ||
  Object.entries(external).some(([unit, verbs]) => verbs.some((verb) => cell.id === `${verb} ${unit}`));

beforeEach(async () => {
  await installed.systemctl(['stop', ...stacks, ...services]);
  await installed.systemctl(['start', 'rovi-gateway', 'rovi-nav', 'rovi-video', 'ssh-like']);
  await installed.systemctl(['start', ENGINE, 'engine.socket', AGENT, WATCHED, INSTANCE]);
});

test.each([
  ['rovi', true],
  [OPERATOR, true],
  [STRANGER, false],
])('%s: every other cell is denied, by the right error, and nothing has changed', async (user, hasGrants) => {
  const cells = [...cellsOf(everyVerb, everyUnit), ...managerCells, ...transientCells].filter(
    (cell) => !hasGrants || !isGranted(cell),
  );
  expect(cells.length).toBeGreaterThan(650);
  const before = await traces();
  const answers = await ask(user, [...cells, ...takenCells]);
  expect(deviations(cells, answers)).toEqual([]);
  for (const { id } of takenCells) {
    expect([INTERACTIVE, ACCESS, 'org.freedesktop.systemd1.UnitExists'], id).toContain(
      answers.get(id)?.error,
    );
  }
  expect(await traces()).toBe(before);
});

test.each(['rovi', OPERATOR])(
  '%s may start, stop and restart every stack and every instance of a service, by its exact name',
  async (user) => {
    await installed.systemctl(['stop', 'rovi-nav', 'rovi-video']);
    for (const unit of [...stacks, ...services]) {
      const runs: (string | undefined)[] = [];
      for (const verb of ['start', 'restart', 'stop'] as const) {
        const [[, answer] = []] = await ask(user, cellsOf({ [verb]: unitVerbs[verb] }, [unit]));
        expect(answer, `${verb} ${unit}`).toEqual({ id: `${verb} ${unit}`, result: 'done' });
        expect(await installed.property(unit, 'ActiveState')).toBe(verb === 'stop' ? 'inactive' : 'active');
        runs.push(await installed.property(unit, 'InvocationID'));
      }
      expect(runs[0], unit).not.toBe(runs[1]);
    }
  },
);

test.each(['rovi', OPERATOR])(
  '%s may reset a service that systemd has given up, and no stack',
  async (user) => {
    await installed.systemctl(['stop', 'rovi-video']);
    const dropIn = '/run/systemd/system/rovi-video.service.d/story.conf';
    await installed.robot.writeFile(dropIn, '[Service]\nExecStart=\nExecStart=/bin/false\nRestart=no\n');
    await installed.systemctl(['daemon-reload']);
    await installed.systemctl(['start', 'rovi-video']);
    await installed.waitForUnit('rovi-video', 'failed');
    const cells = cellsOf({ 'reset-failed': unitVerbs['reset-failed'] }, [...services, ...asked, ...stacks]);
    const answers = await ask(user, cells);
    for (const unit of stacks) {
      const refused =
        unit === 'rovi-nav.service' ? [INTERACTIVE, ACCESS] : [INTERACTIVE, ACCESS, NO_SUCH_UNIT];
      expect(refused, unit).toContain(answers.get(`reset-failed ${unit}`)?.error);
    }
    for (const unit of [...services, ...asked]) {
      // What is not loaded cannot have failed: it was asked for, not refused.
      expect([undefined, NO_SUCH_UNIT], unit).toContain(answers.get(`reset-failed ${unit}`)?.error);
    }
    expect(await installed.property('rovi-video', 'ActiveState')).toBe('inactive');
    await installed.robot.exec(['rm', dropIn]);
    await installed.systemctl(['daemon-reload']);
  },
);

test.each(['rovi', OPERATOR])('%s may start what asks for the health of a container', async (user) => {
  // There is no image: that both fail shows that both were tried.
  const answers = await ask(user, cellsOf({ start: unitVerbs.start, stop: unitVerbs.stop }, asked));
  for (const { id, error, result } of answers.values()) {
    expect(error, id).toBeUndefined();
    expect(result, id).toBe(id.startsWith('start') ? 'failed' : 'done');
  }
  await installed.systemctl(['reset-failed', ...asked]);
});

test.each(['rovi', OPERATOR])('%s may do to a unit of the system what the catalog says', async (user) => {
  for (const [unit, verbs] of Object.entries(external)) {
    for (const verb of ['stop', 'start', 'restart'] as const) {
      if (!verbs.includes(verb)) continue;
      const before = await installed.property(unit, 'InvocationID');
      const [[, answer] = []] = await ask(user, cellsOf({ [verb]: unitVerbs[verb] }, [unit]));
      expect(answer, `${verb} ${unit}`).toEqual({ id: `${verb} ${unit}`, result: 'done' });
      expect(await installed.property(unit, 'ActiveState')).toBe(verb === 'stop' ? 'inactive' : 'active');
      if (verb !== 'stop') expect(await installed.property(unit, 'InvocationID')).not.toBe(before);
    }
    if (!verbs.includes('reset-failed')) continue;
    const [[, reset] = []] = await ask(user, cellsOf({ 'reset-failed': unitVerbs['reset-failed'] }, [unit]));
    expect(reset?.error, `reset-failed ${unit}`).toBeUndefined();
  }
});

test('a name without a file is not granted a start, whatever systemd comes to ask; with one it is', async () => {
  // Newer systemd asks of a transient unit by its name and `start` (systemd#34651): here polkit is asked so itself.
  // exec: before that the process is still root's, who may do all.
  const somebody = ['--unit=somebody', '--property=Type=exec', `--uid=${OPERATOR}`, 'sleep', 'infinity'];
  await installed.robot.exec(['systemd-run', ...somebody]);
  const pid = await installed.property('somebody.service', 'MainPID');
  const may = async (verb: string, unit: string): Promise<boolean> => {
    const details = ['--detail', 'unit', unit, '--detail', 'verb', verb];
    const question = ['pkcheck', '--action-id', 'org.freedesktop.systemd1.manage-units', '--process', pid];
    return (await installed.robot.exec([...question, ...details], { check: false })).code === 0;
  };
  const answers = async () => ({
    engine: await may('start', ENGINE),
    instance: await may('start', INSTANCE),
    agent: await may('start', AGENT),
    absent: await may('start', ABSENT),
  });
  const here = { engine: true, instance: true, agent: false, absent: false };
  expect(await answers()).toEqual(here);
  await installed.robot.writeFile(`/usr/lib/systemd/system/${ABSENT}`, idle);
  await installed.robot.exec(['mv', `/usr/lib/systemd/system/${ENGINE}`, '/root/']);
  expect(await answers()).toEqual({ ...here, engine: false, absent: true });
  await installed.robot.exec(['mv', `/root/${ENGINE}`, '/usr/lib/systemd/system/']);
  await installed.robot.exec(['rm', `/usr/lib/systemd/system/${ABSENT}`]);
  expect(await answers()).toEqual(here);
  await installed.systemctl(['stop', 'somebody']);
});

test('an alias of a stack is the stack, and so is its object on the bus', async () => {
  await installed.systemctl(['stop', 'rovi-nav']);
  const start = { id: 'start alias', ...unitVerbs.start(stackAlias) };
  const viaObject = (member: string): Cell => ({
    id: `object ${member}`,
    ...unitObject('rovi-nav.service'),
    member,
    signature: 's',
    body: ['replace'],
    job: true,
  });
  const answers = await ask(OPERATOR, [start, viaObject('Restart'), viaObject('Stop')]);
  expect([...answers.values()]).toEqual([
    { id: 'start alias', result: 'done' },
    { id: 'object Restart', result: 'done' },
    { id: 'object Stop', result: 'done' },
  ]);
  // A stop that meets Python in its first milliseconds ends it with 1: stopped, and called failed (docs/real-ros.md).
  expect(['inactive', 'failed']).toContain(await installed.property('rovi-nav', 'ActiveState'));
});

test('root may do all', async () => {
  const own = [...stacks, 'ssh-like.service', 'rovi-navx.service', foreignAlias];
  await installed.systemctl(['stop', 'rovi-nav']);
  for (const unit of own) {
    const { start, stop, restart } = unitVerbs;
    const answers = await ask('root', [
      ...cellsOf({ start, restart, 'set-property': unitVerbs['set-property'] }, [unit]),
      { id: 'kill', ...unitVerbs.kill(unit), body: [unit, 'all', SIGCONT] },
      ...cellsOf({ 'reset-failed': unitVerbs['reset-failed'], stop }, [unit]),
    ]);
    expect(
      [...answers.values()].map(({ id, error, result }) => [id.split(' ')[0], error ?? result ?? 'ok']),
    ).toEqual([
      ['start', 'done'],
      ['restart', 'done'],
      ['set-property', 'ok'],
      ['kill', 'ok'],
      ['reset-failed', 'ok'],
      ['stop', 'done'],
    ]);
  }
  // Unit files: systemd itself never masks over a file in /etc (EEXIST); that is no matter of rights.
  const files = await ask('root', [
    ...cellsOf({ enable: unitVerbs.enable }, [...stacks, 'ssh-like.service', 'rovi-gateway.service']),
    ...cellsOf({ disable: otherVerbs.disable }, [...stacks, 'ssh-like.service']),
    ...cellsOf({ mask: unitVerbs.mask }, ['ssh-like.service', 'rovi-dance.service']),
    { id: 'daemon-reload', member: 'Reload' },
  ]);
  expect([...files.values()].filter(({ error }) => error !== undefined)).toEqual([]);
  expect(await installed.property('ssh-like', 'LoadState')).toBe('masked');
  await installed.systemctl(['unmask', 'ssh-like.service', 'rovi-dance.service']);
  const others = await ask('root', [
    { id: 'unknown', ...unitVerbs.start('no-such-thing.service') },
    { id: 'taken', ...transient('rovi-nav.service') },
    { id: 'free', ...transient('free.service') },
    ...cellsOf({ restart: unitVerbs.restart, stop: unitVerbs.stop, start: unitVerbs.start }, [
      'rovi-gateway.service',
    ]),
  ]);
  expect([...others.values()].map(({ id, error, result }) => [id, error ?? result])).toEqual([
    ['unknown', NO_SUCH_UNIT],
    ['taken', 'org.freedesktop.systemd1.UnitExists'],
    ['free', 'done'],
    ['restart rovi-gateway.service', 'done'],
    ['stop rovi-gateway.service', 'done'],
    ['start rovi-gateway.service', 'done'],
  ]);
  expect(await installed.exists('/run/pwned-free.service')).toBe(true);
});

test('without polkit nobody but root may do anything', async () => {
  await installed.systemctl(['mask', '--runtime', '--now', 'polkit.service']);
  const before = await traces();
  const cells = cellsOf({ start: unitVerbs.start, stop: unitVerbs.stop }, [
    'rovi-nav.service',
    'rovi-camera.service',
  ]);
  for (const user of ['rovi', OPERATOR, STRANGER]) {
    for (const { id, error } of (await ask(user, cells)).values())
      expect(error, `${user}: ${id}`).toBeDefined();
  }
  expect(await traces()).toBe(before);
  await installed.systemctl(['unmask', '--runtime', 'polkit.service']);
});

// A SIGINT in the first milliseconds of Python.
installed.expectNoWarningsBut(
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: Failed with result 'exit-code'\.$/,
  // Such a SIGINT can be lost as well (docs/real-ros.md), and systemd's limit ends it.
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: (State 'stop-sigterm' timed out\. Killing\.|Failed with result 'timeout'\.)$/,
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: (Killing process \d+ .* with signal SIGKILL\.|Main process exited, code=killed, status=9\/KILL)$/,
  // A program and a container that cannot be.
  /^rovi-(?:bus|bus-health|video)\.service\[[34]\] systemd: /,
);
