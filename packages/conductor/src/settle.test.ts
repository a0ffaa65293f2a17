import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';
import type { Behaviour } from './robot-model.js';
import { LATE_MS } from './robot-model.js';

const NAV = 'rovi-nav.service';

async function robot(options?: Parameters<typeof modelConductor>[1]) {
  const made = await modelConductor(['teleop', 'nav'], options);
  const navIs = (start: Behaviour['start']) => made.model.behaviours.set(NAV, { start, stopMs: 10 });
  return { ...made, navIs };
}

describe('a started stack', () => {
  it('must stay whole for a second before it counts as running', async () => {
    const { run, clock } = await robot();
    const { finished } = run('start', 'nav');
    let ended = false;
    void finished.then(() => (ended = true));
    await clock.advance(990);
    expect(ended).toBe(false);
    await clock.advance(100);
    expect(ended).toBe(true);
    const { steps, outcome } = await finished;
    expect(outcome).toBe('succeeded');
    expect(steps.map(({ text }) => text)).toEqual([`start ${NAV}`, 'wait for nav_node', 'watch nav for 1 s']);
    expect(steps.at(-1)?.duration_ms).toBe(1000);
  });

  it('is not watched where the catalog says 0', async () => {
    const { through, navIs } = await robot({ settle: 0 });
    navIs('crashes-late');
    const { outcome, steps } = await through('start', 'nav');
    expect(outcome).toBe('succeeded');
    expect(steps.map(({ text }) => text)).toEqual([`start ${NAV}`, 'wait for nav_node']);
  });

  it.each([
    ['whose launch dies', 'crashes-late', {}],
    ['whose launch ends for a process that has ended', 'goes-down', {}],
    ['of which no process is expected, and whose launch dies', 'crashes-late', { processes: false }],
  ] as const)('%s while it is watched has not started, and goes free', async (_, start, options) => {
    const { through, navIs, conductor } = await robot(options);
    navIs(start);
    const { problem, outcome } = await through('start', 'nav');
    expect(outcome).toBe('failed');
    expect(problem).toMatchObject({
      code: 'start-failed',
      message: 'nav came up, but ended within 1 s: killed by SIGKILL',
      context: { exit: { signal: 'SIGKILL' } },
    });
    expect(conductor.snapshot()).toMatchObject({ active: null });
  });

  it('that loses a process while its launch lives on is not whole, and is left for the operator', async () => {
    const { through, navIs, conductor } = await robot();
    navIs('loses-process');
    expect((await through('start', 'nav')).problem).toMatchObject({
      code: 'processes-missing',
      message: 'nav came up, but nav_node ended within 1 s',
      context: { missing: ['nav_node'] },
    });
    expect(conductor.snapshot()).toMatchObject({ active: 'nav' });
  });

  it.each(['crashes-late', 'goes-down', 'loses-process'] as const)(
    'that %s takes a switch back to the one before',
    async (start) => {
      const { through, navIs, model, conductor } = await robot();
      await through('start', 'teleop');
      navIs(start);
      expect((await through('switch', 'nav')).problem?.code).toBe('switch-rolled-back');
      expect(model.alive()).toEqual(['rovi-teleop.service']);
      expect(conductor.snapshot()).toMatchObject({ active: 'teleop' });
    },
  );

  it.each(['stop', 'stop-all'] as const)('is watched no longer when a %s comes', async (kind) => {
    const { run, through, clock, model, conductor } = await robot({ settle: 30 });
    await through('start', 'teleop');
    const change = run('switch', 'nav');
    await clock.advance(5_000);
    expect(change.operation.outcome).toBe('running');
    expect(conductor.snapshot().operation?.message).toBe('watch nav for 30 s');
    const stop = kind === 'stop' ? run('stop', 'nav') : run('stop-all');
    expect(model.sent).toContainEqual({ verb: 'stop', unit: NAV, at: clock.monotonic() });
    await clock.advance(100);
    expect((await change.finished).problem?.code).toBe('operation-cancelled');
    expect((await stop.finished).outcome).toBe('succeeded');
    expect(model.alive()).toEqual([]);
  });

  it.each([100, LATE_MS])(
    'that somebody stops past the conductor is not fought over, after %i ms',
    async (ms) => {
      const { run, through, clock, model, navIs } = await robot();
      await through('start', 'teleop');
      navIs(ms < LATE_MS ? 'lacks-process' : 'works');
      const change = run('switch', 'nav');
      await clock.advance(ms);
      expect(model.alive()).toEqual([NAV]);
      void model.systemctlStop(NAV);
      await clock.advance(60_000);
      const { problem } = await change.finished;
      expect(problem).toMatchObject({ code: 'start-cancelled', context: { from: 'teleop', to: 'nav' } });
      expect(problem?.message).toMatch(/; teleop is stopped and was not brought back$/);
      expect(model.alive()).toEqual([]);
    },
  );

  it('that somebody restarts past the conductor is theirs', async () => {
    const { run, clock, model } = await robot();
    const { finished } = run('start', 'nav');
    await clock.advance(LATE_MS);
    void model.systemctlStop(NAV);
    await clock.advance(20);
    void model.systemctlStart(NAV);
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('start-cancelled');
    expect(model.alive()).toEqual([NAV]);
  });

  it('stays started over a bus that is lost and comes back', async () => {
    const { run, clock, model } = await robot();
    const { finished } = run('start', 'nav');
    await clock.advance(LATE_MS);
    model.loseBus();
    await clock.advance(3_000);
    model.findBus();
    await clock.advance(60_000);
    expect(await finished).toMatchObject({ outcome: 'succeeded', message: 'nav running, 1 of 1 processes' });
  });

  it('is not said to be well where nobody could look', async () => {
    const { run, clock, model } = await robot();
    const { finished } = run('start', 'nav');
    await clock.advance(LATE_MS);
    model.loseBus();
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('bus-unavailable');
  });

  it('that ended while the bus was lost has not started', async () => {
    const { run, clock, model, navIs } = await robot();
    navIs('crashes-late');
    const { finished } = run('start', 'nav');
    await clock.advance(LATE_MS - 100);
    model.loseBus();
    await clock.advance(3_000);
    model.findBus();
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('start-failed');
  });
});
