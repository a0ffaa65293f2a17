import type { Operation, StackState, Timeline, ToldIncident, Transition } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commanders, filtered, happenings } from './happenings.js';
import { clustered, isCrash, knownSince, lanesOf } from './lanes.js';

const moment = (second: number): string => new Date(second * 1000).toISOString();

const change = (
  second: number,
  from: StackState,
  to: StackState,
  over: Partial<Transition> = {},
): Transition => ({
  seq: second,
  at: moment(second),
  name: 'nav',
  unit: 'rovi-nav.service',
  from,
  to,
  level: 'ok',
  text: '',
  invocation_id: 'a',
  failure: null,
  operation: 'op-1',
  ...over,
});
const operation = (over: Partial<Operation> = {}): Operation => ({
  id: 'op-1',
  kind: 'start',
  stack: 'nav',
  service: null,
  from: null,
  actor: { name: 'ann', face: 'web', verified: true },
  reason: 'test drive',
  outcome: 'succeeded',
  changed: true,
  message: 'nav running',
  problem: null,
  warnings: [],
  steps: [],
  started_at: moment(10),
  ended_at: moment(12),
  duration_ms: 1_200,
  ...over,
});
const timeline = (
  transitions: Transition[],
  operations: Operation[] = [],
  incidents: ToldIncident[] = [],
): Timeline => ({
  boot_id: 'b',
  since: moment(0),
  at: moment(100),
  transitions: transitions.toReversed(),
  operations: operations.toReversed(),
  incidents: incidents.toReversed(),
});
const crash = change(30, 'RUNNING', 'FAILED', {
  operation: null,
  failure: { result: 'signal', exit_status: null, signal: 'SIGKILL', text: 'killed by SIGKILL' },
});

const incident = (instance: number | null): ToldIncident => ({
  seq: 40,
  at: moment(40),
  incident: {
    type: 'crash_loop_detected',
    service: 'api',
    instance,
    text: 'exit code 3 five times',
    data: {},
  },
});

describe('services on the timeline', () => {
  it('have incidents in the list, under the instance where there are several', () => {
    const [told] = happenings(timeline([], [], [incident(2)]), ['api@1', 'api@2']);
    expect(told).toMatchObject({
      unit: 'api@2',
      what: 'Crash loop detected',
      why: 'Exit code 3 five times.',
      kind: 'incident',
      failed: true,
    });
    expect(happenings(timeline([], [], [incident(1)]), ['api'])[0]?.unit).toBe('api');
    expect(
      filtered(happenings(timeline([], [], [incident(2)]), ['api@2']), {
        unit: 'api',
        who: null,
        failuresOnly: true,
      }),
    ).toHaveLength(1);
  });

  it('keep a lane for an instance that is at rest by now', () => {
    const changes = [
      change(10, 'STOPPED', 'RUNNING', { name: 'api@2' }),
      change(20, 'RUNNING', 'STOPPED', { name: 'api@2' }),
    ];
    const lanes = lanesOf(timeline(changes), new Map([['api@1', 'RUNNING']]), 60_000);
    expect(lanes.map(({ name, spans }) => [name, spans.map(({ state }) => state)])).toEqual([
      ['api@1', ['RUNNING']],
      ['api@2', ['STOPPED', 'RUNNING', 'STOPPED']],
    ]);
  });
});

describe('lanes', () => {
  it('begin with what was found, and end now', () => {
    const [nav, teleop] = lanesOf(
      timeline([change(10, 'STOPPED', 'STARTING'), change(12, 'STARTING', 'RUNNING'), crash]),
      new Map<string, StackState>([
        ['nav', 'FAILED'],
        ['teleop', 'STOPPED'],
      ]),
      100_000,
    );
    expect(nav?.spans.map(({ state, from, to }) => [state, from / 1000, to / 1000])).toEqual([
      ['STOPPED', 0, 10],
      ['STARTING', 10, 12],
      ['RUNNING', 12, 30],
      ['FAILED', 30, 100],
    ]);
    expect(nav?.spans.map(({ began }) => began?.seq)).toEqual([undefined, 10, 12, 30]);
    expect(teleop?.spans).toEqual([{ state: 'STOPPED', from: 0, to: 100_000, began: null }]);
  });

  it('never have gaps or spans that end before they begin, whatever the clock did', () => {
    const state = fc.constantFrom<StackState>('STOPPED', 'STARTING', 'RUNNING', 'FAILED');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -5, max: 200 }), state, state)), (steps) => {
        const changes = steps.map(([second, from, to]) => change(second, from, to));
        const spans =
          lanesOf(timeline(changes), new Map([['nav', 'STOPPED' as const]]), 100_000)[0]?.spans ?? [];
        expect(spans.length).toBeGreaterThan(0);
        expect(spans[0]?.from).toBe(0);
        for (const [index, span] of spans.entries()) {
          expect(span.to).toBeGreaterThanOrEqual(span.from);
          if (index > 0) expect(span.from).toBe(spans[index - 1]?.to);
        }
      }),
    );
  });

  it('begin with the oldest change where older ones are gone', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => change(50 + at, 'RUNNING', 'RUNNING'));
    expect(knownSince(timeline(many))).toBe(50_000);
    expect(knownSince(timeline(many.slice(1)))).toBe(0);
  });
});

describe('a crash', () => {
  it('is a failure that nobody commanded', () => {
    expect(isCrash(crash)).toBe(true);
    expect(isCrash({ ...crash, operation: 'op-1' })).toBe(false);
    expect(isCrash(change(40, 'RUNNING', 'STOPPING', { operation: null }))).toBe(false);
  });
});

describe('clusters', () => {
  it('hold each thing once, and are apart', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 })), (places) => {
        const clusters = clustered(places, (place) => place, 26);
        expect(clusters.flatMap(({ things }) => things)).toEqual(places.toSorted((a, b) => a - b));
        for (const [index, { x }] of clusters.entries())
          if (index > 0) expect(x - (clusters[index - 1]?.x ?? 0)).toBeGreaterThanOrEqual(26);
      }),
    );
  });
});

describe('happenings', () => {
  const all = happenings(
    timeline(
      [change(11, 'STOPPED', 'STARTING'), crash, change(50, 'FAILED', 'STARTING', { operation: 'op-gone' })],
      [
        operation(),
        operation({
          id: 'op-2',
          started_at: moment(9),
          kind: 'stop-all',
          stack: null,
          actor: { name: 'bob', face: 'cli', verified: false },
        }),
        operation({
          id: 'op-3',
          stack: 'camera',
          outcome: 'failed',
          message: 'no node came',
          started_at: moment(60),
        }),
      ],
    ),
  );

  it('are commands and changes, newest first, with who and why', () => {
    expect(all.map(({ at, unit, what, who }) => [at / 1000, unit, what, who])).toEqual([
      [60, 'camera', 'Start camera: failed after 1.2 s', 'ann'],
      [50, 'nav', 'From failed to starting', ''],
      [30, 'nav', 'Crashed', null],
      [11, 'nav', 'From stopped to starting', 'ann'],
      [10, 'nav', 'Start nav: done in 1.2 s', 'ann'],
      [9, null, 'Stop everything: done in 1.2 s', 'bob'],
    ]);
    expect(all[0]?.why).toBe('Test drive. No node came.');
    expect(all[2]?.why).toBe('Killed by SIGKILL.');
    expect(commanders(all)).toEqual(['ann', 'bob']);
  });

  it('are listed by unit, by who, and where they failed', () => {
    const none = { unit: null, who: null, failuresOnly: false };
    expect(filtered(all, none)).toHaveLength(6);
    expect(filtered(all, { ...none, unit: 'camera' }).map(({ unit }) => unit)).toEqual(['camera', null]);
    expect(filtered(all, { ...none, who: 'bob' })).toHaveLength(1);
    expect(filtered(all, { ...none, failuresOnly: true }).map(({ at }) => at / 1000)).toEqual([60, 30]);
  });
});
