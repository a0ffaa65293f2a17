import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const LOADER = join(REPOSITORY, 'env/rovi_env.sh');
let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'rovi-ws-'));
});
afterEach(async () => {
  await rm(workspace, { recursive: true, force: true });
});

const write = (role: string, text: string) => writeFile(join(workspace, `.env.${role}`), text);

/** Sources the loader in a bash of its own and runs `after`; the shell has only these variables and PATH. */
async function source(
  env: Readonly<Record<string, string>>,
  after: string,
): Promise<{ stdout: string; stderr: string }> {
  return run(
    'bash',
    [
      '--norc',
      '-c',
      `source ${LOADER}
${after}`,
      'bash',
      'an-argument',
    ],
    {
      env: { PATH: process.env['PATH'], ...env },
    },
  );
}

test('the file of the role is exported', async () => {
  await write(
    'robot',
    `ROVI_ROS_WS_DIR=${workspace}\nROVI_ENV=robot\nROS_DOMAIN_ID=7\nNOTE="two  words $HOME"\n`,
  );
  await write('pc', 'ROVI_ENV=pc\nROS_DOMAIN_ID=42\n');
  const show = 'echo "$? $ROS_DOMAIN_ID"; env | grep ^NOTE=';
  expect((await source({ ROVI_ROS_WS_DIR: workspace, ROVI_ENV: 'robot' }, show)).stdout).toBe(
    '0 7\nNOTE=two  words $HOME\n',
  );
  expect(
    (await source({ ROVI_ROS_WS_DIR: workspace, ROVI_ENV: 'pc' }, 'echo "$? $ROS_DOMAIN_ID"')).stdout,
  ).toBe('0 42\n');
});

test("on a robot the file is a link to the admin's", async () => {
  await write('admins', `ROVI_ROS_WS_DIR=${workspace}\nROVI_ENV=robot\nROS_DOMAIN_ID=7\n`);
  await symlink(join(workspace, '.env.admins'), join(workspace, '.env.robot'));
  const { stdout, stderr } = await source(
    { ROVI_ROS_WS_DIR: workspace, ROVI_ENV: 'robot' },
    'echo "$? $ROS_DOMAIN_ID"',
  );
  expect([stdout, stderr]).toEqual(['0 7\n', '']);
});

test('the committed files load', async () => {
  await copyFile(join(REPOSITORY, 'env/.env.pc'), join(workspace, '.env.pc'));
  expect(
    (await source({ ROVI_ROS_WS_DIR: workspace, ROVI_ENV: 'pc' }, 'echo "$? $ROS_AUTOMATIC_DISCOVERY_RANGE"'))
      .stdout,
  ).toBe('0 LOCALHOST\n');
  const robot = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
  await write('robot', robot.replace(/^ROVI_ROS_WS_DIR=.*$/m, `ROVI_ROS_WS_DIR=${workspace}`));
  expect(
    (await source({ ROVI_ROS_WS_DIR: workspace, ROVI_ENV: 'robot' }, 'echo "$? $ROS_DOMAIN_ID"')).stdout,
  ).toBe('0 0\n');
});

test.each<[string, Record<string, string>, string, RegExp]>([
  ['no workspace', { ROVI_ENV: 'pc' }, '', /set ROVI_ROS_WS_DIR/],
  ['a workspace that is not there', { ROVI_ROS_WS_DIR: '/nowhere', ROVI_ENV: 'pc' }, '', /is not a folder/],
  ['no role', { ROVI_ROS_WS_DIR: 'WS' }, '', /set ROVI_ENV to robot or pc/],
  ['another role', { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: '../pc' }, '', /set ROVI_ENV to robot or pc/],
  ['no file', { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: 'robot' }, '', /\.env\.robot is missing/],
  [
    'a malformed last line',
    { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: 'pc' },
    'ROS_DOMAIN_ID=1\nexport X=1\n',
    /line 2: expected a variable name/,
  ],
  [
    'a file of another role',
    { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: 'pc' },
    'ROS_DOMAIN_ID=1\nROVI_ENV=robot\n',
    /says ROVI_ENV=robot, but this shell says pc/,
  ],
  [
    'a file of another workspace',
    { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: 'pc' },
    'ROS_DOMAIN_ID=1\nROVI_ROS_WS_DIR=/usr\n',
    /says ROVI_ROS_WS_DIR=\/usr/,
  ],
  [
    'a read-only variable',
    { ROVI_ROS_WS_DIR: 'WS', ROVI_ENV: 'pc' },
    'ROS_DOMAIN_ID=1\nUID=0\n',
    /sets UID, which is read-only/,
  ],
])('%s: one line, status 1, nothing exported, the shell goes on', async (_title, env, pc, words) => {
  if (pc !== '') await write('pc', pc);
  const variables = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === 'WS' ? workspace : value]),
  );
  const { stdout, stderr } = await source(variables, 'echo "$? ${ROS_DOMAIN_ID-unset}"');
  expect(stdout).toBe('1 unset\n');
  expect(stderr).toMatch(/^rovi_env: [^\n]+; nothing was loaded\n$/);
  expect(stderr).toMatch(words);
});

test.each([
  '',
  'set -u',
  'set -eu',
  'shopt -s nullglob nocasematch extglob',
  'set -f; IFS=,',
  'set -o noclobber',
])('under "%s" options, functions, variables and arguments of the shell are as before', async (options) => {
  await write('pc', 'ROVI_ENV=pc\nROS_DOMAIN_ID=42\n');
  const state =
    'printf "%s\\n" "$-" "$(shopt -p)" "$(set -o)" "$(declare -F)" "$*" "$(trap)" "$(compgen -v | grep -i ^_rovi)"';
  for (const [role, status] of [
    ['pc', '0'],
    ['robot', '1'],
  ] as const) {
    const script = `${options}\nnow=$(${state}) status=0\nsource ${LOADER} 2>/dev/null || status=$?
        then=$(${state}); echo $status; if [ "$now" = "$then" ]; then echo same; else echo "$now--$then"; fi`;
    const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', 'an-argument'], {
      env: { PATH: process.env['PATH'], ROVI_ROS_WS_DIR: workspace, ROVI_ENV: role },
    });
    expect(stdout).toBe(`${status}\nsame\n`);
  }
});

test('beside the loader its part is missing: said, not crashed', async () => {
  await mkdir(join(workspace, 'alone'));
  await copyFile(LOADER, join(workspace, 'alone/rovi_env.sh'));
  const { stdout, stderr } = await run('bash', [
    '-c',
    `source ${workspace}/alone/rovi_env.sh 2>&1; echo $?; declare -F`,
  ]);
  expect(stdout + stderr).toMatch(
    /run_environment\.sh[^]*rovi_env: its part run_environment\.sh is missing[^\n]*\n1\n$/,
  );
});
