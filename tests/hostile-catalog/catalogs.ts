/** A catalog that breaks one rule, and what must be said of it. */
export interface HostileCatalog {
  readonly title: string;
  readonly text: string | Buffer;
  /** Where the fault is: the line, and the path within the catalog (empty for the text as such). */
  readonly line: number;
  readonly path: string;
  /** Words of what was expected. */
  readonly expected: string;
}

const good = [
  'version: 1',
  'robot: rovi',
  'user: rovi',
  'group: rovi-ops',
  'workspace: /home/rovi/dev/Roblibs/rovi_ros_ws',
  'env_file: /etc/rovi/.env.robot',
  'lock_wait: 5',
  'stacks:',
  '  nav:',
  '    description: Drive',
  '    launch:',
  '      package: rovi_bringup',
  '      file: rovi.launch.py',
  '      arguments: { robot_mode: real, stack: nav }',
  '    processes: [controller_server]',
];

/** The catalog that each of the others is but for one line; installable. */
export const goodCatalog = `${good.join('\n')}\n`;

/** The good catalog with one line replaced. */
function withLine(line: number, text: string): string {
  return `${good.with(line - 1, text).join('\n')}\n`;
}

type Row = readonly [title: string, line: number, text: string, path: string, expected: string];

const rows: readonly Row[] = [
  ['a user with a line of its own', 3, 'user: "rovi\\nUser=root"', 'user', 'expected a Unix account name'],
  ['the user root', 3, 'user: root', 'user', 'expected an unprivileged user'],
  ['a user as a number', 3, 'user: 0', 'user', 'write it in quotes'],
  ['a user that is a specifier', 3, 'user: "%u"', 'user', 'expected a Unix account name'],
  ['a group that ends a rule', 4, 'group: "ops\\") || true; //"', 'group', 'expected a Unix account name'],
  ['the group root', 4, 'group: root', 'group', 'not root'],
  ['a workspace that climbs', 5, 'workspace: /home/rovi/../../etc', 'workspace', 'without "." or ".." parts'],
  ['a relative workspace', 5, 'workspace: ~/ws', 'workspace', 'expected an absolute path'],
  ['a home specifier', 5, 'workspace: "%h/ws"', 'workspace', 'expected an absolute path'],
  ['a workspace with a blank', 5, 'workspace: "/home/rovi/my ws"', 'workspace', 'no blanks'],
  [
    'an env file with an option',
    6,
    'env_file: "/etc/x\\nExecStartPre=+/bin/sh"',
    'env_file',
    'expected an absolute path',
  ],
  ['a shell variable as path', 6, 'env_file: $HOME/.env', 'env_file', 'expected an absolute path'],
  ['text for a number', 7, 'lock_wait: "5; rm -rf /"', 'lock_wait', 'expected a whole number of seconds'],
  ['a negative wait', 7, 'lock_wait: -1', 'lock_wait', 'expected at least 1'],
  ['infinity', 7, 'lock_wait: .inf', 'lock_wait', 'expected'],
  [
    'a stack named as a path',
    9,
    '  ../../../etc/cron.d/x:',
    'stacks["../../../etc/cron.d/x"]',
    'expected lower-case letters',
  ],
  ['a stack named as a unit', 9, '  nav.service:', 'stacks["nav.service"]', 'expected lower-case letters'],
  ['a stack with a line of its own', 9, '  "nav\\nx":', 'stacks["nav\\nx"]', 'expected lower-case letters'],
  ['a template instance', 9, '  nav@x:', 'stacks["nav@x"]', 'expected lower-case letters'],
  ['capitals', 9, '  NAV:', 'stacks.NAV', 'expected lower-case letters'],
  ['the gateway as a stack', 9, '  gateway:', 'stacks.gateway', 'expected another name'],
  ['a prototype', 9, '  __proto__:', '', 'expected another name than "__proto__"'],
  [
    'a description of two lines',
    10,
    '    description: "a\\nExecStart=/bin/sh"',
    'stacks.nav.description',
    'expected one line',
  ],
  ['a description that goes on', 10, "    description: 'goes on \\'", 'stacks.nav.description', 'back-slash'],
  ['a line separator', 10, '    description: "a\\u2028b"', 'stacks.nav.description', 'expected one line'],
  ['an escape sequence', 10, '    description: "\\e[2J"', 'stacks.nav.description', 'expected one line'],
  ['no description', 10, '    description: ~', 'stacks.nav.description', 'expected text'],
  [
    'a package that climbs',
    12,
    '      package: ../evil',
    'stacks.nav.launch.package',
    'expected a ROS package name',
  ],
  [
    'a package that is an option',
    12,
    '      package: --help',
    'stacks.nav.launch.package',
    'expected a ROS package name',
  ],
  [
    'a launch file in a folder',
    13,
    '      file: /tmp/evil.launch.py',
    'stacks.nav.launch.file',
    'without folders',
  ],
  [
    'a launch file that is an option',
    13,
    '      file: --debug.py',
    'stacks.nav.launch.file',
    'expected the file name',
  ],
  [
    'a command as argument',
    14,
    '      arguments: { a: "$(reboot)" }',
    'stacks.nav.launch.arguments.a',
    'no blanks, quotes',
  ],
  [
    'a second argument',
    14,
    '      arguments: { a: "x b:=y" }',
    'stacks.nav.launch.arguments.a',
    'no blanks, quotes',
  ],
  [
    'an argument of two lines',
    14,
    '      arguments: { a: "x\\nb:=y" }',
    'stacks.nav.launch.arguments.a',
    'expected one word',
  ],
  [
    'a specifier as argument',
    14,
    '      arguments: { a: "%t" }',
    'stacks.nav.launch.arguments.a',
    'expected one word',
  ],
  [
    'letters beyond ASCII',
    14,
    '      arguments: { a: "größer" }',
    'stacks.nav.launch.arguments.a',
    'expected one word',
  ],
  [
    'a name of two words',
    14,
    '      arguments: { "a b": x }',
    'stacks.nav.launch.arguments["a b"]',
    'expected a launch argument name',
  ],
  ['a list as argument', 14, '      arguments: { a: [x] }', 'stacks.nav.launch.arguments.a', 'found a list'],
  [
    'a process that is a path',
    15,
    '    processes: [/bin/sh]',
    'stacks.nav.processes[0]',
    'expected the name of an executable',
  ],
  ['a process twice', 15, '    processes: [a, a]', 'stacks.nav.processes', 'expected each process once'],
  ['a key that nobody knows', 15, '    ExecStart: /bin/sh', 'stacks.nav.ExecStart', 'unknown key'],
  ['a key twice', 4, 'user: rovi', '', 'expected each name once'],
  ['a tab', 10, '\tdescription: x', '', 'Tabs are not allowed'],
  ['an alias to nothing', 10, '    description: *nowhere', '', 'expected'],
  ['a tag that makes code', 10, '    description: !!js/function "() => 1"', '', 'ag'],
  ['another version', 1, 'version: 2', 'version', 'expected 1'],
];

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const before = level === 0 ? '"x"' : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array.from({ length: 10 }, () => before).join(', ')}]`;
  });
  return `${levels.join('\n')}\n${goodCatalog}`;
}

/** Every hostile catalog: one line replaced, or a text that is hostile as a whole. */
export const hostileCatalogs: readonly HostileCatalog[] = [
  ...rows.map(([title, line, text, path, expected]) => ({
    title,
    line,
    path,
    expected,
    text: withLine(line, text),
  })),
  { title: 'an empty file', text: '', line: 1, path: '', expected: 'expected a catalog' },
  { title: 'a list', text: '- a\n', line: 1, path: '', expected: 'expected a mapping' },
  { title: 'two documents', text: `${goodCatalog}---\n${goodCatalog}`, line: 16, path: '', expected: '' },
  { title: 'a bomb of aliases', text: bomb(), line: 1, path: '', expected: 'expected fewer aliases' },
  {
    title: 'a NUL byte',
    text: Buffer.from(withLine(10, '    description: "a\0b"')),
    line: 10,
    path: '',
    expected: 'expected text',
  },
  {
    title: 'bytes that are no UTF-8',
    text: Buffer.concat([Buffer.from('version: 1\nrobot: '), Buffer.from([0xff, 0xfe]), Buffer.from('\n')]),
    line: 2,
    path: '',
    expected: 'expected text in UTF-8',
  },
  {
    title: 'two megabytes',
    text: `${goodCatalog}# ${'x'.repeat(2 ** 21)}\n`,
    line: 1,
    path: '',
    expected: 'characters',
  },
  {
    title: 'ten thousand levels',
    text: `a: ${'['.repeat(10_000)}\n`,
    line: 1,
    path: '',
    expected: 'expected',
  },
];
