import { RoviError } from '@rovi/contract';
import type { Estop } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { sampleDesk } from '../tickets/sample-ticket.fixture.js';
import { EstopSwitch, estopOf, LATE_MS } from './estop-switch.js';

const AT = '2026-11-21T09:30:00.000Z';
const free: Estop = { active: false, since: null, actor: null, reason: '', stored: true };
const active: Estop = { ...free, active: true, since: AT };
const silent = new RoviError('gateway-unreachable', 'the gateway did not answer within 8 s');

/** A switch whose requests are answered by the test, and time that passes when it says so. */
function rig({ live = true, desk = sampleDesk() } = {}) {
  const sent: { what: string; answer: (estop: Estop) => void; refuse: (error: RoviError) => void }[] = [];
  const timers = new Set<{ ms: number; run: () => void }>();
  const call = (what: string) => () =>
    new Promise<Estop>((answer, refuse) => void sent.push({ what, answer, refuse }));
  const estop = new EstopSwitch({
    calls: { estop: call('estop'), resetEstop: call('reset') },
    clock: {
      after: (ms, run) => {
        const timer = { ms, run };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    isLive: () => live,
    desk: () => desk,
  });
  const nth = (index: number) => {
    const one = sent[index];
    if (one === undefined) throw new Error(`only ${String(sent.length)} were sent`);
    return one;
  };
  return {
    estop,
    sent,
    nth,
    timers,
    state: () => estop.store.getState(),
    pass: () => {
      for (const timer of timers) if (timer.ms <= LATE_MS) timer.run();
    },
  };
}

describe('EstopSwitch', () => {
  it('sends each press in the same turn, whatever else is under way', () => {
    const { estop, sent, state } = rig();
    void estop.reset();
    void estop.press();
    void estop.press();
    expect(sent.map(({ what }) => what)).toEqual(['reset', 'estop', 'estop']);
    expect(state()).toMatchObject({ sending: 2, late: false, problem: null });
  });

  it('claims nothing before the robot has answered, and then what it said', async () => {
    const { estop, nth, state, timers } = rig();
    const pressed = estop.press();
    expect(state().answer).toBeNull();
    nth(0).answer(active);
    await pressed;
    expect(state()).toMatchObject({ sending: 0, late: false, answer: { estop: active } });
    expect(timers.size).toBe(0);
  });

  it('says that there is no answer after a second, and at once where the link is lost', async () => {
    const late = rig();
    const pressed = late.estop.press();
    late.pass();
    expect(late.state().late).toBe(true);
    late.nth(0).answer(active);
    await pressed;
    expect(late.state().late).toBe(false);

    const lost = rig({ live: false });
    void lost.estop.press();
    expect(lost.sent).toHaveLength(1);
    expect(lost.state().late).toBe(true);
  });

  it('keeps why it was not taken, until it is taken or read', async () => {
    const { estop, nth, state } = rig();
    const first = estop.press();
    nth(0).refuse(silent);
    await first;
    expect(state()).toMatchObject({ problem: { code: 'gateway-unreachable' }, answer: null, sending: 0 });
    const second = estop.press();
    expect(state().problem).toBeNull();
    nth(1).answer(active);
    await second;
    expect(state()).toMatchObject({ problem: null, answer: { estop: active } });
  });

  it('a press that was lost does not hide that a later one was taken', async () => {
    const { estop, nth, state } = rig();
    const presses = [estop.press(), estop.press()];
    nth(1).answer(active);
    await presses[1];
    nth(0).refuse(silent);
    await presses[0];
    expect(state()).toMatchObject({ problem: null, sending: 0, late: false });
  });

  it('a press takes back the question about the reset, and the answer of a reset before it', async () => {
    const { estop, nth, state } = rig();
    estop.ask();
    const reset = estop.reset();
    const pressed = estop.press();
    expect(state().asked).toBe(false);
    nth(1).answer(active);
    await pressed;
    nth(0).answer(free);
    await reset;
    expect(state().answer?.estop).toBe(active);
  });

  it('the question stays open, with why, where the reset was not taken', async () => {
    const { estop, nth, state } = rig();
    estop.ask();
    const reset = estop.reset();
    expect(state().resetting).toBe(true);
    nth(0).refuse(new RoviError('state-unwritable', 'no room'));
    await reset;
    expect(state()).toMatchObject({
      asked: true,
      resetting: false,
      resetProblem: { code: 'state-unwritable' },
    });
  });
});

describe('estopOf', () => {
  const desk = sampleDesk({ estop: active });

  it('is what was heard', () => {
    expect(estopOf(desk, null)).toBe(active);
    expect(estopOf(null, null)).toBeNull();
  });

  it('is the answer as long as nothing was heard after it', () => {
    expect(estopOf(desk, { estop: free, desk })).toBe(free);
    expect(estopOf(sampleDesk({ estop: active }), { estop: free, desk })).toBe(active);
    expect(estopOf(null, { estop: active, desk: null })).toBe(active);
  });
});
