import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { OPERATOR } from '../installed-robot.js';
import { TwoRobots } from './two-robots.js';

/** What can be wrong with ssh, and a way that is cut while a command runs. */
const robots = new TwoRobots('ssh');
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });
const KNOWN = '~/.ssh/known_hosts';

const on = (host: string, ...verb: string[]) => robots.rovictl(['--host', host, ...verb]);
/** Exit code, error code and how long it took, of a start that must not happen. */
async function refused(host: string, ...verb: string[]) {
  const begun = performance.now();
  const words = verb.length === 0 ? ['stack', 'start', 'teleop'] : verb;
  const { code, stdout, stderr } = await on(host, ...words);
  const seconds = (performance.now() - begun) / 1000;
  return { code, stdout, stderr, seconds, error: /\[([a-z-]+)\]/.exec(stderr)?.[1] };
}

/** Until this file is, a teleop that is held is being started. */
const GO = '/opt/go';

/** Its next start lasts until it is let go, or the 15 s are over that systemd gives it: something can happen meanwhile. */
async function holdTeleop(): Promise<void> {
  const path = '/run/systemd/system/rovi-teleop.service.d/held.conf';
  const text = `[Service]\nExecStartPre=/bin/sh -c 'until [ -e ${GO} ]; do sleep 0.1; done'\n`;
  await robots.there.robot.exec(['rm', '-f', GO]);
  await robots.there.robot.writeFile(path, text);
  await robots.there.systemctl(['daemon-reload']);
}
async function letTeleopGo(): Promise<void> {
  await robots.there.robot.exec(['touch', GO]);
}
async function quickTeleop(): Promise<void> {
  await robots.there.robot.shell('rm -r /run/systemd/system/rovi-teleop.service.d; systemctl daemon-reload');
}

beforeAll(async () => {
  await robots.here.rovictl(['stack', 'start', 'nav']);
  await robots.script(`cp ${KNOWN} ~/known_hosts.good`);
});
afterEach(async () => {
  await robots.cable('up');
  await robots.script(`cp ~/known_hosts.good ${KNOWN}; rm -f ~/.ssh/config`);
  expect(await robots.here.property('rovi-nav', 'ActiveState')).toBe('active');
});

test('a host key that is not known: OpenSSH says so, nobody is asked, nothing is sent', async () => {
  await robots.script(`: > ${KNOWN}`);
  const { code, error, stderr, stdout, seconds } = await refused('over-ssh');
  expect({ code, error, stdout }).toEqual({ code: 4, error: 'host-untrusted', stdout: '' });
  expect(stderr).toContain('Host key verification failed.');
  expect(stderr).toContain('mend: `ssh there` once at a terminal');
  expect(seconds).toBeLessThan(10);
  expect(await robots.script(`cat ${KNOWN}`)).toBe('');
});

test('a host key that has changed: as OpenSSH says it, and how to find out', async () => {
  await robots.script(
    `ssh-keygen -q -t ed25519 -N '' -f ~/other <<< y >/dev/null; echo "there $(cut -d' ' -f1,2 ~/other.pub)" > ${KNOWN}`,
  );
  const { code, error, stderr, seconds } = await refused('over-ssh', 'stop-all');
  expect({ code, error }).toEqual({ code: 4, error: 'host-untrusted' });
  expect(stderr).toContain('the host key of there has changed');
  expect(stderr).toMatch(/Offending ED25519 key in|Host key for there has changed/);
  expect(stderr).toContain("`ssh-keygen -R 'there'`");
  expect(stderr).toContain('Use the e-stop if the robot moves.');
  expect(seconds).toBeLessThan(10);
});

test('on a terminal ssh may ask about a host that it does not know, and a no is a no', async () => {
  await robots.script(`: > ${KNOWN}`);
  const command = 'stty cols 100; exec rovictl --host over-ssh stack start teleop';
  const child = robots.here.robot.spawn(
    ['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'],
    {
      user: OPERATOR,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let shown = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (shown += text));
  await robots.here.robot.waitFor('the question', () => shown.includes('(yes/no/[fingerprint])?'), 20_000);
  child.stdin?.write('no\n');
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(shown).toContain('[host-untrusted]');
  expect(code).toBe(4);
  expect(await robots.there.property('rovi-teleop', 'ActiveState')).toBe('inactive');
});

test('no key: not a question, but a refusal', async () => {
  await robots.script(
    'printf "Host there\\n  IdentityFile ~/nothing\\n  IdentitiesOnly yes\\n" > ~/.ssh/config; chmod 600 ~/.ssh/config',
  );
  const { code, error, stderr } = await refused('over-ssh');
  expect({ code, error }).toEqual({ code: 4, error: 'host-credentials' });
  expect(stderr).toContain('Permission denied (publickey');
});

test('the configuration of the user counts, but for its forwardings and shared connections', async () => {
  await robots.script(`cat > ~/.ssh/config <<'END'
Host yard
  HostName there
  HostKeyAlias there
  LocalForward 8099 127.0.0.1:8080
  ControlMaster auto
  ControlPath ~/.ssh/shared-%C
  ControlPersist 60
  LogLevel QUIET
  RemoteCommand touch /tmp/remote-command
  LocalCommand touch /tmp/local-command
  PermitLocalCommand yes
END
chmod 600 ~/.ssh/config`);
  await robots.rovictl(['host', 'add', 'yard', 'ssh://yard']);
  const watch = robots.start(['--host', 'yard', 'status', '--watch', '--json']);
  await watch.until(/"snapshot"/);
  expect((await robots.here.robot.exec(['ss', '-Hltn', 'sport = 8099'])).stdout).toBe('');
  expect(await robots.script('ls ~/.ssh /tmp')).not.toMatch(/shared-|local-command/);
  watch.child.kill('SIGTERM');
  await watch.ended;
  expect(await robots.there.exists('/tmp/remote-command')).toBe(false);
  await robots.rovictl(['host', 'remove', 'yard']);
});

test('a rovictl that is killed leaves no ssh behind', async () => {
  const watch = robots.start(['--host', 'over-ssh', 'status', '--watch', '--json']);
  await watch.until(/"snapshot"/);
  const mine = async () => (await robots.here.robot.shell('pgrep -f "[s]sh .*rovi-ssh-" || true')).stdout;
  expect(await mine()).not.toBe('');
  watch.child.kill('SIGKILL');
  await robots.here.robot.waitFor('ssh to end', async () => (await mine()) === '');
  await robots.here.robot.shell('rm -rf /tmp/rovi-ssh-*');
});

test('sshd is down, the cable is out: said soon, with why', async () => {
  await robots.there.systemctl(['stop', 'ssh.service']);
  const down = await refused('over-ssh', 'stop-all');
  expect([down.code, down.error]).toEqual([5, 'host-unreachable']);
  expect(down.stderr).toContain('Connection refused');
  await robots.there.systemctl(['start', 'ssh.service']);
  await robots.cable('down');
  for (const host of ['over-ssh', 'over-https']) {
    const out = await refused(host, 'stop-all');
    expect([out.code, out.error]).toEqual([5, 'host-unreachable']);
    expect(out.stderr).toContain('Use the e-stop if the robot moves.');
    expect(out.seconds).toBeLessThan(20);
  }
  await robots.cable('up');
});

test.each(['over-ssh', 'over-https'])(
  '%s, cut while a start runs: the outcome is not known, and how to look',
  async (host) => {
    await holdTeleop();
    const start = robots.start(['--host', host, 'stack', 'start', 'teleop']);
    await robots.there.waitForUnit('rovi-teleop.service', 'activating');
    const begun = performance.now();
    await robots.cable('down');
    // Nothing of that comes over here any more.
    await letTeleopGo();
    const { code, stdout, stderr } = await start.ended;
    expect((performance.now() - begun) / 1000).toBeLessThan(40);
    await robots.cable('up');
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toContain('whether the command was carried out is not known');
    expect(stderr).toContain(`\`rovictl --host ${host} status\``);
    // It was.
    await robots.there.waitForUnit('rovi-teleop.service', 'active');
    expect(await on(host, 'active')).toMatchObject({ code: 0, stdout: 'teleop\n' });
    expect(await on(host, 'stop-all')).toMatchObject({ code: 0 });
    await quickTeleop();
  },
);

test('Ctrl-C ends the watching; the start goes on over there', async () => {
  await holdTeleop();
  const command = 'stty cols 100; exec rovictl --host over-ssh stack start teleop';
  const child = robots.here.robot.spawn(
    ['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'],
    { user: OPERATOR, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let shown = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (shown += text));
  await robots.there.waitForUnit('rovi-teleop.service', 'activating');
  child.stdin?.write('\u0003');
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
  expect(shown).toContain('no longer watching; the start of teleop goes on');
  expect(shown).toContain('`rovictl --host over-ssh stack stop teleop`');
  await letTeleopGo();
  await robots.there.waitForUnit('rovi-teleop.service', 'active');
  expect((await on('over-ssh', 'stop-all')).code).toBe(0);
  await quickTeleop();
});

test('a follower waits for a way that was cut, and goes on by a new ssh', async () => {
  const watch = robots.start(['--host', 'over-ssh', 'status', '--watch', '--json']);
  await watch.until(/"snapshot"/);
  await robots.there.robot.shell('pkill -KILL -u olga sshd');
  await watch.until(/link lost/, 'stderr');
  await watch.until(/link restored/, 'stderr', 30_000);
  watch.child.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
});
