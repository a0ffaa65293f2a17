import { afterEach, beforeEach, expect, it } from 'vitest';
import { rig, until, type Rig } from '../api/rig.js';
import { rovictl } from './rovictl.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(() => robot[Symbol.asyncDispose]());

const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });

it('says so where nothing has happened', async () => {
  const { code, stdout } = await run('timeline');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^nothing has changed since the gateway started at /);
});

it('lists what was commanded and what was not, newest first', async () => {
  await robot.client.start('nav');
  robot.model.crash('rovi-nav.service');
  await until('nav to have failed', () =>
    robot.conductor.snapshot().stacks.some(({ state }) => state === 'FAILED'),
  );
  const { stdout } = await run('timeline');
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[1]).toMatch(/^✗ +\S+ +nav +STOPPING → FAILED +failed: killed by SIGKILL +nobody$/);
  expect(lines[3]).toMatch(/^● +\S+ +nav +STARTING → RUNNING +running.* +start nav by tester$/);
  expect((await run('timeline', '-n', '1')).stdout.trimEnd().split('\n')).toHaveLength(2);
});

it('prints all of it with --json', async () => {
  const { id } = await robot.client.start('nav');
  const { stdout } = await run('timeline', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    boot_id: robot.conductor.snapshot().boot_id,
    transitions: [
      { name: 'nav', from: 'STARTING', to: 'RUNNING', operation: id },
      { name: 'nav', from: 'STOPPED', to: 'STARTING', operation: id },
    ],
    operations: [{ id }],
  });
});

it('refuses a number that is none', async () => {
  expect((await run('timeline', '-n', '0')).code).toBe(2);
});
