import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Running } from '../cli/rovictl.js';
import { OPERATOR } from '../installed-robot.js';
import { PORT, THERE, TwoRobots } from './two-robots.js';

/** One robot commanded from another, over each kind of address. */
const robots = new TwoRobots('ways');
const ways = ['over-ssh', 'over-https', 'over-unix'];
const HOME = `/home/${OPERATOR}`;

const running: Running[] = [];
const on = (host: string, ...verb: string[]) => robots.rovictl(['--host', host, ...verb]);
const leftovers = async (): Promise<string> =>
  (await robots.here.robot.shell('ls -d /tmp/rovi-ssh-* 2>/dev/null; pgrep -af "[s]sh .*rovi-ssh-" || true'))
    .stdout;

beforeEach(async () => {
  expect((await robots.here.rovictl(['stack', 'start', 'nav'])).code).toBe(0);
});
afterEach(async () => {
  for (const one of running.splice(0)) {
    one.child.kill('SIGTERM');
    await one.ended;
  }
  // Whatever was sent to the other, this one drives on; and no ssh is left behind.
  expect(await robots.here.property('rovi-nav', 'ActiveState')).toBe('active');
  // rovictl ends its ssh and does not wait for its death.
  await robots.here.robot.waitFor('no ssh to be left', async () => (await leftovers()) === '');
  // By the gateways alone: root's rovictl does not wait for them where they are slow, and then they refuse the next start.
  await robots.here.api.stopAll();
  await robots.there.api.stopAll();
});

test.each(ways)('%s: status, start, switch, stop, logs', async (host) => {
  const status = await on(host, 'status');
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(new RegExp(`^host +${host}\nrobot +rovi\n`));
  expect(status.stdout).toContain('no stack is active');
  const started = await on(host, 'stack', 'start', 'teleop', '--reason', 'from afar');
  expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✓ teleop running/) as string });
  expect(started.stderr).toMatch(/· start rovi-teleop.service/);
  expect(await robots.there.property('rovi-teleop', 'ActiveState')).toBe('active');
  expect((await on(host, 'stack', 'start', 'mapping')).code).toBe(3);
  expect((await on(host, 'stack', 'switch', 'mapping')).stdout).toMatch(/switched from teleop to mapping/);
  // What a program says is in the journal a moment later.
  await expect
    .poll(async () => (await on(host, 'logs', '-n', '2', 'mapping')).stdout)
    .toMatch(/rovi-mapping\[\d+\]/);
  const gateway = await on(host, 'logs', 'gateway', '-n', '3', '--json');
  expect(gateway.code).toBe(0);
  expect(gateway.stdout.trim().split('\n')).toHaveLength(3);
  expect((await on(host, 'stop-all')).stdout).toMatch(/^✓ /);
  expect(await robots.there.property('rovi-mapping', 'ActiveState')).toBe('inactive');
  await expect
    .poll(async () => {
      const { stdout } = await robots.there.rovictl(['audit', '--json', '-n', '1']);
      return JSON.stringify(JSON.parse(stdout));
    })
    .toContain(host === 'over-https' ? '"afar"' : `"${OPERATOR}"`);
});

test.each(ways)('%s: what happens there is seen here, also over a restart of its gateway', async (host) => {
  const watch = robots.start(['--host', host, 'status', '--watch', '--json']);
  const follow = robots.start(['--host', host, 'logs', 'teleop', '-f', '-n', '100']);
  running.push(watch, follow);
  await watch.until(/"snapshot"/);
  await robots.there.rovictl(['stack', 'start', 'teleop']);
  await watch.until(/"state":"RUNNING"/);
  await follow.until(/rovi-teleop\[/, 'stdout', 20_000);
  await robots.there.systemctl(['restart', 'rovi-gateway']);
  await watch.until(/link lost/, 'stderr');
  await watch.until(/link restored/, 'stderr', 30_000);
  await robots.there.rovictl(['stack', 'switch', 'camera']);
  await watch.until(/"camera"[^\n]*"RUNNING"/, 'stdout', 30_000);
  for (const one of [watch, follow]) one.child.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
  // By its own end, over whatever way.
  expect((await follow.ended).code).toBe(0);
});

test.each(ways)(
  'service … HOST SERVICE over %s: the block of the seed, impact and its question',
  async (host) => {
    const started = await robots.rovictl(['service', 'start', host, 'web']);
    expect(started.code).toBe(0);
    expect(started.stdout).toMatch(
      new RegExp(
        `✓ web [^\n]*\n\nService Status:\nName: {13}web\nHost: {13}${host}\nStatus: {11}Running\nUptime: {11}0m \\d+s\nHealth Check: {5}Passed\n$`,
      ),
    );
    expect((await robots.rovictl(['service', 'status', host, 'web'])).stdout).toMatch(/● WEB {2}RUNNING/);
    await expect
      .poll(async () => (await robots.rovictl(['service', 'logs', host, 'bus'])).stdout)
      .toContain('bus is up');
    const refused = await robots.rovictl(['service', 'stop', host, 'bus']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/1\. stops +web\n +2\. stops +bus\n[\s\S]*\[confirmation-required\]/);
    const restarted = await robots.rovictl(['service', 'restart', host, 'bus', '--cascade', '--yes']);
    expect(restarted.stdout).toMatch(/Status: {11}Running\nUptime: {11}0m \d+s\n/);
    const stopped = await robots.rovictl(['service', 'stop', host, 'bus', '--yes']);
    expect(stopped.code).toBe(0);
    expect(stopped.stdout).toMatch(
      /Name: {13}bus\nHost: .*\nStatus: {11}Stopped\nLast Active: {6}20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/,
    );
    // One word is a service of this robot, as it ever was.
    expect((await robots.rovictl(['service', 'start', 'bus'])).stdout).not.toContain('Service Status');
    expect(await robots.here.property('rovi-bus', 'ActiveState')).toBe('active');
    expect(await robots.there.property('rovi-bus', 'ActiveState')).toBe('inactive');
    await robots.rovictl(['service', 'stop', 'bus']);
  },
);

test('host test tells who answers and who does not; some of them is exit 8', async () => {
  await robots.rovictl(['host', 'add', 'nobody', 'https://127.0.0.1:9', '--label', 'yard']);
  const all = await robots.rovictl(['host', 'test', '--all']);
  expect(all.code).toBe(8);
  for (const host of ['local', ...ways]) {
    expect(all.stdout).toMatch(
      new RegExp(`✓ +${host} +rovi +${host === 'local' ? 'nav' : 'none'} +\\d\\S+ +[\\d.]+ ms`),
    );
  }
  expect(all.stdout).toMatch(/✗ +nobody +host-unreachable/);
  expect((await robots.rovictl(['host', 'test', 'over-ssh', 'local'])).code).toBe(0);
  const none = await robots.rovictl(['host', 'test', 'nobody', '--json']);
  expect(none.code).toBe(5);
  expect(JSON.parse(none.stdout)).toMatchObject([
    { host: 'nobody', answer: null, problem: { code: 'host-unreachable' } },
  ]);
  await robots.rovictl(['host', 'remove', 'nobody']);
});

test('the user’s entry wins over the system’s, which only root takes away', async () => {
  await robots.here.robot.writeFile(
    '/etc/rovi/hosts.yaml',
    'version: 1\nhosts:\n  over-ssh: { address: "ssh://nowhere.invalid" }\n  everybodys: { address: "ssh://there", labels: [yard] }\n',
  );
  const { stdout } = await robots.rovictl(['host', 'list']);
  expect(stdout).toMatch(/everybodys +ssh:\/\/there +yard +\/etc\/rovi\/hosts\.yaml\n/);
  expect(stdout).toMatch(/over-ssh +ssh:\/\/there +yard +\/home\/olga\/\.config\/rovi\/hosts\.yaml\n/);
  expect((await on('everybodys', 'active')).stdout).toBe('none\n');
  expect((await robots.rovictl(['host', 'remove', 'everybodys'])).stderr).toContain('[not-authorized]');
  await robots.here.robot.exec(['rm', '/etc/rovi/hosts.yaml']);
});

test('the tab key knows the hosts, and the services of the one that is named', async () => {
  const words = async (...typed: string[]) =>
    (await robots.rovictl(['__complete', '--', ...typed])).stdout.split('\t\n').filter((word) => word !== '');
  // What is not there within a tab key's patience is not offered: on a busy machine it is pressed again.
  await expect.poll(() => words('--host', 'over-')).toEqual(['over-https', 'over-ssh', 'over-unix']);
  await expect.poll(() => words('service', 'stop', 'over-ssh', '')).toEqual(['bus', 'web']);
  await expect.poll(() => words('--host', 'over-https', 'stack', 'start', 't')).toEqual(['teleop']);
  expect(await words('--host', 'nobody', 'stack', 'start', '')).toEqual([]);
});

test('a wrong token, one that others can read, and a certificate of nobody known are refused', async () => {
  const folder = `${HOME}/.config/rovi`;
  const address = `https://there:${String(PORT)}`;
  await robots.script(
    `umask 077; echo rovi_aaaaaaaa_wrong > ~/wrong; umask 022; cp ${folder}/token ~/open; chmod 644 ~/open`,
  );
  const ca = ['--ca-file', `${folder}/there.pem`];
  await robots.rovictl(['host', 'add', 'wrong', address, ...ca, '--token-file', `${HOME}/wrong`]);
  await robots.rovictl(['host', 'add', 'open', address, ...ca, '--token-file', `${HOME}/open`]);
  await robots.rovictl(['host', 'add', 'strange', address, '--token-file', `${folder}/token`]);
  await robots.rovictl(['host', 'add', 'misnamed', `https://${THERE}:${String(PORT)}`, ...ca]);
  await robots.rovictl(['host', 'add', 'plain', `http://127.0.0.1:8080`]);
  const refused = async (host: string, env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await robots.rovictl(['--host', host, 'stack', 'start', 'teleop'], {
      env,
    });
    return [code, stdout, /\[([a-z-]+)\]/.exec(stderr)?.[1]];
  };
  expect(await refused('wrong')).toEqual([4, '', 'token-rejected']);
  expect(await refused('open')).toEqual([4, '', 'host-credentials']);
  expect(await refused('strange')).toEqual([4, '', 'host-untrusted']);
  // What turns verification off in every other program of Node's.
  expect(await refused('strange', { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([4, '', 'host-untrusted']);
  expect(await refused('misnamed')).toEqual([4, '', 'host-untrusted']);
  expect(await robots.there.property('rovi-teleop', 'ActiveState')).toBe('inactive');
  expect((await on('plain', 'active')).stdout).toBe('nav\n');
  for (const host of ['wrong', 'open', 'strange', 'misnamed', 'plain'])
    await robots.rovictl(['host', 'remove', host]);
});
