import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR } from '../installed-robot.js';
import { fiveStacks, NODES, STACKS, unitOf } from './five-stacks.js';
import { ExclusivityWatcher } from './watcher.js';

// For as long camera waits for the lock, and within that it has to be seen waiting, and joined.
const installed = new InstalledRobot('contention', { catalog: fiveStacks({ lockWait: 6, stop: 20 }) });
const CAMERA = unitOf('camera');
let watcher: ExclusivityWatcher;

beforeAll(async () => {
  watcher = await ExclusivityWatcher.start(installed.robot, NODES);
});
afterEach(async () => {
  await installed.systemctl(['stop', 'squatter']);
  await installed.api.stopAll();
});
afterAll(async () => {
  await watcher.end();
});

/** A stranger takes the lock; an operator's start of camera waits for it. */
async function cameraWaits(): Promise<void> {
  await installed.squat();
  await installed.systemctl(['start', '--no-block', CAMERA], { user: OPERATOR });
  await installed.waitForStack('camera', 'seen waiting', ({ state }) => state === 'STARTING');
}

test('ten starts by ten clients and systemctl at the same instant: one stack runs, and the conductor knows which', async () => {
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.allSettled([
      ...STACKS.map((stack) => installed.api.start(stack)),
      ...STACKS.map((stack) => installed.systemctl(['start', unitOf(stack)], { user: OPERATOR })),
    ]);
    expect(answers).toHaveLength(10);
    const { active } = await installed.robot.waitFor('rest', async () => {
      const state = await installed.api.state();
      const moving = state.stacks.some(
        ({ unit, state: now }) => unit.job !== null || (now.endsWith('ING') && now !== 'RUNNING'),
      );
      return state.known && state.operation === null && !moving ? state : null;
    });
    const running: string[] = [];
    for (const stack of STACKS) {
      if ((await installed.property(unitOf(stack), 'ActiveState')) === 'active') running.push(stack);
    }
    expect(running).toEqual([active]);
    await installed.api.stopAll();
  }
});

test('a start that joins an operator’s, which then loses: the lock is named as the cause, nothing else', async () => {
  await cameraWaits();
  const failure = await failureOf(installed.api.start('camera'));
  expect(failure).toMatchObject({ code: 'lock-lost', context: { exit: { exit_status: 75 } } });
  expect(failure.message).toContain('squatter.service');
});

test('a start that joins an operator’s, which then wins', async () => {
  await cameraWaits();
  const starting = installed.api.start('camera');
  await installed.systemctl(['stop', 'squatter']);
  expect(await starting).toMatchObject({ outcome: 'succeeded' });
});

test('in all this no two stacks were alive together', () => {
  expect(watcher.overlaps).toEqual([]);
});

installed.expectNoWarningsBut(
  /^rovi-\w+\.service\[3\] systemd: Failed to start rovi-\w+\.service/,
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: Failed with result 'exit-code'\.$/,
);
