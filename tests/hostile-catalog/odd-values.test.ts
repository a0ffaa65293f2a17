/** Values that the catalog's rules allow and that are odd all the same: they arrive as they were written. */
import { stackUnit } from '@rovi/contract';
import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { InstalledRobot, OPERATOR } from '../installed-robot.js';

const DESCRIPTION = `Grüße 100% %n %% $HOME \${x} "quoted" 'single' \`id\` ; | & # \\ <b> 漢字 🤖 \\x41 end`;
const SECOND = 'nav-2_x';
const LONGEST = `a${'b'.repeat(39)}`;
/** A word that every JavaScript object answers to. */
const INHERITED = 'constructor';

/** As written in YAML, and as the word that must reach `ros2 launch`. */
const values: Readonly<Record<string, readonly [yaml: string, word: string]>> = {
  equals: ['"="', '='],
  option: ['--ros-args', '--ros-args'],
  minus: ['"-"', '-'],
  assignment: ['"a:=b"', 'a:=b'],
  float: ['1.0', '1.0'],
  hexadecimal: ['0x10', '0x10'],
  octal: ['007', '007'],
  exponent: ['1e3', '1e3'],
  big: ['12345678901234567890', '12345678901234567890'],
  truth: ['True', 'True'],
  no: ['no', 'no'],
  date: ['2024-01-01', '2024-01-01'],
  every: ['"_./:@,=+-Az09"', '_./:@,=+-Az09'],
  path: ['/a/../b//c', '/a/../b//c'],
  long: [`${'x'.repeat(400)}`, 'x'.repeat(400)],
};

/** As written in the env file, and as the launch must have it. */
const variables: Readonly<Record<string, readonly [line: string, value: string]>> = {
  ODD_BLANKS: ['ODD_BLANKS=two  words', 'two  words'],
  ODD_DOUBLE: ['ODD_DOUBLE="a \\"b\\" \\$HOME"', 'a "b" $HOME'],
  ODD_SINGLE: [`ODD_SINGLE='$HOME \`id\` "x"'`, '$HOME `id` "x"'],
  ODD_PERCENT: ['ODD_PERCENT=100%n%%', '100%n%%'],
  ODD_DOLLAR: ['ODD_DOLLAR=$HOME$(id)', '$HOME$(id)'],
  ODD_LETTERS: ['ODD_LETTERS=Grüße 🤖', 'Grüße 🤖'],
  ODD_EMPTY: ['ODD_EMPTY=', ''],
};

const stack = (description: string) => `
    description: ${JSON.stringify(description)}
    launch:
      package: rovi_bringup
      file: odd-file_1.2.launch.py
      arguments:
${Object.entries(values)
  .map(([name, [yaml]]) => `        ${name}: ${yaml}\n`)
  .join('')}    processes: [odd_node-1.2+x]
    start_limit: { interval: 10, burst: 1000 }
`;

const WORKSPACE = '/home/rovi/dev/Roblibs/rovi_ros_ws';
const installed = new InstalledRobot('odd-values', {
  catalog: `version: 1
workspace: ${WORKSPACE}
env_file: /etc/rovi/.env.robot
lock_wait: 1
stacks:
  nav:${stack(DESCRIPTION)}
  ${SECOND}:${stack('  blanks around  ')}
  ${LONGEST}:${stack('.')}
  ${INHERITED}:${stack('x')}
`,
  environment: `ROVI_ROS_WS_DIR=${WORKSPACE}\nROVI_ENV=robot\n${Object.values(variables)
    .map(([line]) => `${line}\n`)
    .join('')}`,
  furnish: async ({ robot }) => {
    await setStack(robot, 'odd-file_1', { nodes: [{ name: 'odd_node-1.2+x' }] });
  },
});

const words = Object.entries(values).map(([name, [, word]]) => `${name}:=${word}`);

test.each(['nav', SECOND, LONGEST, INHERITED])(
  '%s: each argument reaches ros2 launch byte by byte, in order',
  async (name) => {
    expect(await installed.api.start(name)).toMatchObject({ outcome: 'succeeded', warnings: [] });
    const pid = await installed.property(stackUnit(name), 'MainPID');
    const argv = (await installed.robot.readFile(`/proc/${pid}/cmdline`)).split('\0').slice(0, -1);
    expect(argv.slice(argv.indexOf('launch'))).toEqual([
      'launch',
      '--noninteractive',
      'rovi_bringup',
      'odd-file_1.2.launch.py',
      ...words,
    ]);
    const entries = (await installed.robot.readFile(`/proc/${pid}/environ`)).split('\0');
    const environment: Record<string, string> = Object.fromEntries(
      entries
        .filter((entry) => entry.startsWith('ODD_'))
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    expect(environment).toEqual(
      Object.fromEntries(Object.entries(variables).map(([key, [, value]]) => [key, value])),
    );
    await installed.waitForStack(
      name,
      'whole',
      ({ verdict }) => verdict.text === 'running, 1 of 1 processes',
    );
    expect(await installed.robot.readFile('/home/rovi/.ros/rovi/session/current_launch')).toBe(
      `rovi_bringup/${name}.launch.py\n`,
    );
    await installed.api.stop(name);
  },
);

test('a description means the same to systemd, to the API and on the terminal', async () => {
  expect(await installed.property('rovi-nav', 'Description')).toBe(`Rovi stack nav: ${DESCRIPTION}`);
  const states = (await installed.api.state()).stacks;
  expect(states.map(({ name, description }) => [name, description])).toEqual([
    ['nav', DESCRIPTION],
    [SECOND, '  blanks around  '],
    [LONGEST, '.'],
    [INHERITED, 'x'],
  ]);
  const { stdout, code } = await installed.rovictl(['stack', 'list', '--json']);
  expect(code).toBe(0);
  expect(stdout).toContain(JSON.stringify(DESCRIPTION));
});

test('odd names are exact names to polkit too', async () => {
  for (const name of [SECOND, LONGEST, INHERITED]) {
    expect(await installed.systemctl(['start', stackUnit(name)], { user: OPERATOR })).toMatchObject({
      code: 0,
    });
    expect(await installed.systemctl(['stop', stackUnit(name)], { user: OPERATOR })).toMatchObject({
      code: 0,
    });
  }
});

test('systemd has no complaint about any generated unit', async () => {
  const units = ['gateway', 'nav', SECOND, LONGEST, INHERITED].map(
    (name) => `/etc/systemd/system/rovi-${name}.service`,
  );
  const { stdout, stderr } = await installed.robot.exec(['systemd-analyze', 'verify', '--man=no', ...units]);
  expect(stdout + stderr).toBe('');
});

installed.expectNoWarningsBut();
