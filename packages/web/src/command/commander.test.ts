import { ApiClient } from '@rovi/client/browser';
import type { Transport, TransportRequest } from '@rovi/client/browser';
import type { Impact } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { Commander } from './commander.js';

const AT = '2026-11-21T09:30:00.000Z';

function impact(token: string, confirm: boolean): Impact {
  return {
    command: 'switch',
    stack: 'nav',
    service: null,
    waves: [],
    at: AT,
    affects: [],
    confirm,
    beyond: [],
    refusal: null,
    text: 'stops teleop',
    token,
  };
}

const operation = {
  id: 'op-1',
  kind: 'switch',
  stack: 'nav',
  service: null,
  from: null,
  actor: { name: 'ann', face: 'web', verified: false },
  reason: '',
  outcome: 'running',
  changed: false,
  message: '',
  problem: null,
  warnings: [],
  steps: [],
  started_at: AT,
  ended_at: null,
  duration_ms: null,
};

const changed = { status: 409, body: { code: 'situation-changed', detail: 'changed' } };
const taken = { status: 202, body: operation };

/** A commander whose requests are answered in this order, and what it asked. */
function rig(...answers: { status: number; body: unknown }[]) {
  const asked: string[] = [];
  const transport: Transport = {
    call: (request: TransportRequest) => {
      asked.push(`${request.method} ${request.path} ${request.body ?? ''}`.trim());
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`nobody answers ${request.path}`);
      return Promise.resolve({ status: answer.status, body: JSON.stringify(answer.body) });
    },
    stream: () => Promise.reject(new Error('nobody streams')),
  };
  const commander = new Commander(new ApiClient({ transport, face: 'web' }));
  return { commander, asked, state: () => commander.store.getState() };
}

const IMPACT = 'GET /api/impact?command=switch&stack=nav';
const WISH = { kind: 'switch', stack: 'nav' } as const;

describe('Commander', () => {
  it('sends at once what hits its target only, for exactly the situation it was computed for', async () => {
    const { commander, asked, state } = rig({ status: 200, body: impact('t1', false) }, taken);
    await commander.wish(WISH);
    expect(asked).toEqual([IMPACT, 'POST /api/stacks/nav/switch {"confirm":"t1"}']);
    expect(state()).toMatchObject({ question: null, refusal: null, sending: [] });
  });

  it('asks before what hits more, and sends nothing that was cancelled', async () => {
    const { commander, asked, state } = rig({ status: 200, body: impact('t1', true) });
    await commander.wish(WISH);
    expect(state().question).toMatchObject({ changed: false, impact: { token: 't1' } });
    commander.cancel();
    expect(state().question).toBeNull();
    await commander.confirm();
    expect(asked).toEqual([IMPACT]);
  });

  it('asks again with the new situation where it changed, and sends that one', async () => {
    const { commander, asked, state } = rig(
      { status: 200, body: impact('t1', true) },
      changed,
      { status: 200, body: impact('t2', true) },
      taken,
    );
    await commander.wish(WISH);
    await commander.confirm();
    expect(state().question).toMatchObject({ changed: true, impact: { token: 't2' } });
    await commander.confirm();
    expect(asked.at(-1)).toBe('POST /api/stacks/nav/switch {"confirm":"t2"}');
    expect(state().question).toBeNull();
  });

  it('asks where a command that needed no question would by now hit something else', async () => {
    const { commander, state } = rig({ status: 200, body: impact('t1', false) }, changed, {
      status: 200,
      body: impact('t2', false),
    });
    await commander.wish(WISH);
    expect(state().question).toMatchObject({ changed: true, impact: { token: 't2' } });
  });

  it('asks nothing before a stop, and sends each one', async () => {
    const { commander, asked } = rig(taken, taken, taken);
    await Promise.all([
      commander.wish({ kind: 'stop-all', stack: null }),
      commander.wish({ kind: 'stop-all', stack: null }),
      commander.wish({ kind: 'stop', stack: 'nav' }),
    ]);
    expect(asked).toEqual(['POST /api/stop-all {}', 'POST /api/stop-all {}', 'POST /api/stacks/nav/stop {}']);
  });

  it('asks before a stop of a service that others need, and sends it for exactly that list', async () => {
    const { commander, asked, state } = rig({ status: 200, body: impact('t1', true) }, taken);
    await commander.wish({ kind: 'stop', service: 'bus' });
    expect(state().question).toMatchObject({ impact: { token: 't1' } });
    await commander.confirm();
    expect(asked).toEqual([
      'GET /api/impact?command=stop&service=bus',
      'POST /api/services/stop/bus {"confirm":"t1"}',
    ]);
    expect(state()).toMatchObject({ question: null, refusal: null });
  });

  it('sends the commands of a service to it, each with what it needs', async () => {
    const nobody = { status: 200, body: impact('t', false) };
    const { commander, asked } = rig(nobody, taken, nobody, taken, nobody, taken, nobody, taken);
    await commander.wish({ kind: 'start', service: 'api' });
    await commander.wish({ kind: 'restart', service: 'api' });
    await commander.wish({ kind: 'rolling-restart', service: 'api' });
    await commander.wish({ kind: 'scale', service: 'api', instances: 3 });
    expect(asked.filter((one) => one.startsWith('POST'))).toEqual([
      'POST /api/services/start/api {"confirm":"t"}',
      'POST /api/services/restart/api {"confirm":"t"}',
      'POST /api/services/restart/api {"confirm":"t","rolling":true}',
      'POST /api/services/scale/api {"confirm":"t","instances":3}',
    ]);
    expect(asked).toContain('GET /api/impact?command=scale&service=api&instances=3');
  });

  it('keeps why a command was not taken until it is dismissed', async () => {
    const body = { code: 'stack-busy', detail: 'teleop holds the robot', mend: 'Use switch.' };
    const { commander, state } = rig({ status: 409, body });
    await commander.wish({ kind: 'stop', stack: 'nav' });
    expect(state().refusal).toMatchObject({
      wish: { kind: 'stop', stack: 'nav' },
      problem: { code: 'stack-busy', message: 'teleop holds the robot', mend: 'Use switch.' },
    });
    expect(state().sending).toEqual([]);
    commander.dismiss();
    expect(state().refusal).toBeNull();
  });
});
