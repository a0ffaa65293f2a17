import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rovictl } from '../cli/rovictl.js';

/** The inventory and its verbs; no robot is needed for them. */
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp('/tmp/rovi-inventory-');
  file = join(folder, 'rovi/hosts.yaml');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => rovictl(args, { env: { XDG_CONFIG_HOME: folder }, cwd: folder });
const write = async (text: string): Promise<void> => {
  await mkdir(join(folder, 'rovi'), { recursive: true });
  await writeFile(file, text);
};

describe('rovictl host', () => {
  it('adds, lists and removes; the file is its owner’s alone, and keeps its comments', async () => {
    expect((await run('host', 'list')).stdout).toMatch(/^HOST .*\nlocal +this machine +always there\n$/);
    expect((await run('host', 'add', 'a', 'ssh://ada@a.lan:2222', '--label', 'x', '--label', 'y')).code).toBe(
      0,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('  a:', '  # the old one\n  a:\n    # in the yard'),
    );
    expect(
      (await run('host', 'add', 'b', 'https://b', '--token-file', 'tok', '--ca-file', '~/ca.pem')).code,
    ).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(
      [
        '# The robots that rovictl --host may name.',
        'version: 1',
        'hosts:',
        '  # the old one',
        '  a:',
        '    # in the yard',
        '    address: ssh://ada@a.lan:2222',
        '    labels:',
        '      - x',
        '      - y',
        '  b:',
        '    address: https://b',
        `    token_file: ${folder}/tok`,
        '    ca_file: ~/ca.pem',
        '',
      ].join('\n'),
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { stdout } = await run('host', 'list', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'local', address: null },
      { name: 'a', address: 'ssh://ada@a.lan:2222', labels: ['x', 'y'], file },
      { name: 'b', file },
    ]);
    expect((await run('host', 'remove', 'a')).code).toBe(0);
    expect((await run('host', 'remove', 'b')).code).toBe(0);
    expect((await run('host', 'remove', 'b')).stderr).toContain('[host-unknown]');
    expect((await run('host', 'list', '--json')).stdout).not.toContain('ssh://');
    expect((await run('host', 'add', 'c', 'ssh://c')).code).toBe(0);
    expect(await readdir(join(folder, 'rovi'))).toEqual(['hosts.yaml']);
  });

  it.each([
    ['local', 'ssh://a'],
    ['all', 'ssh://a'],
    ['a/b', 'ssh://a'],
    ['a', 'ssh://-oProxyCommand=id'],
    ['a', 'http://robot.lan:8080'],
    ['a', 'robot.lan'],
    ['a', 'ssh://a', '--token-file', 'x'],
    ['a', 'https://a', '--socket', '/run/x.sock'],
    ['a', 'ssh://a', '--socket', '/run/%h.sock'],
    ['a', 'ssh://a', '--label', '-x'],
    ['--', '-a', 'ssh://a'],
  ])('refuses %s %s', async (...words) => {
    expect((await run('host', 'add', ...words)).code).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a name that is taken', async () => {
    await run('host', 'add', 'a', 'ssh://a');
    expect((await run('host', 'add', 'a', 'ssh://b')).stderr).toContain('already');
    expect(await readFile(file, 'utf8')).toContain('ssh://a\n');
  });

  it('twenty at once are twenty', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `robot-${String(index)}`);
    const codes = await Promise.all(
      names.map(async (name) => (await run('host', 'add', name, 'ssh://r')).code),
    );
    expect(codes).toEqual(names.map(() => 0));
    const { stdout } = await run('host', 'list', '--json');
    expect((JSON.parse(stdout) as unknown[]).length).toBe(21);
  });

  it('a file that is a link stays one', async () => {
    await write('');
    await writeFile(join(folder, 'mine.yaml'), 'version: 1\nhosts: {}\n');
    await rm(file);
    await symlink(join(folder, 'mine.yaml'), file);
    expect((await run('host', 'add', 'a', 'ssh://a')).code).toBe(0);
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'mine.yaml'), 'utf8')).toContain('ssh://a');
  });

  it.each([
    ['hosts: [', /hosts\.yaml:1:\d+: /],
    ['', /hosts\.yaml:1:1: /],
    ['version: 2\nhosts: {}\n', /hosts\.yaml:1:10: version: /],
    ['version: 1\nhosts:\n  a:\n    adress: ssh://a\n', /unknown key "adress"/],
    [
      'version: 1\nhosts:\n  a:\n    address: ftp://a\n',
      /hosts\.yaml:4:14: hosts\.a\.address: expected unix/,
    ],
    ['version: 1\nhosts:\n  local:\n    address: ssh://a\n', /"local" is this machine/],
    ['version: 1\nhosts:\n  a: {address: https://a, insecure: true}\n', /unknown key "insecure"/],
    ['version: 1\nhosts:\n  a: &a {address: *a}\n', /hosts\.yaml:\d+:\d+/],
    ['version: 1\nhosts:\n  a: {address: ssh://a}\n  a: {address: ssh://b}\n', /hosts\.yaml:4:\d+: /],
  ])('%j is no inventory: said with the place, nothing is sent and nothing written', async (text, why) => {
    await write(text);
    for (const words of [
      ['--host', 'a', 'stop-all'],
      ['host', 'list'],
      ['host', 'add', 'z', 'ssh://z'],
    ]) {
      const { code, stdout, stderr } = await run(...words);
      expect({ words, code, stdout }).toEqual({ words, code: 6, stdout: '' });
      expect(stderr).toMatch(why);
      expect(stderr).toContain('[hosts-invalid]');
    }
    expect(await readFile(file, 'utf8')).toBe(text);
    // This machine needs no inventory.
    expect((await run('--socket', '/nowhere', 'operations')).stderr).toContain('[gateway-unreachable]');
  });
});

describe('an inventory that somebody else may have written', () => {
  const text = 'version: 1\nhosts:\n  a: { address: "http://127.0.0.1:1" }\n';

  it.each([
    ['can be written by all', () => chmod(file, 0o666)],
    [
      'can be written by a group that is not the user’s own',
      async () => {
        await chown(file, 0, 1);
        await chmod(file, 0o664);
      },
    ],
    ['belongs to another user', () => chown(file, 1, 0)],
    [
      'is a pipe',
      async () => {
        await rm(file);
        await promisify(execFile)('mkfifo', ['-m', '600', file]);
      },
    ],
  ])('and %s is not used', async (_what, change) => {
    await write(text);
    await change();
    for (const words of [
      ['--host', 'a', 'stop-all'],
      ['host', 'add', 'z', 'ssh://z'],
    ]) {
      const { code, stderr } = await run(...words);
      expect({ words, code }).toEqual({ words, code: 6 });
      expect(stderr).toContain('it was not used, and nothing was done [hosts-invalid]');
    }
  });

  it('that his own group can write is his', async () => {
    await write(text);
    await chmod(file, 0o664);
    expect((await run('host', 'list')).code).toBe(0);
  });
});

describe('a token file', () => {
  it.each([
    ['is a pipe', (path: string) => promisify(execFile)('mkfifo', ['-m', '600', path])],
    ['is a folder', (path: string) => mkdir(path, { mode: 0o700 })],
    ['is empty', (path: string) => writeFile(path, '\n', { mode: 0o600 })],
    ['holds several lines', (path: string) => writeFile(path, 'a\nb\n', { mode: 0o600 })],
    [
      'is readable by the group',
      async (path: string) => {
        await writeFile(path, 'rovi_x\n');
        await chmod(path, 0o640);
      },
    ],
    ['is not there', () => Promise.resolve()],
  ])('that %s is not used', async (_what, make) => {
    const path = join(folder, 'token');
    await make(path);
    await write(`version: 1\nhosts:\n  a: { address: "http://127.0.0.1:1", token_file: ${path} }\n`);
    const { code, stderr } = await run('--host', 'a', 'status');
    expect(code).toBe(4);
    expect(stderr).toContain('[host-credentials]');
    expect(stderr).not.toContain('rovi_x');
  });
});
