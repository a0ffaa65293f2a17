import { expect, test } from 'vitest';
import { ContainerRobot, IMAGE, PYTHON } from './container-robot.js';

const here = new ContainerRobot('containers');
const STEADY = { image: IMAGE, command: ['/steady.sh'] };
const BOX = 'rovi-box.service';
/** Says that it is ready when it is told to. */
const SLOW = `
import os, socket, time
while not os.path.exists("/shared/go"): time.sleep(0.05)
link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
link.connect(os.environ["NOTIFY_SOCKET"])
link.send(b"READY=1")
time.sleep(1000)
`;

test('a container runs in the control group of its unit, all of it', async () => {
  await here.install('box', { container: STEADY, restart_delay: 0 });
  await here.start(BOX);
  const processes = await here.runs(BOX);
  expect(new Set(processes.map(({ cgroup }) => cgroup))).toEqual(new Set([`/system.slice/${BOX}`]));
  const commands = processes.map(({ command }) => command);
  expect(commands.filter((command) => command.includes('conmon'))).toHaveLength(1);
  expect(commands.filter((command) => command.includes('/steady.sh'))).toHaveLength(1);
  // What Podman says runs in the container is among them, and conmon is who systemd watches.
  const pids = processes.map(({ pid }) => pid);
  const pid = await here.firstProcess('rovi-box');
  const inRobot = (await here.robot.exec(['cat', `/proc/${pid}/cgroup`])).stdout;
  expect(pids).toContain(pid);
  expect(inRobot).toContain(`0::/system.slice/${BOX}\n`);
  const main = Number(await here.property(BOX, 'MainPID'));
  expect(processes.find((process) => process.pid === main)?.command).toContain('conmon');
});

test('what it says is in the journal under its unit, each stream with its own priority, and nothing of Podman', async () => {
  const expected = [
    { priority: '6', text: 'good morning on stdout' },
    { priority: '5', text: 'good morning on stderr' },
  ];
  const lines = await here.robot.waitFor('both lines', async () => {
    const said = await here.said(BOX);
    return said.length >= 2 ? said : null;
  });
  expect(lines).toHaveLength(2);
  for (const line of expected) {
    expect(lines).toContainEqual({ ...line, identifier: 'rovi-box', unit: BOX });
  }
});

test.each([
  ['the container’s own first process', () => here.firstProcess('rovi-box'), 'exit-code'],
  ['conmon, its monitor', async () => Number(await here.property(BOX, 'MainPID')), 'signal'],
])('kill -9 of %s is seen by systemd, and Restart= mends it', async (_what, pidOf, result) => {
  const restarts = Number(await here.property(BOX, 'NRestarts'));
  const before = await here.processes(BOX);
  const pid = await pidOf();
  await here.robot.exec(['kill', '-9', String(pid)]);
  await here.robot.waitFor('the restart', async () => {
    const again = Number(await here.property(BOX, 'NRestarts')) === restarts + 1;
    return again && (await here.property(BOX, 'ActiveState')) === 'active';
  });
  await expect.poll(() => here.robot.journal(['-u', BOX])).toContain(`Failed with result '${result}'`);
  const after = await here.runs(BOX);
  // One container, a new one, and none of the old one's processes.
  expect(await here.containers()).toEqual(['rovi-box']);
  const old = new Set(before.map((process) => process.pid));
  expect(after.filter((process) => old.has(process.pid))).toEqual([]);
  expect(after.filter(({ command }) => command.includes('/steady.sh'))).toHaveLength(1);
});

test('a stop lets it end by itself, is a clean end, and leaves nothing', async () => {
  // The third run's first words: from then on it hears SIGTERM.
  await expect
    .poll(async () => (await here.said(BOX)).filter(({ text }) => text === 'good morning on stderr'))
    .toHaveLength(3);
  await here.robot.exec(['systemctl', 'stop', BOX]);
  expect(await here.property(BOX, 'ActiveState')).toBe('inactive');
  expect(await here.property(BOX, 'Result')).toBe('success');
  await expect.poll(async () => (await here.said(BOX)).at(-1)?.text).toBe('good night');
  expect(await here.remains()).toEqual([]);
});

test('one that does not hear SIGTERM is killed when its time is over, and leaves nothing', async () => {
  await here.install('deaf', {
    container: { image: IMAGE, command: ['sleep', '1000'] },
    timeouts: { stop: 1 },
  });
  // Of three: on a machine that is shared Podman takes seconds for a word, at times.
  for (let round = 1; ; round += 1) {
    await here.start('rovi-deaf.service');
    await here.robot.exec(['systemctl', 'stop', 'rovi-deaf.service']);
    const [begun, ended] = await Promise.all(
      ['ActiveExit', 'InactiveEnter'].map(async (edge) =>
        Number(await here.property('rovi-deaf.service', `${edge}TimestampMonotonic`)),
      ),
    );
    expect(await here.property('rovi-deaf.service', 'ExecMainStatus')).toBe('137');
    expect(await here.remains()).toEqual([]);
    const took = (ended ?? Number.NaN) - (begun ?? Number.NaN);
    if (took >= 8_000_000 && round < 3) continue;
    expect(took).toBeLessThan(8_000_000);
    return;
  }
});

test('a program that ends is its unit’s end, with its exit code', async () => {
  await here.install('brief', {
    container: { image: IMAGE, command: ['sh', '-c', 'exit 7'] },
    restart: 'never',
  });
  await here.robot.exec(['systemctl', 'start', 'rovi-brief.service'], { check: false });
  await here.robot.waitFor(
    'its end',
    async () => (await here.property('rovi-brief.service', 'ActiveState')) === 'failed',
  );
  expect(await here.property('rovi-brief.service', 'ExecMainStatus')).toBe('7');
  expect(await here.remains()).toEqual([]);
});

test('an image that is not on the robot is an error at once, and nothing is fetched', async () => {
  await here.install('absent', { container: { image: 'localhost/absent:1' }, restart: 'never' });
  const { code } = await here.robot.exec(['systemctl', 'start', 'rovi-absent.service'], { check: false });
  expect(code).not.toBe(0);
  expect(await here.property('rovi-absent.service', 'ExecMainStatus')).toBe('125');
  // journald 252 says that it is in step while lines still wait in the sockets of programs.
  await expect
    .poll(() => here.said('rovi-absent.service'))
    .toEqual([
      expect.objectContaining({
        text: 'Error: localhost/absent:1: image not known',
        identifier: 'rovi-absent',
      }),
    ]);
});

test('a unit with type notify is up when the program in the container says so', async () => {
  await here.robot.writeFile('/srv/shared/slow.py', SLOW);
  await here.install('slow', {
    type: 'notify',
    container: {
      image: PYTHON,
      command: ['python3', '/shared/slow.py'],
      volumes: ['/srv/shared:/shared'],
    },
    timeouts: { stop: 1 },
  });
  await here.robot.exec(['systemctl', 'start', '--no-block', 'rovi-slow.service']);
  await here.robot.waitFor('the program', async () =>
    (await here.processes('rovi-slow.service')).some(({ command }) => command.startsWith('python3')),
  );
  expect(await here.property('rovi-slow.service', 'ActiveState')).toBe('activating');
  await here.robot.writeFile('/srv/shared/go', '');
  await here.robot.waitFor(
    'its word',
    async () => (await here.property('rovi-slow.service', 'ActiveState')) === 'active',
  );
  await here.robot.exec(['systemctl', 'stop', 'rovi-slow.service']);
});

test('after a power cut the same unit starts, over what the last run left in storage', async () => {
  await here.start(BOX);
  await here.robot.reboot({ cutPower: true });
  expect(await here.containers()).toEqual(['rovi-box']);
  await here.start(BOX);
  await here.runs(BOX);
  await here.robot.exec(['systemctl', 'stop', BOX]);
  expect(await here.remains()).toEqual([]);
});
