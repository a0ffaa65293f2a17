/** What an operator types for services, on a robot whose gateway, systemd and polkit do it. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InstalledRobot, OPERATOR, STRANGER } from '../installed-robot.js';

/**
 * Says a word on each output, ends with 3 where `/run/rovi/bad-<service>` is there, else runs until it is stopped. Where it
 * is to say that it is ready it does so after that: how soon it ends is then nothing that a story depends on.
 */
const program = [
  '/bin/bash',
  '-c',
  'echo "to stdout"; echo "to stderr" >&2; if test -e "/run/rovi/bad-$ROVI_SERVICE"; then exit 3; fi; if test -n "$NOTIFY_SOCKET"; then systemd-notify --ready; fi; exec sleep infinity',
];
const service = (more: object = {}) => ({
  description: 'Sleeps',
  command: program,
  restart: 'never',
  crash_loop: { starts: 100, window: 10 },
  timeouts: { start: 10, stop: 5 },
  ...more,
});
const installed = new InstalledRobot('service-cli', {
  catalog: stringify({
    version: 1,
    workspace: '/home/rovi/ws',
    env_file: '/etc/rovi/.env.robot',
    // A gateway that hangs is to hang for as long as the story needs.
    gateway: { watchdog: 600 },
    ros: { face: false },
    stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
    services: {
      bus: service({ critical: true }),
      store: service({
        requires: ['bus'],
        health: [{ probe: { type: 'process', process: 'sleep' }, role: 'readiness', interval: 0.2 }],
      }),
      web: service({ requires: ['store'], type: 'notify' }),
      pool: service({ instances: { min: 1, max: 3 }, ports: [{ port: 9100 }] }),
    },
  }),
});

const GATEWAY = 'rovi-gateway.service';

describe('rovictl on a robot with services', () => {
  const run = (...argv: string[]) => installed.rovictl(argv, { user: OPERATOR });
  const good = async (...argv: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...argv);
    expect(`${String(code)} ${stderr}`, argv.join(' ')).toMatch(/^0 /);
    return stdout;
  };
  const active = (name: string) => installed.property(`rovi-${name}.service`, 'ActiveState');
  /** Types the answer on a pseudo-terminal. */
  const typing = (answer: string, command: string) =>
    installed.robot.exec(['bash', '-c', `echo ${answer} | script -qec '${command}' /dev/null`], {
      user: OPERATOR,
      check: false,
    });

  test('lists, plans and starts in order', async () => {
    expect(await good('service', 'list')).toMatch(/○ +store +STOPPED/);
    const plan = await good('plan', 'start', 'web');
    expect(plan).toMatch(/1\. starts +bus\n +2\. starts +store\n +3\. starts +web\n/);
    expect(await active('bus')).toBe('inactive');
    expect(await good('service', 'start', 'web', '--reason', 'a story')).toMatch(/^✓ .*web/m);
    expect(await active('web')).toBe('active');
    expect(await good('service', 'status', 'store')).toMatch(/✓ readiness process/);
    expect(await good('status')).toMatch(/● +web +RUNNING/);
    expect(await good('operations')).toMatch(/start web/);
    expect(await good('service', 'health', 'store')).toMatch(/looks, median/);
  });

  test('reads what it wrote to each output', async () => {
    await expect.poll(() => good('logs', 'web', '--stderr')).toMatch(/stderr: to stderr\n$/);
    await expect.poll(() => good('service', 'logs', 'web', '--stdout')).toContain('to stdout');
    expect(await good('logs', 'web', '--stderr')).not.toContain('to stdout');
  });

  test('stops what others need after a yes to that alone', async () => {
    const refused = await run('service', 'stop', 'bus');
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('confirmation-required') as string,
    });
    expect(await active('web')).toBe('active');
    const no = await typing('n', 'rovictl service stop bus');
    expect(no.stdout).toContain('nothing was done');
    expect(await active('web')).toBe('active');
    const yes = await typing('y', 'rovictl service stop bus');
    expect(yes.stdout).toMatch(/stop bus\? \[y\/N\]/);
    expect([await active('web'), await active('store'), await active('bus')]).toEqual([
      'inactive',
      'inactive',
      'inactive',
    ]);
  });

  test('restarts with what needs it, once that is confirmed', async () => {
    await good('service', 'start', 'web');
    const before = await installed.property('rovi-web.service', 'InvocationID');
    await good('service', 'restart', 'bus', '--cascade', '--yes');
    expect(await active('web')).toBe('active');
    expect(await installed.property('rovi-web.service', 'InvocationID')).not.toBe(before);
  });

  test('scales, and restarts one instance after the other', async () => {
    await good('service', 'start', 'pool');
    await good('service', 'scale', 'pool', '3');
    expect(await active('pool@3')).toBe('active');
    expect(await good('service', 'status', 'pool')).toMatch(/port 9102/);
    await good('service', 'restart', 'pool', '--rolling');
    expect((await run('service', 'scale', 'pool', '4')).code).toBe(3);
    await good('service', 'scale', 'pool', '1');
    expect(await good('service', 'list')).toMatch(/pool +RUNNING +\S+ +1\/1/);
  });

  test('keeps it from being started while it is in maintenance', async () => {
    await good('service', 'stop', 'web');
    await good('maintenance', 'begin', 'web', '--reason', 'a new lens', '--for', '1h');
    expect(await good('status')).toMatch(/⚒ web in maintenance until .*: a new lens/);
    const refused = await run('service', 'start', 'web');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('a new lens') as string });
    await installed.systemctl(['start', 'rovi-web.service']);
    expect(await active('web')).not.toBe('active');
    expect(await good('service', 'why', 'web')).toContain('rovictl maintenance end web');
    await good('maintenance', 'end', 'web');
    expect(await good('maintenance', 'list')).toBe('nothing is in maintenance\n');
    await good('service', 'start', 'web');
  });

  test('says why one failed, and recovers it', async () => {
    await good('service', 'stop', 'web');
    await installed.robot.writeFile('/run/rovi/bad-web', '');
    expect((await run('service', 'start', 'web')).code).toBe(1);
    expect(await good('service', 'why', 'web')).toMatch(/exit code 3/);
    await installed.robot.exec(['rm', '/run/rovi/bad-web']);
    expect(await good('recover', '--reason', 'mended')).toMatch(/rovi-web\.service/);
    expect(await active('web')).toBe('inactive');
    expect(await good('reload')).toMatch(/^✓/);
    await good('service', 'start', 'web');
  });

  test('has each command in the audit, with its target', async () => {
    // It is in the journal a moment later.
    for (const line of [/start +web/, /scale +pool/, /maintain +web/, /recover/, /reload/])
      await expect.poll(() => good('audit', '-n', '200')).toMatch(line);
  });

  test.each(['STOP', 'KILL'] as const)('a stop gets through a gateway that got a SIG%s', async (signal) => {
    await good('service', 'start', 'web');
    await good('service', 'start', 'pool');
    const pid = await installed.property(GATEWAY, 'MainPID');
    await installed.robot.exec(['kill', `-${signal}`, pid]);
    try {
      const alone = await run('service', 'stop', 'pool');
      expect(alone).toMatchObject({ code: 0, stdout: '✓ pool stopped with systemctl, past the gateway\n' });
      expect(await active('pool@1')).toBe('inactive');
      const asked = await run('service', 'stop', 'bus');
      expect(asked).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('[confirmation-required]') as string,
      });
      expect(asked.stderr).toMatch(/these stop with it:\n {2}rovi-store\.service\n {2}rovi-web\.service\n/);
      expect(await active('web')).toBe('active');
      const yes = await run('service', 'stop', 'bus', '--yes', '--json');
      expect(yes.code).toBe(0);
      expect(JSON.parse(yes.stdout)).toMatchObject({ fallback: 'systemctl' });
      expect([await active('bus'), await active('store'), await active('web')]).toEqual([
        'inactive',
        'inactive',
        'inactive',
      ]);
      expect((await run('service', 'stop', 'nothing')).code).toBe(2);
    } finally {
      if (signal === 'STOP') await installed.robot.exec(['kill', '-CONT', pid]);
      else await installed.systemctl(['restart', GATEWAY]);
    }
    await installed.robot.waitFor('the gateway', async () => (await run('service', 'list')).code === 0);
    // One that was halted has yet to read what systemd told it meanwhile.
    await expect.poll(() => good('service', 'list')).toMatch(/bus +STOPPED/);
    await good('service', 'start', 'web');
  });

  test('a stranger may nothing', async () => {
    const { code } = await installed.rovictl(['service', 'stop', 'web'], { user: STRANGER });
    expect([4, 5]).toContain(code);
    expect(await active('web')).toBe('active');
  });
});
