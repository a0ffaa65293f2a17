import { expect, test, vi } from 'vitest';
import { TwoRobots } from './two-robots.js';

/** The other robot's gateway is dead: whatever is sent to it, this robot must not be touched in its place. */
const robots = new TwoRobots('danger');
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });
const ways = ['over-ssh', 'over-https', 'over-unix'];

const runs = async (): Promise<object> => ({
  here: [
    await robots.here.run('rovi-nav'),
    await robots.here.run('rovi-web'),
    await robots.here.run('rovi-bus'),
  ],
  there: [await robots.there.run('rovi-teleop'), await robots.there.run('rovi-web')],
});

test('this robot runs nav and web, the other teleop and web; then the other loses its gateway', async () => {
  for (const [robot, stack] of [
    [robots.here, 'nav'],
    [robots.there, 'teleop'],
  ] as const) {
    expect((await robot.rovictl(['stack', 'start', stack])).code).toBe(0);
    expect((await robot.rovictl(['service', 'start', 'web'])).code).toBe(0);
  }
  for (const host of ways) {
    const { code, stdout, stderr } = await robots.rovictl(['--host', host, 'active']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'teleop\n' });
    expect(stderr).toMatch(new RegExp(`^▶ on host ${host} `));
  }
  await robots.there.systemctl(['kill', '--signal=KILL', '--kill-whom=main', 'rovi-gateway']);
  await robots.there.waitForUnit('rovi-gateway.service', 'failed');
});

test.each(ways)('%s: no verb does anything, and none speaks of this robot', async (host) => {
  const before = await runs();
  const verbs = [
    ['stop-all'],
    ['stack', 'stop', 'nav'],
    ['stack', 'start', 'nav'],
    ['stack', 'switch', 'camera'],
    ['service', 'stop', 'web', '--yes'],
    ['service', 'stop', 'bus', '--yes'],
    ['status'],
    ['status', '--json'],
    ['active'],
    ['stack', 'list'],
    ['service', 'list'],
    ['logs', 'nav', '-n', '5'],
    ['logs', 'gateway', '-n', '5'],
    ['estop'],
  ];
  const olga = (await robots.here.robot.exec(['id', '-u', 'olga'])).stdout.trim();
  const user = host === 'over-ssh' ? [undefined] : [undefined, 'root'];
  for (const verb of verbs) {
    for (const who of user) {
      const env = { XDG_CONFIG_HOME: '/home/olga/.config', SUDO_UID: olga };
      const { code, stdout, stderr } = await robots.rovictl(
        ['--host', host, ...verb],
        who === undefined ? {} : { user: who, env },
      );
      expect({ verb, code, stdout }).toEqual({ verb, code: 5, stdout: '' });
      expect(stderr).toMatch(/\[(?:gateway|host)-unreachable\]/);
      expect(stderr).toContain(host);
      expect(stderr).not.toMatch(/past the gateway, with systemctl|read from systemd|read with journalctl/);
    }
  }
  for (const verb of [
    ['service', 'stop', host, 'web', '--yes'],
    ['service', 'status', host, 'web'],
    ['service', 'logs', host, 'web'],
  ]) {
    const { code, stdout } = await robots.rovictl(verb);
    expect({ verb, code, stdout }).toEqual({ verb, code: 5, stdout: '' });
  }
  expect((await robots.rovictl(['stop-all'], { env: { ROVI_HOST: host } })).code).toBe(5);
  expect(await runs()).toEqual(before);
});

test('several hosts, all of them dead: nothing is done, least of all here', async () => {
  const before = await runs();
  for (const verb of [
    ['--host', 'all', 'stop-all'],
    ['--host', '@yard', 'stop-all'],
    ['--host', 'over-ssh,over-https', 'stack', 'stop', 'nav'],
    ['--host', 'all', 'status'],
    ['--host', 'all', 'estop'],
    ['service', 'stop', 'all', 'web', '--yes'],
    ['service', 'restart', 'all', 'web', '--yes', '--skip-unreachable'],
    ['service', 'restart', 'all', 'web', '--yes', '--rolling'],
    ['service', 'status', 'over-ssh,over-unix', 'web'],
  ]) {
    const { code, stdout, stderr } = await robots.rovictl(verb);
    expect({ verb, code }).toEqual({ verb, code: 5 });
    expect(stdout).toContain('over-ssh');
    expect(`${stdout}${stderr}`).not.toMatch(/with systemctl|read from systemd|read with journalctl/);
  }
  expect(await runs()).toEqual(before);
});

test('a stop over ssh says what to type on the robot, and that does stop it', async () => {
  const { stderr } = await robots.rovictl(['--host', 'over-ssh', 'stop-all']);
  expect(stderr).toMatch(/Use the e-stop if the robot moves\./);
  expect(stderr).toContain('`ssh there sudo rovictl stop-all` stops it there');
  const https = await robots.rovictl(['--host', 'over-https', 'stack', 'stop', 'teleop']);
  expect(https.stderr).toContain('`sudo rovictl stack stop teleop` on over-https itself stops it there');
  expect(await robots.there.property('rovi-teleop', 'ActiveState')).toBe('active');
  expect(await robots.script('ssh there rovictl stop-all')).toMatch(/past the gateway/);
  expect(await robots.there.property('rovi-teleop', 'ActiveState')).toBe('inactive');
  expect(await robots.here.property('rovi-nav', 'ActiveState')).toBe('active');
});

test('what works on files of this machine is refused on another host, and nothing is written', async () => {
  for (const verb of [
    ['doctor'],
    ['validate'],
    ['generate', '--check'],
    ['token', 'list'],
    ['token', 'create', '--role', 'admin', '--name', 'x'],
  ]) {
    const { code, stdout, stderr } = await robots.rovictl(['--host', 'over-ssh', ...verb], { user: 'root' });
    expect({ verb, code, stdout }).toEqual({ verb, code: 2, stdout: '' });
    expect(stderr).toContain('[host-local-only]');
  }
});

test('a host that is misspelt, empty or said twice is nobody, least of all this robot', async () => {
  const before = await runs();
  const misspelt: string[][] = [
    ['--host', 'over-shh', 'stop-all'],
    ['--host', '', 'stop-all'],
    ['--host', 'Local', 'stop-all'],
    ['--host', 'over-ssh,', 'stop-all'],
    ['--host', 'over-shh,local', 'stop-all'],
    ['--host', 'local,@yrad', 'stop-all'],
    ['--host', '@', 'stop-all'],
    ['service', 'stop', 'local,bus', 'web', '--yes'],
    ['--host', 'over-ssh', 'stop-all', '--host', 'over-https'],
    ['--host', 'over-ssh', '--socket', '/run/rovi/conductor.sock', 'stop-all'],
    ['--host', 'over-ssh', 'service', 'stop', 'over-https', 'web', '--yes'],
    ['service', 'stop', '', 'web', '--yes'],
    ['service', 'stop', 'bus', 'web', '--yes'],
  ];
  for (const words of misspelt)
    expect({ words, code: (await robots.rovictl(words)).code }).toEqual({ words, code: 2 });
  expect((await robots.rovictl(['stop-all'], { env: { ROVI_HOST: 'over-shh' } })).code).toBe(2);
  expect(await runs()).toEqual(before);
});

test('local is this machine, also beside ROVI_HOST', async () => {
  const { code, stdout, stderr } = await robots.rovictl(['--host', 'local', 'active'], {
    env: { ROVI_HOST: 'over-ssh' },
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'nav\n', stderr: '' });
});
