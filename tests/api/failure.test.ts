import { afterEach, beforeEach, expect, it } from 'vitest';
import { rovictl } from '../cli/rovictl.js';
import { refusal, rig, until } from './rig.js';
import type { Rig } from './rig.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(async () => {
  expect(robot.log.faults()).toEqual([]);
  await robot[Symbol.asyncDispose]();
});

const navState = () => robot.conductor.snapshot().stacks.find(({ name }) => name === 'nav')?.state;

/** nav runs, says what it has to say, and is killed. */
async function crash(...said: string[]): Promise<string> {
  await robot.client.start('nav');
  const invocation_id = robot.model.reading('rovi-nav.service').invocationId;
  for (const message of said) robot.journal.append('rovi-nav.service', message, { invocation_id });
  robot.model.crash('rovi-nav.service');
  await until('nav to have failed', () => navState() === 'FAILED');
  return invocation_id ?? '';
}

it('explains a crash: cause, lines of that run alone, what to do', async () => {
  robot.journal.append('rovi-nav.service', 'of an earlier run', { invocation_id: 'f'.repeat(32) });
  const said = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const invocation = await crash(...said);
  expect(await robot.client.failure('nav')).toMatchObject({
    stack: 'nav',
    unit: 'rovi-nav.service',
    invocation_id: invocation,
    cause: { signal: 'SIGKILL', text: 'killed by SIGKILL' },
    lines: said.slice(-40).map((message) => ({ message })),
    lines_error: null,
    mend: expect.arrayContaining([expect.stringContaining('out of memory')]) as string[],
  });
});

it('explains it also where the journal cannot be read, and says so', async () => {
  await crash('a line');
  robot.journal.broken = true;
  expect(await robot.client.failure('nav')).toMatchObject({
    cause: { signal: 'SIGKILL' },
    lines: [],
    lines_error: 'the journal is gone',
  });
});

it('has nothing to explain of what runs, was stopped or never ran', async () => {
  expect(await refusal(robot.client.failure('nav'))).toMatchObject({
    code: 'not-found',
    message: 'nav has no failure to explain: stopped',
  });
  await robot.client.start('nav');
  expect((await refusal(robot.client.failure('nav'))).message).toMatch(/: running, 1 of 1 processes$/);
  await robot.client.stop('nav');
  expect((await refusal(robot.client.failure('nav'))).code).toBe('not-found');
  expect((await refusal(robot.client.failure('nowhere'))).code).toBe('stack-unknown');
  robot.model.loseBus();
  expect((await refusal(robot.client.failure('nav'))).code).toBe('bus-unavailable');
});

it('is told by rovictl stack why', async () => {
  await crash("[ERROR] [nav_node-1]: process has died [pid 7, exit code -11, cmd 'x'].");
  const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });
  const { code, stdout } = await run('stack', 'why', 'nav');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✗ nav ended: killed by SIGKILL\n/);
  expect(stdout).toMatch(/│ .*process has died/);
  expect(stdout).toMatch(/what to do:\n {2}1\. nav_node died first, of SIGSEGV/);
  expect(JSON.parse((await run('stack', 'why', 'nav', '--json')).stdout)).toMatchObject({ stack: 'nav' });
  expect(await run('stack', 'why', 'teleop')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('[not-found]') as string,
  });
});
