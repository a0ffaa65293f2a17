import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installRos, Robot, setStack } from '@rovi/testbed';

const CATALOG = `
workspace: /home/rovi/rovi_ros_ws
env_file: /home/rovi/rovi_ros_ws/.env.robot
stacks:
  nav:
    launch: { package: rovi_bringup, file: rovi.launch.py, arguments: { stack: nav } }
    processes: [controller_server, robot_state_publisher]
  camera:
    launch: { package: camera_ros, file: front.launch.py }
    processes: [camera_node]
`;

let robot: Robot;

beforeAll(async () => {
  robot = await Robot.boot({ name: 'ros' });
  await installRos(robot, { catalog: CATALOG, environment: 'ROS_DOMAIN_ID=0\n' });
});
afterAll(() => robot.shutdown());

/** A launch, as run_stack.sh does it: descriptor 9 holds a lock of the launch's own. */
class Launch {
  output = '';
  private readonly process: ChildProcess;
  private readonly ended: Promise<[number | null]>;
  private readonly closed: Promise<[number | null]>;
  readonly lock: string;

  constructor(
    readonly stack: string,
    command = `exec ros2 launch --noninteractive a b.launch.py stack:=${stack}`,
  ) {
    this.lock = `/tmp/${stack}.lock`;
    const script = `source ~/rovi_ros_ws/install/setup.bash; exec 9>>${this.lock}; flock -n 9 || exit 75; ${command}`;
    this.process = robot.spawn(['bash', '-c', script], { user: 'rovi', stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (chunk: Buffer) => (this.output += chunk.toString());
    this.process.stdout?.on('data', hear);
    this.process.stderr?.on('data', hear);
    this.ended = once(this.process, 'exit') as Promise<[number | null]>;
    this.closed = once(this.process, 'close') as Promise<[number | null]>;
  }

  says(text: string, deadlineMs = 30_000): Promise<unknown> {
    return robot.waitFor(`"${text}" of ${this.stack}`, () => this.output.includes(text), deadlineMs);
  }

  signal(name: NodeJS.Signals): void {
    expect(this.process.kill(name)).toBe(true);
  }

  /** The code of the launch, whose nodes may live on and hold its output open. */
  async code(): Promise<number | null> {
    return (await this.ended)[0];
  }

  /** The code of the launch, once all is there that it and its nodes have said. */
  async end(): Promise<number | null> {
    return (await this.closed)[0];
  }

  async lockIsFree(): Promise<boolean> {
    return (await robot.exec(['flock', '-n', this.lock, 'true'], { check: false })).code === 0;
  }
}

async function pidOf(name: string): Promise<string> {
  return (await robot.exec(['pgrep', '-x', name.slice(0, 15)], { check: false })).stdout.trim();
}

test('starts what the catalog expects, under their own names, with the lock handed down', async () => {
  const launch = new Launch('nav');
  await launch.says('[robot_state_publisher-2]: process started');
  const state = await robot.waitFor('the node renamed itself', () => pidOf('robot_state_publisher'));
  expect(await robot.readFile(`/proc/${state}/comm`)).toBe('robot_state_pub\n');
  const argv = (await robot.readFile(`/proc/${state}/cmdline`)).split('\0');
  expect(argv[0]).toMatch(/\/robot_state_publisher$/);
  expect(await pidOf('ros2')).not.toBe('');
  const descriptors = await robot.exec(['readlink', `/proc/${state}/fd/9`, `/proc/${state}/fd/0`]);
  expect(descriptors.stdout).toMatch(/^\/tmp\/nav\.lock\npipe:\[\d+\]\n$/);
  launch.signal('SIGINT');
  expect(await launch.end()).toBe(0);
  // The last one started hears it first.
  expect(launch.output.match(/(?<=sending signal 'SIGINT' to process\[)[^\]]*/g)).toEqual([
    'robot_state_publisher-2',
    'controller_server-1',
  ]);
  expect(launch.output.match(/process has finished cleanly/g)).toHaveLength(2);
  expect(launch.output).not.toContain('escalating');
  expect(await launch.lockIsFree()).toBe(true);
});

test('takes the stack from the file where no argument names it', async () => {
  const launch = new Launch('camera', 'exec ros2 launch --noninteractive camera_ros front.launch.py');
  await launch.says('[camera_node-1]: process started');
  launch.signal('SIGINT');
  expect(await launch.end()).toBe(0);
});

test('passes SIGINT on once, however often it comes; escalates after 5 and 10 s', async () => {
  await setStack(robot, 'stubborn', {
    nodes: [
      { name: 'polite_node' },
      { name: 'deaf_node', ignoresSigint: true },
      { name: 'dead_node', ignoresSigint: true, ignoresSigterm: true },
    ],
  });
  const launch = new Launch('stubborn');
  await launch.says('[dead_node-3]: process started');
  const begun = performance.now();
  launch.signal('SIGINT');
  await launch.says('[polite_node-1]: process has');
  launch.signal('SIGINT');
  await launch.says('again, ignoring...');
  await launch.says('[deaf_node-2]: process has finished cleanly');
  expect(performance.now() - begun).toBeGreaterThan(4_900);
  expect(await launch.end()).toBe(0);
  expect(performance.now() - begun).toBeGreaterThan(9_900);
  expect(launch.output).toContain(
    "[dead_node-3]: process[dead_node-3] failed to terminate '10.0' seconds after receiving 'SIGTERM', escalating to 'SIGKILL'",
  );
  expect(launch.output).toMatch(/\[dead_node-3\]: process has died \[pid \d+, exit code -9/);
  expect(launch.output.match(/sending signal 'SIGINT'/g)).toHaveLength(3);
});

test.each(['SIGTERM', 'SIGQUIT'] as const)(
  '%s ends it without a word; its nodes live on with the lock',
  async (signal) => {
    await setStack(robot, 'orphans', { nodes: [{ name: 'orphan_node' }] });
    const launch = new Launch('orphans');
    await launch.says('process started');
    launch.signal(signal);
    expect(await launch.code()).toBeNull(); // ended by the signal
    expect(launch.output).toMatch(/process started with pid \[\d+\]\n$/);
    expect(await pidOf('orphan_node')).not.toBe('');
    expect(await launch.lockIsFree()).toBe(false);
    await robot.exec(['pkill', '-KILL', '-x', 'orphan_node']);
    await robot.waitFor('the lock is free', () => launch.lockIsFree());
  },
);

test('goes on when a node dies, and ends with its last node', async () => {
  await setStack(robot, 'mortal', {
    nodes: [
      { name: 'short_node', exitAfterMs: 50, exitCode: 3 },
      { name: 'late_node', startDelayMs: 5_000, exitAfterMs: 50 },
    ],
  });
  const launch = new Launch('mortal');
  await launch.says('exit code 3');
  expect(launch.output).not.toContain('late_node');
  expect(await launch.end()).toBe(0);
  expect(launch.output).toContain('[late_node-2]: process has finished cleanly');
});

test('ends when a required node dies, and fails when told to', async () => {
  await setStack(robot, 'needy', {
    nodes: [{ name: 'key_node', exitAfterMs: 100, required: true }, { name: 'other_node' }],
  });
  const needy = new Launch('needy');
  expect(await needy.end()).toBe(0);
  expect(needy.output).toContain("sending signal 'SIGINT' to process[other_node-2]");
  await setStack(robot, 'broken', { nodes: [{ name: 'other_node' }], launchExit: { afterMs: 100, code: 4 } });
  expect(await new Launch('broken').code()).toBe(4);
  expect(await pidOf('other_node')).toBe('');
});

test('has nodes that outlive their launch and nodes that drop the lock', async () => {
  await setStack(robot, 'daemonic', { nodes: [{ name: 'daemon_node', outlivesLaunch: true }] });
  const daemonic = new Launch('daemonic');
  expect(await daemonic.code()).toBe(0);
  expect(await pidOf('daemon_node')).not.toBe('');
  expect(await daemonic.lockIsFree()).toBe(false);
  await setStack(robot, 'dropper', { nodes: [{ name: 'drop_node', dropsLock: true }] });
  const dropper = new Launch('dropper');
  await dropper.says('process started');
  dropper.signal('SIGKILL');
  expect(await dropper.code()).toBeNull(); // ended by the signal
  await robot.waitFor('the lock is free', () => dropper.lockIsFree());
  expect(await pidOf('drop_node')).not.toBe('');
  await robot.exec(['pkill', '-KILL', '-x', 'd(aemon|rop)_node']);
});

test('passes no SIGINT on when a terminal is its stdin and nobody said --noninteractive', async () => {
  await setStack(robot, 'tty', { nodes: [{ name: 'tty_node' }] });
  const spawn = "import pty; pty.spawn(['ros2', 'launch', 'a', 'b.launch.py', 'stack:=tty'])";
  const launch = new Launch('tty', `exec python3 -c "${spawn}"`);
  await robot.waitFor('the node', () => pidOf('tty_node'));
  const begun = performance.now();
  await robot.exec(['pkill', '-INT', '-x', 'ros2']);
  await launch.end();
  expect(performance.now() - begun).toBeGreaterThan(4_900);
  expect(launch.output).not.toContain("sending signal 'SIGINT'");
  expect(launch.output).toContain("sending signal 'SIGTERM' to process[tty_node-1]");
});

test('refuses what it does not know, as ros2 does', async () => {
  const unknown = new Launch('unheard_of');
  expect(await unknown.end()).toBe(1);
  expect(unknown.output).toContain("file 'b.launch.py' was not found in the share directory of package 'a'");
  expect(await new Launch('usage', 'exec ros2 topic list').code()).toBe(2);
  const empty = new Launch('empty', 'exec ros2 launch -n a b.launch.py map:=');
  expect(await empty.end()).toBe(1);
  expect(empty.output).toBe("malformed launch argument 'map:=', expected format '<name>:=<value>'\n");
  const between = new Launch('between', 'exec ros2 launch a b.launch.py --noninteractive stack:=nav');
  expect(await between.end()).toBe(2);
  expect(between.output).toBe('ros2: error: unrecognized arguments: stack:=nav\n');
});
