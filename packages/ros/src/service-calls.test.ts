import { snapshotSchema } from '@rovi/contract';
import type { RosMessage } from './ros-transport.js';
import { describe, expect, it } from 'vitest';
import { faceSpec } from './face-spec.js';
import { modelledRobot } from './modelled-robot.fixture.js';
import { ServiceCalls } from './service-calls.js';

async function served() {
  const robot = await modelledRobot();
  const calls = new ServiceCalls(robot.conductor, robot.policy);
  const call = (service: string, request: RosMessage = {}) => calls.answer(service, request);
  /** Calls, and lets time pass until the answer is there. */
  const through = async (service: string, request: RosMessage = {}): Promise<RosMessage> => {
    const answer = call(service, request);
    await robot.clock.advance(60_000);
    return answer;
  };
  return { ...robot, call, through };
}

const fails = { start: 'fails', stopMs: 10 } as const;

describe('a service call', () => {
  it('starts, switches and stops, and says so when it is done', async () => {
    const { through, conductor } = await served();
    expect(await through('/rovi/stacks/teleop/start')).toEqual({
      success: true,
      message: expect.stringMatching(/^succeeded: /) as string,
    });
    expect(conductor.snapshot().active).toBe('teleop');
    expect(await through('/rovi/stacks/nav/switch')).toMatchObject({ success: true });
    expect(conductor.snapshot().active).toBe('nav');
    expect(await through('/rovi/stacks/nav/stop')).toMatchObject({ success: true });
    expect(await through('/rovi/stop_all')).toMatchObject({ success: true });
    expect(conductor.snapshot().active).toBeNull();
    expect(conductor.operations().map(({ kind, actor }) => [kind, actor])).toEqual(
      ['stop-all', 'stop', 'switch', 'start'].map((kind) => [
        kind,
        { name: 'ros', face: 'ros', verified: false },
      ]),
    );
  });

  it('does not answer before the operation has ended', async () => {
    const { call, clock } = await served();
    let answered = false;
    const answer = call('/rovi/stacks/nav/start').then((response) => ((answered = true), response));
    await clock.advance(3);
    expect(answered).toBe(false);
    await clock.advance(60_000);
    expect(await answer).toMatchObject({ success: true });
  });

  it('fails with the code of what went wrong', async () => {
    const { through, model } = await served();
    model.behaviours.set('rovi-nav.service', fails);
    expect(await through('/rovi/stacks/nav/start')).toEqual({
      success: false,
      message: expect.stringMatching(/^start-failed: /) as string,
    });
    expect(await through('/rovi/start_stack', { stack: 'nav', reason: '' })).toMatchObject({
      success: false,
      code: 'start-failed',
      operation_id: expect.stringMatching(/./) as string,
    });
  });

  it('is refused at once while another stack holds the robot', async () => {
    const { through, call } = await served();
    await through('/rovi/stacks/teleop/start');
    expect(await call('/rovi/stacks/nav/start')).toMatchObject({
      success: false,
      message: expect.stringMatching(/^stack-busy: .*teleop/) as string,
    });
    expect(await call('/rovi/start_stack', { stack: 'nav', reason: '' })).toMatchObject({
      success: false,
      code: 'stack-busy',
      operation_id: '',
    });
  });

  it('of a stop gets through while a start is on its way', async () => {
    const { call, through, model } = await served();
    model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 10 });
    const start = call('/rovi/stacks/nav/start');
    expect(await through('/rovi/stacks/nav/stop')).toMatchObject({ success: true });
    expect(await start).toMatchObject({
      success: false,
      message: expect.stringMatching(/^operation-cancelled: /) as string,
    });
  });

  it('without systemd fails and says why', async () => {
    const { call, model } = await served();
    model.loseBus();
    expect(await call('/rovi/stacks/nav/start')).toMatchObject({
      success: false,
      message: expect.stringMatching(/^bus-unavailable: /) as string,
    });
  });

  it.each([
    ['no stack', {}, 'bad-request'],
    ['an empty name', { stack: '', reason: '' }, 'bad-request'],
    ['no text', { stack: 7, reason: '' }, 'bad-request'],
    ['a stack that is not there', { stack: 'nowhere', reason: '' }, 'stack-unknown'],
    ['a hostile name', { stack: '../nav.service', reason: '' }, 'stack-unknown'],
    ['a name of every object', { stack: '__proto__', reason: '' }, 'stack-unknown'],
  ])('with %s is refused', async (_, request, code) => {
    const { call, model } = await served();
    for (const service of ['start_stack', 'stop_stack', 'switch_stack']) {
      expect(await call(`/rovi/${service}`, request)).toMatchObject({ success: false, code });
    }
    expect(model.sent).toEqual([]);
  });

  it('of a service that is not offered is refused', async () => {
    const { call } = await served();
    expect(await call('/rovi/stacks/nowhere/start')).toMatchObject({
      success: false,
      message: expect.stringMatching(/^not-found: /) as string,
    });
  });

  it('keeps the reason, cut to what a record takes', async () => {
    const { through, conductor } = await served();
    await through('/rovi/start_stack', { stack: 'nav', reason: 'r'.repeat(600) });
    await through('/rovi/stop_all_stacks', { reason: 'enough' });
    await through('/rovi/stop_all_stacks', { reason: 7 });
    expect(conductor.operations().map(({ reason }) => reason)).toEqual(['', 'enough', 'r'.repeat(500)]);
  });

  it('of get_state answers at once with the whole snapshot', async () => {
    const { call, conductor } = await served();
    const { success, message } = await call('/rovi/get_state');
    expect(success).toBe(true);
    const snapshot = snapshotSchema.parse(JSON.parse(message as string));
    expect(snapshot).toMatchObject({ boot_id: conductor.snapshot().boot_id, seq: conductor.snapshot().seq });
    const typed = await call('/rovi/get_stack_states');
    expect(snapshotSchema.parse(JSON.parse(typed['json'] as string))).toMatchObject({ seq: snapshot.seq });
    expect(typed['state']).toMatchObject({ known: true, active: '' });
  });

  it('is answered for every service that the face offers', async () => {
    const { call, policy, clock } = await served();
    for (const { name, type } of faceSpec(policy).services) {
      const answer = call(name, { stack: 'nav', reason: '' });
      await clock.advance(60_000);
      const response = await answer;
      if (type === 'rovi_interfaces/srv/GetState') expect(response).toHaveProperty('json');
      else expect(response['success'], name).toBeTypeOf('boolean');
      expect(JSON.stringify(response), name).not.toMatch(/not-found|bad-request|internal/);
    }
  });
});
