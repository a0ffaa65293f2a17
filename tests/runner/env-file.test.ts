import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY, Robot } from '@rovi/testbed';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);

/** What one reader makes of a file: its variables, or why it refuses. */
type Reading = { variables: Record<string, string> } | { refused: string };

let robot: Robot;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-env-'));
  robot = await Robot.boot({ name: 'env-file' });
});
afterAll(async () => {
  await robot?.shutdown();
  await rm(folder, { recursive: true, force: true });
});

function parseEnvironment(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** How run_environment.sh reads each of these texts. */
async function ours(texts: readonly (string | Buffer)[]): Promise<Reading[]> {
  const paths = await Promise.all(
    texts.map(async (text, index) => {
      const path = join(folder, `${index}.env`);
      await writeFile(path, text);
      return path;
    }),
  );
  const script = `set -u; source "$1"; shift
    for file; do
      if _rovi_read_env_file "$file"; then
        for i in "\${!_rovi_names[@]}"; do printf '%s=%s\\0' "\${_rovi_names[i]}" "\${_rovi_values[i]}"; done
      else printf 'REFUSED=%s\\0' "$_rovi_problem"; fi
      printf '\\1'
    done`;
  const { stdout } = await run('bash', [
    '-c',
    script,
    'bash',
    join(REPOSITORY, 'env/run_environment.sh'),
    ...paths,
  ]);
  return stdout
    .split('\u0001')
    .slice(0, -1)
    .map((part) => {
      const variables = parseEnvironment(part);
      return variables['REFUSED'] === undefined ? { variables } : { refused: variables['REFUSED'] };
    });
}

/** Why run_environment.sh refuses this text. */
async function refusalOf(text: string | Buffer): Promise<string> {
  const [reading] = await ours([text]);
  if (reading === undefined || !('refused' in reading)) throw new Error('it was accepted');
  return reading.refused;
}

/** How systemd's EnvironmentFile= reads each of these texts; only names made of A, B and x count. */
async function systemds(texts: readonly (string | Buffer)[]): Promise<Record<string, string>[]> {
  const encoded = texts.map((text) => Buffer.from(text).toString('base64')).join('\n');
  const { stdout } = await robot.shell(
    `i=0; while read -r text; do i=$((i + 1)); printf %s "$text" | base64 -d > /run/case-$i.env
       systemd-run --quiet --wait --pipe --property=EnvironmentFile=/run/case-$i.env /usr/bin/env -0; printf '\\1'
     done`,
    { input: `${encoded}\n`, timeoutMs: 500_000 },
  );
  return stdout
    .split('\u0001')
    .slice(0, -1)
    .map((part) => {
      const entries = Object.entries(parseEnvironment(part));
      return Object.fromEntries(entries.filter(([name]) => /^[ABx]+$/.test(name)));
    });
}

const alike = [
  'A=1\nB=two words \n',
  'A=  leading and trailing  \n',
  '  A = 1\n',
  'A=1',
  'A=\nB=\n',
  '# a comment\n; another \\x\n\nA=1\n',
  `A="quoted # not a comment"\nB='single "inside" $HOME'\n`,
  `A="x"'y'z\n`,
  'A="a" "b" c\n',
  'A="tab\\tkept \\" \\\\ \\$HOME \\` end"\n',
  'A=one\\\ntwo\n',
  'A="one\\\ntwo"\n',
  'A=back\\slash \\ \n',
  'A=trailing \\  \nB=1\n',
  'A=$(reboot) `reboot` ${A} $$\n',
  'A=x=y=z\n',
  'A=#not-a-comment\nB=a#b\n',
  'A=1\r\nB="2"\r\n',
  'A=first\nA=second\n',
  'A=grüße\n',
  'A=; touch /run/pwned\n',
  '',
];

test('an accepted file means in a shell what it means to systemd', async () => {
  const [mine, theirs] = await Promise.all([ours(alike), systemds(alike)]);
  for (const [index, text] of alike.entries()) {
    expect(mine[index], JSON.stringify(text)).toEqual({ variables: theirs[index] });
  }
});

test('any accepted file means in a shell what it means to systemd', async () => {
  const piece = fc.constantFrom(
    ...[
      'A=',
      'B=',
      '=',
      '\n',
      '\n',
      'A',
      'x',
      ' ',
      '\t',
      '"',
      "'",
      '\\',
      '#',
      ';',
      '$A',
      '`',
      '\r',
      'ü',
      '"q"',
      "'s'",
    ],
  );
  const text = fc.oneof(
    { weight: 1, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')) },
    {
      weight: 3,
      arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => `A=${pieces.join('')}\nB=end\n`),
    },
  );
  const texts = fc.sample(text, 4000);
  const readings = await ours(texts);
  const accepted = texts.flatMap((each, index) => {
    const reading = readings[index];
    return reading !== undefined && 'variables' in reading
      ? [{ text: each, variables: reading.variables }]
      : [];
  });
  // Those that are interesting: something of systemd's syntax in them, each once.
  const unique = [
    ...new Map(
      accepted.filter((each) => /["'\\#;\r ]/.test(each.text)).map((each) => [each.text, each]),
    ).values(),
  ];
  const chosen = unique.slice(0, 250);
  expect(chosen.length).toBeGreaterThan(100);
  const theirs = await systemds(chosen.map((each) => each.text));
  for (const [index, each] of chosen.entries()) {
    expect(each.variables, JSON.stringify(each.text)).toEqual(theirs[index]);
  }
  // Each of them is a unit of its own.
}, 600_000);

test.each([
  ['A=1\nnonsense\n', 2, 'expected NAME=value'],
  ['A=1\n\n# x\nexport B=2\n', 4, 'expected a variable name'],
  ['1A=1\n', 1, 'expected a variable name'],
  ['=1\n', 1, 'expected NAME=value'],
  ['A=1\nB="open\nC=2\n', 2, 'the quote is not closed'],
  ["A='open", 1, 'the quote is not closed'],
  ['A=1 # one\n', 1, 'a comment needs a line of its own'],
  ['A= # one\n', 1, 'a comment needs a line of its own'],
  ['# hides the next \\\nA=1\n', 1, 'hides the next line'],
  ['A=1\nROVI_LOCK_WAIT=0\n', 2, 'belongs to the unit'],
  ['INVOCATION_ID=forged\n', 1, 'belongs to the unit'],
  ['A=\\', 1, 'does not end'],
  [Buffer.from([0x41, 0x3d, 0xff, 0x0a]), 1, 'not UTF-8'],
])('%j is refused with its line', async (text, line, words) => {
  const refusal = await refusalOf(text);
  expect(refusal).toContain(`, line ${line}: `);
  expect(refusal).toContain(words);
});

test('a NUL byte, a folder and a missing file are refused', async () => {
  expect(await refusalOf(Buffer.from('A=1\0\n'))).toContain('NUL byte');
  const script =
    'source "$1"; for f in /nonexistent /etc; do _rovi_read_env_file $f; echo "$? $_rovi_problem"; done';
  const { stdout } = await run('bash', ['-c', script, 'bash', join(REPOSITORY, 'env/run_environment.sh')]);
  expect(stdout).toBe(
    '1 environment file /nonexistent is missing\n1 environment file /etc is not a regular file\n',
  );
});

test('the committed files are read alike and keep robot and PC apart', async () => {
  const { stdout } = await run('bash', [
    '-c',
    'cd "$1" && source env/run_environment.sh && for f in robot pc; do _rovi_read_env_file env/.env.$f || echo "$_rovi_problem"; for i in "${!_rovi_names[@]}"; do echo "$f ${_rovi_names[i]}=${_rovi_values[i]}"; done; done',
    'bash',
    REPOSITORY,
  ]);
  expect(stdout).toContain('robot ROVI_ENV=robot\n');
  expect(stdout).toContain('pc ROVI_ENV=pc\n');
  expect(stdout).toContain('robot ROS_DOMAIN_ID=0\n');
  expect(stdout).not.toContain('pc ROS_DOMAIN_ID=0\n');
  expect(stdout).toMatch(/^robot ROVI_ODOM_INTEGRATOR_PUBLISH_TF=[01]$/m);
});
