import type { Maintenance } from '@rovi/contract';
import { stackSchema } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProcessReading } from './ports/unit-manager.js';
import type { UnitKnowledge } from './stack-status.js';
import { holderOf, isAtRest, stackStateOf, stackStatusOf } from './stack-status.js';
import { activeReading, reading } from './unit-reading.fixture.js';

const entry = stackSchema.parse({
  description: 'Navigation',
  launch: { package: 'rovi_bringup', file: 'rovi.launch.py' },
  processes: ['controller_server', 'planner_server', 'bt_navigator'],
});

const processNamed = (name: string, pid: number): ProcessReading => ({
  pid,
  comm: name.slice(0, 15),
  names: [name],
});

type Known = Omit<UnitKnowledge, 'unbidden'> & Partial<UnitKnowledge>;

function status(known: Known | null, fresh = true, maintenance: Maintenance | null = null) {
  const knowledge = known === null ? null : { unbidden: false, ...known };
  return stackStatusOf({ name: 'nav', entry, knowledge, fresh, crashes: 0, maintenance, asOf: null });
}

describe('the state of a stack', () => {
  it.each([
    ['active', 'RUNNING'],
    ['reloading', 'RUNNING'],
    ['activating', 'STARTING'],
    ['deactivating', 'STOPPING'],
    ['inactive', 'STOPPED'],
    ['failed', 'FAILED'],
    ['maintenance', 'UNKNOWN'],
    ['a state of a later systemd', 'UNKNOWN'],
  ])('%s reads %s', (activeState, state) => {
    expect(stackStateOf({ reading: reading({ activeState }), processes: [], unbidden: false })).toBe(state);
  });

  it('is starting from its first process on, also where systemd has not said yet what its job is', () => {
    const processes = [processNamed('controller_server', 7)];
    const state = (mainPid: number | null, type: string): string =>
      stackStateOf({ reading: reading({ mainPid, job: { id: 3, type } }), processes, unbidden: false });
    expect([state(7, 'unknown'), state(null, 'unknown'), state(7, 'stop')]).toEqual([
      'STARTING',
      'STOPPING',
      'STOPPING',
    ]);
  });

  it('is not stopped while its cgroup still has processes', () => {
    const left = { reading: reading(), processes: [processNamed('controller_server', 7)] };
    expect(status(left)).toMatchObject({
      state: 'STOPPING',
      verdict: { level: 'error', text: 'unit inactive, but 1 process still alive' },
    });
  });

  it('counts the expected processes and names the missing ones', () => {
    const processes = [processNamed('controller_server', 11), processNamed('bt_navigator', 12)];
    expect(status({ reading: activeReading(), processes })).toMatchObject({
      state: 'RUNNING',
      verdict: { level: 'warn', text: 'running, 2 of 3 processes, planner_server missing' },
      expected: [
        { name: 'controller_server', present: true, pid: 11 },
        { name: 'planner_server', present: false, pid: null },
        { name: 'bt_navigator', present: true, pid: 12 },
      ],
    });
  });

  it('does not call a process missing before the cgroup was read', () => {
    expect(status({ reading: activeReading(), processes: null })).toMatchObject({
      verdict: { level: 'stale', text: 'running, processes not read yet' },
      expected: [{ present: null }, { present: null }, { present: null }],
    });
  });

  it('is UNKNOWN, with what was last seen, once the bus is lost', () => {
    const knowledge = { reading: activeReading(), processes: [processNamed('controller_server', 11)] };
    expect(status(knowledge, false)).toMatchObject({
      state: 'UNKNOWN',
      verdict: { level: 'stale', text: 'unknown: no connection to systemd, last seen running' },
      expected: [{ present: null }, { present: null }, { present: null }],
    });
    expect(status(null)).toMatchObject({ state: 'UNKNOWN', verdict: { level: 'stale' } });
  });

  it('tells why a failed stack ended and what is left of it', () => {
    const failed = reading({ activeState: 'failed', result: 'signal', execMainCode: 2, execMainStatus: 9 });
    expect(status({ reading: failed, processes: [] })).toMatchObject({
      state: 'FAILED',
      verdict: { level: 'error', text: 'failed: killed by SIGKILL' },
      failure: { result: 'signal', signal: 'SIGKILL', exit_status: null },
    });
    expect(status({ reading: failed, processes: [processNamed('camera', 3)] }).verdict.text).toBe(
      'failed: killed by SIGKILL; 1 process still alive',
    );
  });

  it('tells of a crash at once, while systemd still ends what is left', () => {
    const killed = { result: 'signal', execMainCode: 2, execMainStatus: 9 };
    const ending = reading({ activeState: 'deactivating', controlGroup: '/g', ...killed });
    const known = { reading: ending, processes: [processNamed('planner_server', 4)], unbidden: true };
    expect(status(known)).toMatchObject({
      state: 'STOPPING',
      verdict: {
        level: 'error',
        text: 'ended by itself: killed by SIGKILL; systemd cleans up, 1 process left',
      },
      failure: { signal: 'SIGKILL' },
    });
    expect(status({ ...known, unbidden: false })).toMatchObject({
      verdict: { level: 'warn' },
      failure: null,
    });
  });

  it('does not pass off as stopped what ended by itself', () => {
    const ended = reading({ execMainCode: 1 });
    expect(status({ reading: ended, processes: [], unbidden: true })).toMatchObject({
      state: 'STOPPED',
      verdict: { level: 'warn', text: 'ended by itself: exit code 0' },
    });
  });

  it('says that a unit is not installed rather than stopped', () => {
    expect(status({ reading: reading({ loadState: 'not-found' }), processes: [] }).verdict).toEqual({
      level: 'error',
      text: 'not installed',
    });
  });
});

const anyKnowledge = fc
  .record({
    activeState: fc.constantFrom(
      'active',
      'activating',
      'deactivating',
      'inactive',
      'failed',
      'reloading',
      'odd',
    ),
    processes: fc.option(fc.array(fc.integer({ min: 2, max: 99 }), { maxLength: 2 }), { nil: null }),
    job: fc.option(fc.constant({ id: 1, type: 'start' }), { nil: null }),
    controlGroup: fc.constantFrom('', '/system.slice/rovi-nav.service'),
  })
  .map(({ processes, ...change }): UnitKnowledge => ({
    reading: reading(change),
    processes: processes?.map((pid) => processNamed('node', pid)) ?? null,
    unbidden: false,
  }));

describe('never says that a stack is gone before it is', () => {
  it('shows STOPPED with an ok verdict only with no process, and rest only with no job either', () => {
    fc.assert(
      fc.property(anyKnowledge, (knowledge) => {
        const shown = status(knowledge);
        const alive = knowledge.processes?.length ?? (knowledge.reading.controlGroup === '' ? 0 : 1);
        if (shown.state === 'STOPPED') expect(alive).toBe(0);
        if (isAtRest(knowledge)) {
          expect(alive).toBe(0);
          expect(knowledge.reading.job).toBeNull();
          expect(['STOPPED', 'FAILED']).toContain(shown.state);
        }
      }),
    );
  });

  it('names a holder exactly when one stack is not at rest, and prefers what runs', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyKnowledge), (all) => {
        const known = new Map(Object.entries(all));
        const restless = [...known].filter(([, one]) => !isAtRest(one)).map(([name]) => name);
        const holder = holderOf(known);
        if (restless.length === 0) expect(holder).toBeNull();
        else expect(restless).toContain(holder);
        const running = [...known].filter(([, one]) => stackStateOf(one) === 'RUNNING').map(([name]) => name);
        if (running.length > 0) expect(running).toContain(holder);
      }),
    );
  });
});

describe('a stack in maintenance', () => {
  const maintenance: Maintenance = {
    target: 'nav',
    reason: 'new wheels',
    actor: { name: 'olga', face: 'cli', verified: true },
    since: '2026-03-01T10:00:00.000Z',
    until: '2026-03-01T12:00:00.000Z',
  };

  it('is as it should be while it is stopped, and says why and until when', () => {
    expect(status({ reading: reading(), processes: [] }, true, maintenance)).toMatchObject({
      state: 'MAINTENANCE',
      verdict: { level: 'ok', text: 'in maintenance: new wheels, until 2026-03-01T12:00:00.000Z' },
    });
  });

  it('is shown as what it is while anything else is to be said of it', () => {
    const shown = (known: Known, fresh = true) => status(known, fresh, maintenance).state;
    expect(shown({ reading: activeReading(), processes: [] })).toBe('RUNNING');
    expect(shown({ reading: reading({ activeState: 'failed' }), processes: [] })).toBe('FAILED');
    expect(shown({ reading: reading(), processes: [processNamed('planner_server', 3)] })).toBe('STOPPING');
    expect(shown({ reading: reading(), processes: [] }, false)).toBe('UNKNOWN');
    expect(shown({ reading: reading({ loadState: 'not-found' }), processes: [] })).toBe('STOPPED');
  });
});
