import { installRovi, Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

interface Check {
  readonly group: string;
  readonly name: string;
  readonly finding: 'ok' | 'note' | 'fault' | 'unknown';
  readonly text: string;
  readonly mend: string;
}

let robot: Robot;
beforeAll(async () => {
  robot = await Robot.boot({ name: 'doctor' });
  await installRovi(robot);
  await robot.exec(['useradd', '--groups', 'rovi-ops', 'olga']);
  await robot.exec(['useradd', 'stan']);
  // It finds out by a process of its own that there is no ROS to be in.
  await robot.waitFor('the ROS face to be off', async () =>
    (await robot.exec(['rovictl', 'ros', 'status'])).stdout.includes('off: '),
  );
});
afterAll(() => robot.shutdown());

async function doctor(user?: string): Promise<{ code: number | null; checks: Check[] }> {
  const { code, stdout } = await robot.exec(['rovictl', 'doctor', '--json'], {
    check: false,
    ...(user === undefined ? {} : { user }),
  });
  return { code, checks: (JSON.parse(stdout) as { checks: Check[] }).checks };
}

const faultsOf = (checks: readonly Check[]) => checks.filter(({ finding }) => finding === 'fault');

describe('rovictl doctor on a robot', () => {
  it('finds nothing wrong after install.sh, and knows everything as root', async () => {
    const { code, checks } = await doctor();
    // The stand-in ROS has no rclnodejs: that is no fault.
    expect(checks.filter(({ finding }) => finding !== 'ok')).toMatchObject([
      { name: 'ROS face', finding: 'note' },
    ]);
    expect(code).toBe(0);
    const answers = checks.filter(({ group }) => group === 'polkit answers');
    expect(answers.map(({ name }) => name)).toEqual(['rovi', 'olga', 'nobody']);
    expect(answers[0]?.text).toBe(
      'may start, stop and restart 5 stacks and services, and not the gateway or any other unit',
    );
    expect(answers[2]?.text).toMatch(/^may do nothing/);
  });

  it('finds no fault for an operator, and says what only root may see', async () => {
    const { code, checks } = await doctor('olga');
    expect(faultsOf(checks)).toEqual([]);
    expect(code).toBe(0);
    expect(
      checks
        .filter(({ finding }) => finding === 'unknown')
        .every(({ mend }) => mend.includes('sudo rovictl doctor')),
    ).toBe(true);
  });

  it('tells a stranger how to become an operator', async () => {
    const { code, checks } = await doctor('stan');
    expect(code).toBe(7);
    expect(faultsOf(checks)).toEqual([
      expect.objectContaining({
        name: 'you',
        mend: expect.stringContaining('usermod -aG rovi-ops stan') as string,
      }),
    ]);
  });

  it('tells an operator whose session is older than the membership to log in again', async () => {
    const asOld = ['setpriv', '--reuid=olga', '--regid=olga', '--clear-groups'];
    const { code, stdout } = await robot.exec([...asOld, 'rovictl', 'doctor', '--json'], { check: false });
    expect(code).toBe(7);
    expect(faultsOf((JSON.parse(stdout) as { checks: Check[] }).checks)).toEqual([
      expect.objectContaining({ name: 'you', mend: expect.stringContaining('log in again') as string }),
    ]);
  });

  it('misses no workspace and no ros2 where the catalog has no stacks, as that of a console', async () => {
    await robot.writeFile('/etc/rovi/console.env', 'ROS_DISTRO=jazzy\nROVI_ROS_WS_DIR=/nowhere\n');
    const catalog = 'version: 1\nworkspace: /nowhere\nenv_file: /etc/rovi/console.env\nstacks: {}\n';
    await robot.writeFile('/etc/rovi/console.yaml', catalog);
    const argv = ['rovictl', '--catalog', '/etc/rovi/console.yaml', 'doctor', '--json'];
    const { stdout } = await robot.exec(argv, { check: false });
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    expect(checks.filter(({ group }) => group === 'environment')).toMatchObject([
      { name: 'workspace', finding: 'note' },
      { name: 'env file, ros2', finding: 'note' },
    ]);
  });

  const sabotages: readonly {
    readonly what: string;
    readonly harm: string;
    readonly heal: string;
    readonly found: readonly (readonly [name: string, text: RegExp, mend: RegExp])[];
  }[] = [
    {
      what: 'a wrong mode on /run/rovi',
      harm: 'chmod 00777 /run/rovi',
      heal: 'systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf',
      found: [['folder', /mode is 0777, not 2750/, /systemd-tmpfiles --create/]],
    },
    {
      what: 'a lock file of another owner',
      harm: 'chown root:root /run/rovi/stack.lock',
      heal: 'chown rovi:rovi /run/rovi/stack.lock',
      found: [['stack lock', /owner is uid 0, not rovi/, /systemd-tmpfiles --create/]],
    },
    {
      what: 'a removed rule',
      harm: 'mv /etc/polkit-1/rules.d/49-rovi.rules /root/',
      heal: 'mv /root/49-rovi.rules /etc/polkit-1/rules.d/',
      found: [
        ['polkit rule', /49-rovi\.rules is missing/, /install\.sh/],
        ['rovi', /refuses start rovi-teleop\.service/, /install\.sh/],
        ['olga', /refuses start rovi-teleop\.service/, /install\.sh/],
      ],
    },
    {
      what: 'another rule that allows too much',
      harm: `printf 'polkit.addRule(function (a, s) { if (s.user === "nobody") return polkit.Result.YES; });' > /etc/polkit-1/rules.d/10-bad.rules`,
      heal: 'rm /etc/polkit-1/rules.d/10-bad.rules',
      found: [['nobody', /allows start rovi-teleop\.service/, /install\.sh/]],
    },
    {
      what: 'a polkit that cannot be started',
      harm: 'systemctl mask --runtime --now polkit.service',
      heal: 'systemctl unmask --runtime polkit.service',
      found: [
        [
          'rovi',
          /polkit does not answer: Call failed: .*polkit\.service is masked/,
          /systemctl status polkit/,
        ],
        ['olga', /polkit does not answer: /, /systemctl status polkit/],
      ],
    },
    {
      what: 'an edited unit that systemd has not read',
      harm: 'sed -i s/Restart=no/Restart=always/ /etc/systemd/system/rovi-gateway.service',
      heal: 'sed -i s/Restart=always/Restart=no/ /etc/systemd/system/rovi-gateway.service; systemctl daemon-reload',
      found: [
        ['units', /rovi-gateway\.service differs in line \d+: Restart=always/, /install\.sh/],
        ['up to date', /rovi-gateway\.service/, /daemon-reload/],
      ],
    },
    {
      what: 'a masked stack',
      harm: 'mv /etc/systemd/system/rovi-nav.service /root/; systemctl mask rovi-nav.service',
      heal: 'systemctl unmask rovi-nav.service; mv /root/rovi-nav.service /etc/systemd/system/; systemctl daemon-reload',
      found: [
        ['units', /rovi-nav\.service differs/, /install\.sh/],
        ['loaded', /rovi-nav\.service is masked/, /systemctl unmask/],
      ],
    },
    {
      what: 'a stopped and disabled gateway',
      harm: 'systemctl disable --now rovi-gateway.service',
      heal: 'systemctl enable --now rovi-gateway.service',
      found: [
        ['boot', /does not start at boot/, /systemctl enable/],
        ['socket', /is missing/, /gateway checks/],
        ['unit', /rovi-gateway\.service is inactive/, /systemctl start rovi-gateway\.service/],
        ['answer', /gateway is not running/, /journalctl/],
      ],
    },
    {
      what: 'a missing group',
      harm: 'cp -a /etc/group /root/group; sed -i /^rovi-ops:/d /etc/group',
      heal: 'cp -a /root/group /etc/group',
      found: [['group', /there is no group rovi-ops/, /systemd-sysusers/]],
    },
    {
      what: 'a foreign process with the lock',
      harm: 'systemd-run --quiet --collect --unit=foreign flock --no-fork /run/rovi/stack.lock sleep 600; until grep -qs lock: /proc/$(systemctl show -P MainPID foreign)/fdinfo/*; do :; done',
      heal: 'systemctl stop foreign',
      found: [['lock holder', /\(\w+, foreign\.service\) has the stack lock/, /systemctl status PID/]],
    },
    {
      what: 'a missing env file',
      harm: 'f=$(sed -n "s/^env_file: *//p" /etc/rovi/rovi.yaml); mv "$f" /root/env.kept',
      heal: 'f=$(sed -n "s/^env_file: *//p" /etc/rovi/rovi.yaml); mv /root/env.kept "$f"',
      found: [['env file, ros2', /environment file .* is missing/, /correct .*\.env/]],
    },
    {
      what: 'a removed ros2',
      harm: 'mv /opt/ros/jazzy/bin/ros2 /root/ros2',
      heal: 'mv /root/ros2 /opt/ros/jazzy/bin/ros2',
      found: [['env file, ros2', /ros2 was not found/, /install ROS/]],
    },
    {
      what: 'a runner that is not executable',
      harm: 'chmod 0644 /usr/local/lib/rovi/run_stack.sh',
      heal: 'chmod 0755 /usr/local/lib/rovi/run_stack.sh',
      found: [['program', /run_stack\.sh is not executable/, /install\.sh/]],
    },
    {
      what: 'an invalid catalog',
      harm: 'cp /etc/rovi/rovi.yaml /root/; echo "nonsense: yes" >> /etc/rovi/rovi.yaml',
      heal: 'cp /root/rovi.yaml /etc/rovi/rovi.yaml',
      found: [['catalog', /rovi\.yaml:\d+:\d+: /, /Correct the line named/]],
    },
  ];

  it.each(sabotages)(
    'finds $what, with its mend',
    async ({ harm, heal, found }) => {
      await robot.shell(harm);
      try {
        // polkitd hears of a changed folder of rules a moment later. On a busy machine one doctor takes half a minute.
        await vi.waitFor(
          async () => {
            const { code, checks } = await doctor();
            const faults = faultsOf(checks);
            expect(code).toBe(7);
            for (const [name, text, mend] of found) {
              expect(faults).toContainEqual(
                expect.objectContaining({
                  name,
                  text: expect.stringMatching(text) as string,
                  mend: expect.stringMatching(mend) as string,
                }),
              );
            }
          },
          { timeout: 90_000, interval: 100 },
        );
      } finally {
        await robot.shell(heal);
      }
      await robot.waitFor('doctor content again', async () => (await doctor()).code === 0);
    },
    240_000,
  );
});
