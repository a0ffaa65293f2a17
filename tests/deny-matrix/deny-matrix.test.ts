/**
 * Who may do what to which unit, asked of the real polkit over the real bus. The intended table:
 *
 *             | each stack           | gateway, foreign units, unknown, tricks, transient | unit files, daemon-reload
 * rovi        | start, stop, restart | nothing                                            | nothing
 * rovi-ops    | start, stop, restart | nothing                                            | nothing
 * a stranger  | nothing              | nothing                                            | nothing
 * root        | all                  | all                                                | all
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
  '',
];

const idle = '[Service]\nExecStart=/bin/sleep infinity\n';
const installed = new InstalledRobot('deny-matrix', {
  catalog: shippedCatalog(),
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
    await robot.writeFile('/home/olga/rovi-own.service', idle, { owner: OPERATOR });
    await robot.exec(['systemctl', 'daemon-reload']);
    await robot.exec(['systemctl', 'start', 'ssh-like']);
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
    ...foreign,
    ...near,
    foreignAlias,
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
  const loaded = ['rovi-gateway.service', 'rovi-nav.service', ...foreign].includes(unit);
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
  ...foreign,
  ...near,
  ...unknown,
  foreignAlias,
  ...malformed,
];
const managerCells: Cell[] = Object.entries(managerVerbs).map(([id, call]) => ({ id, ...call }));
const transientCells: Cell[] = [
  { id: 'transient free.service', ...transient('free.service') },
  { id: 'transient rovi-free.service', ...transient('rovi-free.service') },
  { id: 'transient rovi-nav@y.service', ...transient('rovi-nav@y.service') },
  { id: 'transient free.scope', ...transient('free.scope') },
  { id: 'transient riding along', ...transient('rovi-nav.service', 'free-rider.service') },
];
/** Newer systemd asks polkit for the name before it finds it taken (systemd#34651): then YES leads to UnitExists. */
const takenCells: Cell[] = [
  'rovi-nav.service',
  'rovi-camera.service',
  'ssh-like.service',
  'rovi-gateway.service',
].map((unit) => ({ id: `transient taken ${unit}`, ...transient(unit) }));

const granted = ['start', 'stop', 'restart'];
const isGranted = (cell: Cell) =>
  stacks.some((unit) => granted.some((verb) => cell.id === `${verb} ${unit}`));

beforeEach(async () => {
  await installed.systemctl(['stop', ...stacks]);
  await installed.systemctl(['start', 'rovi-gateway', 'rovi-nav', 'ssh-like']);
});

test.each([
  ['rovi', true],
  [OPERATOR, true],
  [STRANGER, false],
])('%s: every other cell is denied, by the right error, and nothing has changed', async (user, hasGrants) => {
  const cells = [...cellsOf(everyVerb, everyUnit), ...managerCells, ...transientCells].filter(
    (cell) => !hasGrants || !isGranted(cell),
  );
  expect(cells.length).toBeGreaterThan(450);
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
  '%s may start, stop and restart every stack, by its exact name',
  async (user) => {
    await installed.systemctl(['stop', 'rovi-nav']);
    for (const unit of stacks) {
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
);
