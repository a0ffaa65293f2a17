import { afterEach, beforeEach, expect, it } from 'vitest';
import { refusal, rig } from './rig.js';
import type { Rig } from './rig.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(async () => {
  expect(robot.log.faults()).toEqual([]);
  await robot[Symbol.asyncDispose]();
});

it('says what a switch would hit; confirmed it is done, and that once', async () => {
  const { client } = robot;
  const { stack: none } = await client.active();
  expect(none).toBeNull();
  await client.start('teleop');
  const impact = await client.impact({ command: 'switch', stack: 'nav' });
  const { stack: teleop } = await client.stack('teleop');
  expect(impact).toMatchObject({
    command: 'switch',
    stack: 'nav',
    confirm: true,
    text: 'stops teleop (running, 1 of 1 processes), then starts nav',
    affects: [
      { name: 'teleop', effect: 'stops', state: 'RUNNING', invocation_id: teleop.unit.invocation_id },
      { name: 'nav', effect: 'starts', state: 'STOPPED', invocation_id: null, processes: 0 },
    ],
  });
  expect((await client.switchTo('nav', { confirm: impact.token })).outcome).toBe('succeeded');
  const again = await refusal(client.switchTo('nav', { confirm: impact.token }));
  expect(again.code).toBe('situation-changed');
  expect(robot.conductor.snapshot().active).toBe('nav');
});

it('refuses with 409 and the new impact where another run would be stopped, and does nothing', async () => {
  const { client, model } = robot;
  await client.start('teleop');
  const { token } = await client.impact({ command: 'switch', stack: 'nav' });
  await client.restart('teleop');
  const sent = model.sent.length;
  const error = await refusal(client.switchTo('nav', { confirm: token }));
  expect(error).toMatchObject({
    code: 'situation-changed',
    message: expect.stringMatching(/nothing was done\. Now: stops teleop \(/) as string,
    context: { impact: { stack: 'nav', affects: [{ name: 'teleop' }, { name: 'nav' }] } },
  });
  expect(model.sent).toHaveLength(sent);
  const now = error.context['impact'] as { token: string };
  expect((await client.switchTo('nav', { confirm: now.token })).outcome).toBe('succeeded');
});

it('refuses a stop only for a token that no longer holds', async () => {
  const { client } = robot;
  await client.start('teleop');
  const { token } = await client.impact({ command: 'stop-all' });
  await client.restart('teleop');
  expect((await refusal(client.stopAll({ confirm: token }))).code).toBe('situation-changed');
  expect((await refusal(client.stop('teleop', { confirm: token }))).code).toBe('situation-changed');
  expect(robot.conductor.snapshot().active).toBe('teleop');
  expect((await client.stop('teleop')).outcome).toBe('succeeded');
});

it('cannot tell while systemd is away', async () => {
  robot.model.loseBus();
  expect((await refusal(robot.client.impact({ command: 'stop-all' }))).code).toBe('bus-unavailable');
});
