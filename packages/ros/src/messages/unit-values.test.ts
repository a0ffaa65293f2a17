import type { UnitManagerEvent, UnitReading } from '@rovi/conductor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicNames } from '../face-spec.js';
import { modelledRobot } from '../modelled-robot.fixture.js';
import { lastWords } from './last-words.js';
import { sampleNav, sampleSnapshot, sampleStack, sampleUnit } from './sample-snapshot.fixture.js';
import { gatewayUnitWord, stackUnitWord, unitValues } from './unit-values.js';

const names = topicNames('/rovi');

describe('the single values', () => {
  it('are the unit’s state, and whether each process is there', () => {
    expect(Object.fromEntries(unitValues(sampleSnapshot(), names))).toEqual({
      '/rovi/units/gateway/state': { data: 'active' },
      '/rovi/units/teleop/state': { data: 'inactive' },
      '/rovi/units/nav/state': { data: 'active' },
      '/rovi/units/nav/processes/controller_server': { data: true },
      '/rovi/units/nav/processes/planner_server': { data: false },
    });
  });

  it('say true only of a process that was seen', () => {
    const expected = [{ name: 'controller_server', present: null, pid: null }];
    const snapshot = sampleSnapshot({ stacks: [{ ...sampleNav, expected }] });
    expect(unitValues(snapshot, names).get('/rovi/units/nav/processes/controller_server')).toEqual({
      data: false,
    });
  });

  it.each([
    ['STARTING', 'inactive', 'activating'],
    ['STARTING', 'activating', 'activating'],
    ['RUNNING', 'active', 'active'],
    ['RUNNING', 'reloading', 'reloading'],
    ['STOPPING', 'deactivating', 'deactivating'],
    ['STOPPING', 'inactive', 'deactivating'],
    ['FAILED', 'failed', 'failed'],
    ['STOPPED', 'inactive', 'inactive'],
    ['MAINTENANCE', 'inactive', 'inactive'],
    ['UNKNOWN', 'active', 'unknown'],
    ['UNKNOWN', 'inactive', 'unknown'],
    ['UNKNOWN', 'maintenance', 'unknown'],
  ] as const)('%s with ActiveState %s reads %s', (state, active_state, word) => {
    const unit = sampleUnit('rovi-nav.service', { active_state });
    expect(stackUnitWord(sampleStack('nav', { state, unit }))).toBe(word);
  });

  it('do not know the gateway’s state without systemd', () => {
    const gateway = sampleUnit('rovi-gateway.service', { active_state: 'active' });
    expect(gatewayUnitWord(gateway, true)).toBe('active');
    expect(gatewayUnitWord(gateway, false)).toBe('unknown');
    expect(gatewayUnitWord(null, true)).toBe('unknown');
  });

  it('are unknown, and no process is there, when the conductor has gone', () => {
    for (const [topic, { data }] of unitValues(lastWords(sampleSnapshot()), names)) {
      expect(data, topic).toBe(topic.includes('/processes/') ? false : 'unknown');
    }
  });
});

type Told =
  | { readonly what: 'unit'; readonly activeState: string; readonly job: 'start' | 'stop' | null }
  | { readonly what: 'processes'; readonly count: number }
  | { readonly what: 'connected' | 'disconnected' };

/** What systemd may tell of a unit, in any order, also one that it should not. */
const told: fc.Arbitrary<Told> = fc.oneof(
  fc.record({
    what: fc.constant('unit' as const),
    activeState: fc.constantFrom(
      'inactive',
      'inactive',
      'activating',
      'active',
      'deactivating',
      'failed',
      'odd',
    ),
    job: fc.constantFrom('start', 'stop', null, null),
  }),
  fc.record({ what: fc.constant('processes' as const), count: fc.nat(2) }),
  fc.record({ what: fc.constantFrom('connected' as const, 'disconnected' as const) }),
);

describe('the unit’s word, whatever systemd tells', () => {
  it('is never "inactive" while a process lives or a start is on its way, and "unknown" without a bus', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 3, maxLength: 15 }), async (telling) => {
        const { conductor, tell } = await puppetRobot();
        let truth = { connected: true, activeState: 'inactive', job: 'start' as string | null, count: 2 };
        for (const one of telling) {
          truth = apply(truth, one, tell);
          const snapshot = conductor.snapshot();
          const word = unitValues(snapshot, names).get('/rovi/units/nav/state')?.['data'];
          if (!truth.connected) expect(word).toBe('unknown');
          if (word === 'inactive') {
            expect(truth).toMatchObject({ activeState: 'inactive', count: 0 });
            expect(truth.job).not.toBe('start');
          }
          const present = unitValues(snapshot, names).get('/rovi/units/nav/processes/nav_node')?.['data'];
          if (present === true) expect(truth).toMatchObject({ connected: true });
          if (present === true) expect(truth.count).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

interface Truth {
  connected: boolean;
  activeState: string;
  job: string | null;
  count: number;
}

/** Tells the conductor this, and returns what is true from then on. */
function apply(truth: Truth, one: Told, tell: (event: UnitManagerEvent) => void): Truth {
  const unit = 'rovi-nav.service';
  switch (one.what) {
    case 'connected':
      tell({ kind: 'connected' });
      tellAll(truth, tell);
      return { ...truth, connected: true };
    case 'disconnected':
      tell({ kind: 'disconnected', error: 'gone' });
      return { ...truth, connected: false };
    case 'unit': {
      const now = { ...truth, activeState: one.activeState, job: one.job };
      if (truth.connected) tell({ kind: 'unit', reading: readingOf(now) });
      return now;
    }
    case 'processes': {
      const now = { ...truth, count: one.count };
      if (truth.connected) tell({ kind: 'processes', unit, processes: processesOf(now) });
      return now;
    }
  }
}

function tellAll(truth: Truth, tell: (event: UnitManagerEvent) => void): void {
  tell({ kind: 'unit', reading: readingOf(truth) });
  tell({ kind: 'processes', unit: 'rovi-nav.service', processes: processesOf(truth) });
}

const processesOf = ({ count }: Truth) =>
  Array.from({ length: count }, (_, index) => ({ pid: 10 + index, comm: 'nav_node', names: ['nav_node'] }));

const readingOf = ({ activeState, job }: Truth): UnitReading => ({
  unit: 'rovi-nav.service',
  loadState: 'loaded',
  activeState,
  subState: activeState,
  result: 'success',
  invocationId: null,
  mainPid: null,
  execMainCode: 0,
  execMainStatus: 0,
  stateChangedUs: null,
  stateChangedMonotonicUs: null,
  nRestarts: 0,
  conditionResult: true,
  controlGroup: '/system.slice/rovi-nav.service',
  job: job === null ? null : { id: 1, type: job },
});

/** The modelled robot, whose systemd says what it is told to say. */
async function puppetRobot() {
  let listener: (event: UnitManagerEvent) => void = () => undefined;
  const { conductor } = await modelledRobot((model) => {
    model.start = (_, tell) => {
      listener = tell;
      tell({ kind: 'connected' });
      tellAll({ connected: true, activeState: 'inactive', job: 'start', count: 2 }, tell);
      return Promise.resolve();
    };
  });
  return { conductor, tell: (event: UnitManagerEvent) => listener(event) };
}
