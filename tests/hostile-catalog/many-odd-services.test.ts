/** Two hundred and fifty services, some with every odd character that is allowed: written out as they are meant, planned, reloaded. */
import { PATHS, serviceUnit } from '@rovi/contract';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InstalledRobot } from '../installed-robot.js';
import { catalogWith, SERVICE_LINE } from './service-rows.js';

const WORDS = [
  ...[
    '',
    ' ',
    ';',
    '$HOME',
    '${HOME}',
    '$$',
    '%n',
    '%%',
    '%',
    '"',
    "'",
    'a\\b',
    '\\x41',
    '-',
    '--help',
    '@x',
    '!x',
  ],
  ...[
    '+',
    '|',
    '>',
    '*',
    '~',
    '#c',
    'ä🤖',
    '\u00a0',
    'a=b',
    '{}',
    '`id`',
    '$(id)',
    ' lead',
    'trail ',
    `it's "both"`,
  ],
  'x'.repeat(500),
];
const DESCRIPTION = `100% %n %% $HOME \${x} "quoted" 'single' \`id\` ; | & # \\ <b> 漢字 🤖 end`;
const LONGEST = `a${'b'.repeat(39)}`;
/** Each needs the one before it. */
const CHAIN = 244;
const link = (index: number): string => `link${index}`;
const last = link(CHAIN - 1);

const environment = Object.fromEntries(WORDS.map((word, index) => [`ODD_${index}`, word]));
const sleeper = { description: 'Sleeps', command: ['/usr/bin/sleep', 'infinity'] };
/** All of them, the chain with these fields more. */
const catalog = (more: object = {}): string =>
  stringify(
    {
      version: 1,
      workspace: '/home/rovi/ws',
      env_file: '/etc/rovi/.env.robot',
      stacks: {},
      services: {
        odd: {
          description: DESCRIPTION,
          command: ['/usr/bin/python3', '-c', 'import time; time.sleep(1e6)', ...WORDS],
          environment,
        },
        box: {
          description: DESCRIPTION,
          container: { image: 'localhost/bus:1', command: WORDS, labels: environment, networks: ['none'] },
          environment,
        },
        constructor: sleeper,
        'a-b_c': sleeper,
        [LONGEST]: sleeper,
        pool: { ...sleeper, instances: { min: 1, max: 50 }, ports: [{ port: 65_486 }] },
        ...Object.fromEntries(
          Array.from({ length: CHAIN }, (_, index) => [
            link(index),
            { ...sleeper, requires: index === 0 ? [] : [link(index - 1)], ...more },
          ]),
        ),
      },
    },
    { aliasDuplicateObjects: false },
  );

const installed = new InstalledRobot('odd-services', { catalog: catalog() });
const gatewayPid = () => installed.property('rovi-gateway.service', 'MainPID');

test('a program has its words and variables byte by byte, and its unit the description', async () => {
  expect(await installed.rovictl(['service', 'start', 'odd'])).toMatchObject({ code: 0 });
  const pid = await installed.property('rovi-odd.service', 'MainPID');
  // systemd-cat and env are what it was before.
  const argv = await installed.robot.waitFor('the program', async () => {
    const words = (await installed.robot.readFile(`/proc/${pid}/cmdline`)).split('\0').slice(0, -1);
    return words[0] === '/usr/bin/python3' ? words : null;
  });
  expect(argv.slice(3)).toEqual(WORDS);
  const entries = (await installed.robot.readFile(`/proc/${pid}/environ`)).split('\0');
  expect(entries.filter((entry) => entry.startsWith('ODD_')).sort()).toEqual(
    Object.entries(environment)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  );
  expect(await installed.property('rovi-odd.service', 'Description')).toBe(
    `Rovi service odd: ${DESCRIPTION}`,
  );
});

test('the engine is told words, labels and variables of a container byte by byte', async () => {
  const path = '/org/freedesktop/systemd1/unit/rovi_2dbox_2eservice';
  const property = ['org.freedesktop.systemd1', path, 'org.freedesktop.systemd1.Service', 'ExecStart'];
  const { stdout } = await installed.robot.exec(['busctl', '--json=short', 'get-property', ...property]);
  const { data } = JSON.parse(stdout) as { data: [path: string, argv: string[]][] };
  expect(data).toHaveLength(1);
  // systemd expands variables when it executes: until then "$$" is a dollar.
  const argv = (data[0]?.[1] ?? []).map((word) => word.replaceAll('$$', '$'));
  expect(argv.slice(argv.indexOf('localhost/bus:1') + 1)).toEqual(WORDS);
  for (const option of ['label', 'env']) {
    expect(argv.filter((word) => word.startsWith(`--${option}=ODD_`))).toEqual(
      Object.entries(environment).map(([name, value]) => `--${option}=${name}=${value}`),
    );
  }
});

test('systemd has no complaint about any unit', async () => {
  const { stdout, stderr } = await installed.robot.shell(
    'systemd-analyze verify --man=no /etc/systemd/system/rovi-*.service /etc/systemd/system/rovi-services.target',
    { timeoutMs: 110_000 },
  );
  expect(stdout + stderr).toBe('');
});

test('a start at the end of a chain is planned in as many waves as it is long', async () => {
  const { stdout, code } = await installed.rovictl(['plan', 'start', last, '--json']);
  expect(code).toBe(0);
  const { waves } = JSON.parse(stdout) as { waves: { units: string[] }[] };
  expect(waves.map(({ units }) => units)).toEqual(
    Array.from({ length: CHAIN }, (_, index) => [
      serviceUnit(link(index), { instances: { min: 1, max: 1 } }),
    ]),
  );
});

test('a reload of hundreds of new checks is in force while the gateway goes on, and no service is touched', async () => {
  const [gateway, before] = [await gatewayPid(), await installed.run('rovi-odd.service')];
  const health = [{ probe: { type: 'process' }, interval: 60 }];
  await installed.robot.writeFile(PATHS.catalog, catalog({ health }));
  const reloading = installed.rovictl(['reload', '--json']);
  const { stdout, code } = await reloading;
  expect(code).toBe(0);
  const { applied, needs_install } = JSON.parse(stdout) as { applied: string[]; needs_install: string[] };
  expect(applied).toHaveLength(CHAIN);
  expect(needs_install).toEqual([]);
  expect([await gatewayPid(), await installed.run('rovi-odd.service')]).toEqual([gateway, before]);
});

test('a catalog that means harm is refused with its place, whatever runs, and all stays as it was', async () => {
  const [gateway, before] = [await gatewayPid(), await installed.run('rovi-odd.service')];
  const entry = '{ description: x, command: [/usr/bin/true] }';
  const many = Array.from({ length: 501 }, (_, index) => `  s${index}: ${entry}\n`).join('');
  const round = Array.from(
    { length: 500 },
    (_, index) => `  s${index}: { description: x, command: [/bin/a], requires: [s${(index + 1) % 500}] }\n`,
  ).join('');
  const head = catalogWith(entry)
    .split('\n')
    .slice(0, SERVICE_LINE - 1)
    .join('\n');
  const bomb = Array.from(
    { length: 12 },
    (_, level) =>
      `l${level}: &l${level} [${Array.from({ length: 10 }, () => (level === 0 ? 'x' : `*l${level - 1}`)).join(', ')}]`,
  ).join('\n');
  const hostile: readonly (readonly [text: string, said: string])[] = [
    [`${head}\n${many}`, 'expected at most 500 services'],
    [`${head}\n${round}`, 'expected no circle of dependencies: s0 → s1 → s2'],
    [catalogWith('{ description: "a\\nUser=root", command: [/bin/a] }'), `${PATHS.catalog}:${SERVICE_LINE}:`],
    [catalogWith(entry, '"a\\nb"'), `${PATHS.catalog}:${SERVICE_LINE}:`],
    [`${bomb}\n${catalogWith(entry)}`, 'expected fewer aliases'],
    [`${catalogWith(entry)}${'#'.repeat(2 ** 21)}`, 'expected at most'],
    ['[[[[[['.repeat(100_000), 'catalog-invalid'],
    ['', 'found an empty file'],
  ];
  for (const [text, said] of hostile) {
    await installed.robot.writeFile(PATHS.catalog, text);
    const { code, stderr } = await installed.rovictl(['reload']);
    expect(code, said).not.toBe(0);
    expect(stderr).toContain(said);
    expect(stderr).toContain('mend: ');
  }
  await installed.robot.shell(`rm ${PATHS.catalog}; mkfifo ${PATHS.catalog}`);
  expect((await installed.rovictl(['reload'])).stderr).toContain('[catalog-unreadable]');
  const { services } = await installed.api.state();
  expect(services).toHaveLength(CHAIN + 6);
  expect([await gatewayPid(), await installed.run('rovi-odd.service')]).toEqual([gateway, before]);
});

installed.expectNoWarningsBut();
