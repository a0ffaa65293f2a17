import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';

describe('the audit', () => {
  it('has a command when it is accepted, before anything is done, and when it has ended', async () => {
    const { run, clock, audit, model } = await modelConductor(['nav']);
    const { operation } = run('start', 'nav');
    expect(audit).toEqual([
      expect.objectContaining({
        decision: 'accepted',
        command: 'start',
        target: 'nav',
        operation: operation.id,
        outcome: 'running',
        code: null,
        actor: { name: 'tester', face: 'cli', verified: false },
        origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
      }),
    ]);
    await clock.advance(60_000);
    expect(model.alive()).toEqual(['rovi-nav.service']);
    expect(audit).toHaveLength(2);
    expect(audit[1]).toMatchObject({ decision: 'ended', outcome: 'succeeded', operation: operation.id });
  });

  it('has what was refused, with its code', async () => {
    const { run, through, audit } = await modelConductor(['nav', 'teleop']);
    await through('start', 'teleop');
    audit.length = 0;
    expect(() => run('start', 'nav')).toThrow(/teleop/);
    expect(() => run('start', 'nowhere')).toThrow(/nowhere/);
    expect(audit).toEqual([
      expect.objectContaining({ decision: 'refused', target: 'nav', code: 'stack-busy', operation: null }),
      expect.objectContaining({ decision: 'refused', target: 'nowhere', code: 'stack-unknown' }),
    ]);
  });

  it('has what failed, and each of two who asked for the same', async () => {
    const { run, clock, audit, model } = await modelConductor(['nav']);
    model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 10 });
    run('start', 'nav');
    run('start', 'nav');
    await clock.advance(60_000);
    expect(audit.map(({ decision, code }) => [decision, code])).toEqual([
      ['accepted', null],
      ['accepted', null],
      ['ended', 'start-failed'],
      ['ended', 'start-failed'],
    ]);
  });
});
