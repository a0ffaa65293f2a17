import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Robot } from '@rovi/testbed';

/** Boots a robot, says who it is, and does `end` when it has been looked at: its stdin ends then. */
const owner = (end: string) => `
  import { Robot } from '@rovi/testbed';
  const robot = await Robot.boot({ name: 'own' });
  const sleeper = robot.spawn(['sleep', '4242'], { stdio: 'ignore' });
  await robot.waitFor('the sleeper', () => robot.exec(['pgrep', '-x', 'sleep']));
  console.log(JSON.stringify({ name: robot.name, leader: robot.leader }));
  for await (const chunk of process.stdin) void chunk;
  ${end}
`;

interface Story {
  name: string;
  /** Its processes, keeper and nspawn included: PID → start time, since the kernel uses PIDs again. */
  processes: Map<number, string>;
  process: ChildProcess;
}

async function begin(end: string): Promise<Story> {
  const argv = ['--input-type=module', '-e', owner(end)];
  const child = spawn(process.execPath, argv, {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { name, leader } = JSON.parse(line) as { name: string; leader: number };
  onTestFinished(() => void child.kill('SIGKILL'));
  const keeper = keeperOf(name);
  const own = [readlinkSync(`/proc/${leader}/ns/pid`), readlinkSync(`/proc/${keeper}/ns/mnt`)];
  const members = pids().filter((pid) => namespacesOf(pid).some((namespace) => own.includes(namespace)));
  const processes = new Map(members.map((pid) => [pid, startTime(pid)]));
  child.stdin.end();
  return { name, processes, process: child };
}

function keeperOf(name: string): number {
  const pid = pids().find(
    (one) => /keeper\.py\0.*"name":"/.test(commandLine(one)) && commandLine(one).includes(name),
  );
  if (pid === undefined) throw new Error(`${name} has no keeper`);
  return pid;
}

const pids = () =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function namespacesOf(pid: number): string[] {
  try {
    return ['pid', 'mnt'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return []; // it has ended
  }
}

/** Clock ticks since boot; empty for a process that has ended. */
function startTime(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** All on this machine that is of the robot. Its own mount namespaces end with the last process in them. */
function tracesOf({ name, processes: known }: Story): string[] {
  const processes = pids().filter(
    (pid) => commandLine(pid).includes(name) || (known.has(pid) && known.get(pid) === startTime(pid)),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(name));
  const cgroups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
    .map((mount) => `${mount}/rovi-testbed-${name}`)
    .filter((cgroup) => existsSync(cgroup));
  const files = [
    '/run/rovi-testbed',
    '/run/systemd/nspawn',
    '/run/systemd/nspawn/propagate',
    '/run/systemd/machines',
  ]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((entry) => entry.includes(name)));
  const links = readdirSync('/sys/class/net').filter((link) => link === `ve-${name}`);
  return [...processes.map((pid) => `${pid} ${commandLine(pid)}`), ...mounts, ...cgroups, ...files, ...links];
}

async function expectGone(story: Story): Promise<void> {
  const end = performance.now() + 30_000;
  while (tracesOf(story).length > 0 && performance.now() < end) await delay(50);
  expect(tracesOf(story)).toEqual([]);
}

describe('nothing of a robot is left', () => {
  test('when its owner is killed', async () => {
    const story = await begin('setInterval(() => {}, 1000);');
    expect(tracesOf(story)).toEqual(expect.arrayContaining([`ve-${story.name}`, `${story.name}.lock`]));
    expect(tracesOf(story).length).toBeGreaterThan(8);
    story.process.kill('SIGKILL');
    await expectGone(story);
  });

  test('when its owner forgets it', async () => {
    const story = await begin('sleeper.unref();');
    expect(story.process.exitCode ?? (await once(story.process, 'exit'))[0]).toBe(0);
    await expectGone(story);
  });

  test('when it is shut down', async () => {
    const story = await begin("await robot.shutdown(); console.log('down'); setInterval(() => {}, 1000);");
    await expectGone(story);
  });

  test('when its keeper is killed, once another robot has booted', async () => {
    const story = await begin('setInterval(() => {}, 1000);');
    process.kill(keeperOf(story.name), 'SIGKILL');
    await using robot = await Robot.boot({ name: 'sweeper' });
    expect(robot.name).not.toBe(story.name);
    await expectGone(story);
  });

  test('while the robots of others live on', async () => {
    await using neighbour = await Robot.boot({ name: 'neighbour' });
    const story = await begin('setInterval(() => {}, 1000);');
    story.process.kill('SIGKILL');
    await expectGone(story);
    expect((await neighbour.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
  });
});
