import { expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { fiveStacks, NODES } from './five-stacks.js';
import { ExclusivityWatcher } from './watcher.js';

// The proof that the watcher of the other stories can fail: here, stacks are run together on purpose.
const installed = new InstalledRobot('watcher', { catalog: fiveStacks({ lockWait: 1, stop: 20 }) });
const launch = (stack: string) => [
  '/opt/ros/jazzy/bin/ros2',
  'launch',
  '--noninteractive',
  'x',
  'x.launch.py',
  `stack:=${stack}`,
];

test('a second launch around the lock is reported, with the processes of both', async () => {
  const watcher = await ExclusivityWatcher.start(installed.robot, NODES);
  await installed.api.start('nav');
  expect(watcher.overlaps).toEqual([]);
  const second = installed.robot.spawn(launch('camera'), { user: 'rovi' });
  const overlap = await watcher.overlapOf(['camera', 'nav']);
  expect(new Set(overlap.processes.map(({ stack }) => stack))).toEqual(new Set(['camera', 'nav']));
  // When its last node is there it hears the signal.
  await installed.robot.waitFor('its nodes', () => installed.robot.exec(['pgrep', '-x', 'camera_b']));
  second.kill('SIGINT');
  await installed.api.stop('nav');
  const summary = await watcher.end();
  expect(summary.seen['nav']).toBeGreaterThan(0);
  expect(summary.seen['camera']).toBeGreaterThan(0);
});

test('an orphan beside a running stack is reported though no launch has it', async () => {
  const { robot } = installed;
  await robot.shell('ln -sf /usr/bin/sleep /usr/local/bin/teleop_a');
  const orphan = robot.spawn(['/usr/local/bin/teleop_a', 'infinity'], { user: 'rovi' });
  const watcher = await ExclusivityWatcher.start(robot, NODES);
  await installed.api.start('nav');
  const { processes } = await watcher.overlapOf(['nav', 'teleop']);
  expect(processes.filter(({ stack }) => stack === 'teleop').map(({ name }) => name)).toEqual(['teleop_a']);
  orphan.kill('SIGTERM');
  await installed.api.stop('nav');
  await watcher.end();
});

test('twenty overlaps of 60 ms, each by other processes: none is missed', async () => {
  const { robot } = installed;
  const seen: number[] = [];
  // The best of three: a machine that gives a program no turn for 60 ms is not the watcher's.
  for (let round = 0; round < 3 && seen.at(-1) !== 20; round += 1) {
    const watcher = await ExclusivityWatcher.start(robot, NODES);
    await installed.api.start('nav');
    // From when it is what it is called: on a busy machine a program may take longer than that to begin.
    await robot.shell(
      `for i in {1..20}; do
         /usr/local/bin/teleop_a infinity & one=$!
         until grep -qx teleop_a /proc/$one/comm; do :; done
         sleep 0.06; kill -KILL $one; wait $one
       done; true`,
    );
    await installed.api.stop('nav');
    await watcher.end();
    const pids = watcher.overlaps.flatMap(({ processes }) =>
      processes.filter(({ stack }) => stack === 'teleop').map(({ pid }) => pid),
    );
    seen.push(new Set(pids).size);
  }
  expect(Math.max(...seen)).toBe(20);
});

test('one stack after the other, back to back, is no overlap', async () => {
  const watcher = await ExclusivityWatcher.start(installed.robot, NODES);
  await installed.api.start('nav');
  for (const stack of ['camera', 'teleop', 'nav', 'camera']) await installed.api.switchTo(stack);
  await installed.api.stopAll();
  expect(watcher.overlaps).toEqual([]);
  const summary = await watcher.end();
  expect(summary.turns).toBeGreaterThanOrEqual(5);
  expect(watcher.turns).toBe(summary.turns);
  for (const stack of ['nav', 'camera', 'teleop']) expect(summary.seen[stack], stack).toBeGreaterThan(0);
});

installed.expectNoWarningsBut();
