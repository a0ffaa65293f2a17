import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { keepJournal, missingHostTools, Robot, unexpectedWarnings } from '@rovi/testbed';

let robot: Robot;

beforeAll(async () => {
  robot = await Robot.boot({ name: 'journal' });
});
afterAll(() => robot.shutdown());

test('unexpected warnings are those of our units that nobody announced', async () => {
  const talk = 'echo "<4>a warning"; echo "<3>an error"; echo plain; exit 3';
  const unit = (line: string) => `[Service]\nExecStart=/bin/sh -c '${line}'\n`;
  await robot.writeFile('/run/systemd/system/rovi-talk.service', unit(talk));
  await robot.writeFile('/run/systemd/system/foreign.service', unit(talk));
  await robot.shell('systemctl daemon-reload; systemctl start rovi-talk foreign');
  const announced = [/an error/];
  await robot.waitFor('systemd says how it ended', async () =>
    (await unexpectedWarnings(robot)).some((line) => line.includes("Failed with result 'exit-code'")),
  );
  // systemd's line and the unit's own come to the journal by different ways.
  await expect
    .poll(async () => (await unexpectedWarnings(robot, { announced })).sort())
    .toEqual([
      'rovi-talk.service[4] sh: a warning',
      "rovi-talk.service[4] systemd: rovi-talk.service: Failed with result 'exit-code'.",
    ]);
});

test('a robot without a word of our units has no unexpected warnings', async () => {
  await using quiet = await Robot.boot({ name: 'quiet' });
  expect(await unexpectedWarnings(quiet)).toEqual([]);
});

test('a kept journal can be read when the robot is gone', async () => {
  const gone = await Robot.boot({ name: 'gone' });
  await gone.exec(['logger', 'remember me']);
  const folder = await keepJournal(gone, 'a test: with / odd characters');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await gone.shutdown();
  expect(folder).toMatch(/test-output\/a-test-with-odd-characters-gone-[0-9a-f]{6}$/);
  expect(readFileSync(join(folder, 'journal.txt'), 'utf8')).toContain('remember me');
  expect(existsSync(join(folder, 'processes.txt'))).toBe(true);
});

test('this machine has what robots need', () => {
  expect(missingHostTools()).toEqual([]);
});
