import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandError, Robot } from '@rovi/testbed';

describe('a robot', () => {
  let robots: Robot[] = [];
  const bootMs: number[] = [];

  beforeAll(async () => {
    robots = await Promise.all(
      ['left', 'middle', 'right'].map(async (name) => {
        const begun = performance.now();
        const robot = await Robot.boot({ name });
        bootMs.push(performance.now() - begun);
        return robot;
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(robots.map((robot) => robot.shutdown()));
  });
  const first = () => robots[0] as Robot;

  test('boots whole, three side by side, within seconds', async () => {
    for (const robot of robots) {
      expect((await robot.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
    }
    // They share the machine with each other and with two more files of tests.
    expect(Math.max(...bootMs)).toBeLessThan(30_000);
  });

  test('shares neither files, network nor processes with another', async () => {
    await Promise.all(robots.map((robot) => robot.writeFile('/etc/who', robot.name)));
    for (const robot of robots) {
      expect(await robot.readFile('/etc/who')).toBe(robot.name);
      expect((await robot.exec(['hostname'])).stdout).toBe(`${robot.name}\n`);
      expect((await robot.exec(['readlink', '/proc/1/ns/net'])).stdout).not.toBe('');
    }
    const spaces = robots.map((robot) => robot.exec(['readlink', '/proc/1/ns/net', '/proc/1/ns/pid']));
    const seen = (await Promise.all(spaces)).map(({ stdout }) => stdout);
    expect(new Set(seen).size).toBe(3);
    const ping = 'exec 3<>/dev/tcp/192.0.2.1/80';
    expect((await first().shell(ping, { check: false })).stderr).toContain('Network is unreachable');
  });

  test('runs nothing of what the host runs', async () => {
    const { stdout } = await first().exec([
      'systemctl',
      'list-units',
      '--type=service,timer',
      '--state=active',
      '--plain',
      '--no-legend',
    ]);
    const units = stdout.split('\n').flatMap((line) => line.split(' ', 1).filter(Boolean));
    const own =
      /^(?:dbus(?:-broker)?|polkit|systemd-(?:journald|journal-flush|sysusers|tmpfiles-setup|user-sessions))\.service$/;
    expect(units.filter((unit) => !own.test(unit))).toEqual([]);
    expect(units).toContain('polkit.service');
  });

  test('has the repository, read-only, and this Node for every account', async () => {
    await first().addUser('reader');
    const version = await first().exec(['node', '--version'], { user: 'reader' });
    expect(version.stdout).toBe(`${process.version}\n`);
    const listing = await first().exec(['cat', '/opt/rovi-src/package.json'], { user: 'reader' });
    expect(listing.stdout).toContain('"rovi"');
    const write = await first().exec(['touch', '/opt/rovi-src/x'], { check: false });
    expect(write.stderr).toContain('Read-only file system');
  });

  test('answers on D-Bus, inside and from the host', async () => {
    const ask = ['get-property', 'org.freedesktop.systemd1', '/org/freedesktop/systemd1'];
    const property = ['org.freedesktop.systemd1.Manager', 'Virtualization'];
    const inside = await first().exec(['busctl', ...ask, ...property]);
    expect(inside.stdout).toBe('s "systemd-nspawn"\n');
    expect(first().systemBusAddress).toBe(
      `unix:path=/proc/${first().leader}/root/run/dbus/system_bus_socket`,
    );
  });

  test('runs a program as another user, whom polkit refuses', async () => {
    await first().addUser('anna', ['adm']);
    const who = await first().shell('id -un; id -gn; id -Gn; echo $HOME $A', {
      user: 'anna',
      env: { A: "it's b" },
    });
    expect(who.stdout).toBe("anna\nanna\nanna adm\n/home/anna it's b\n");
    const stop = first().exec(['systemctl', 'stop', 'polkit.service'], { user: 'anna' });
    await expect(stop).rejects.toThrow('Interactive authentication required');
  });

  test('tells what a failed program said', async () => {
    const failure = await first()
      .shell('echo out; echo err >&2; exit 7')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandError);
    const { code, stderr, argv } = failure as CommandError;
    expect({ code, stderr, argv }).toEqual({
      code: 7,
      stderr: 'err\n',
      argv: ['bash', '-c', 'echo out; echo err >&2; exit 7'],
    });
    expect((await first().shell('kill -9 $$', { check: false })).code).toBe(137);
  });

  test('ends a program that takes too long, and what was spawned', async () => {
    const late = first().exec(['sleep', '1000'], { timeoutMs: 200 });
    await expect(late).rejects.toThrow('`sleep 1000` did not end within 200 ms');
    const sleeps = async () => (await first().exec(['pgrep', '-x', 'sleep'], { check: false })).stdout;
    await first().waitFor('the late sleep is gone', async () => (await sleeps()) === '');
    const child = first().spawn(['sleep', '1000']);
    await first().waitFor('the spawned sleep', sleeps);
    child.kill();
    await first().waitFor('it is gone', async () => (await sleeps()) === '');
  });

  test('passes input and writes files as told', async () => {
    expect((await first().exec(['cat'], { input: 'a\nb' })).stdout).toBe('a\nb');
    await first().writeFile('/srv/deep/file', 'text', { mode: '0640', owner: 'daemon:adm' });
    const { stdout } = await first().exec(['stat', '-c', '%a %U %G %s', '/srv/deep/file']);
    expect(stdout).toBe('640 daemon adm 4\n');
  });

  test('says what it waited for in vain, and why', async () => {
    const refuse = () => Promise.reject(new Error('not yet'));
    const error = await first()
      .waitFor('a miracle', refuse, 50)
      .catch((caught: unknown) => caught as Error);
    expect(error.message).toContain('waited 50 ms in vain for: a miracle');
    expect(error.cause).toEqual(new Error('not yet'));
  });

  test.each([{ cutPower: false }, { cutPower: true }])(
    'keeps /etc and the journal over a reboot, loses /run: %o',
    async (how) => {
      const robot = robots[how.cutPower ? 1 : 2] as Robot;
      await robot.shell(
        'echo kept > /etc/kept; echo lost > /run/lost; logger before-the-reboot; journalctl --sync',
      );
      const before = robot.leader;
      await robot.reboot(how);
      expect(robot.leader).not.toBe(before);
      expect(await robot.readFile('/etc/kept')).toBe('kept\n');
      await expect(robot.readFile('/run/lost')).rejects.toThrow('No such file');
      expect(await robot.journal(['-b', '-1'])).toContain('before-the-reboot');
      expect((await robot.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
    },
  );
});

describe('a robot that does not boot', () => {
  test('shows its console', async () => {
    // The host's own systemd, without the right to be executed.
    const boot = Robot.boot({
      name: 'dud',
      files: { '/usr/lib/systemd/systemd': 'no program', '/sbin/init': '' },
    });
    await expect(boot).rejects.toThrow(/systemd-nspawn ended with status \d+\n--- console\n.*\S/);
  });

  test('names the job it hangs on', async () => {
    const unit = '[Service]\nType=oneshot\nExecStart=sleep infinity\n[Unit]\nBefore=multi-user.target\n';
    const boot = Robot.boot({
      name: 'slow',
      // Time enough to come to that job on a busy machine.
      bootTimeoutMs: 25_000,
      files: {
        '/etc/systemd/system/endless.service': unit,
        '/etc/systemd/system/multi-user.target.d/endless.conf': '[Unit]\nRequires=endless.service\n',
      },
    });
    await expect(boot).rejects.toThrow(/not over after 25000 ms[^]*endless\.service/);
  });
});
