import { FLEET_KEPT_S } from '@rovi/contract';
import type { FleetLink, FleetReport } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLEET_ROBOTS, FleetTable } from './fleet-table.js';

const BEAT_S = 20;
/** Milliseconds after its last word when a robot is stale. */
const DUE = 2.5 * BEAT_S * 1_000;

function reportOf(robot: string, more: Partial<FleetReport> = {}): FleetReport {
  return {
    v: 1,
    robot,
    boot_id: 'run-1',
    version: '1',
    at: '2026-01-02T03:04:05.000Z',
    heartbeat_s: BEAT_S,
    kept_s: FLEET_KEPT_S,
    level: 'ok',
    text: '',
    active: null,
    known: true,
    estop: false,
    maintenance: false,
    stacks: [],
    services: [],
    cut: false,
    commands: true,
    ...more,
  };
}

function linkOf(robot: string, online = true, bootId = 'run-1'): FleetLink {
  return { v: 1, robot, boot_id: bootId, online, reason: online ? '' : 'the connection was lost' };
}

const live = (now: number) => ({ now, retained: false, expiry: FLEET_KEPT_S });
const kept = (now: number, ageS: number | null) => ({
  now,
  retained: true,
  expiry: ageS === null ? null : FLEET_KEPT_S - ageS,
});

/** A table with the robot alpha, online, heard at `now`. */
function withAlpha(now = 0): FleetTable {
  const table = new FleetTable();
  table.connect();
  table.link('alpha', linkOf('alpha'), live(now));
  table.report('alpha', reportOf('alpha'), live(now));
  return table;
}

const presence = (table: FleetTable, now: number, robot = 'alpha') => table.standing(robot, now)?.presence;
const seen = (table: FleetTable, now: number) => table.robots(now)[0]?.seen_s;

describe('a robot', () => {
  it('is online for two and a half heartbeats after its last word, and then stale', () => {
    const table = withAlpha();
    expect(presence(table, DUE - 1)).toBe('online');
    expect(table.standing('alpha', DUE)).toMatchObject({ presence: 'stale', until: Infinity });
    expect(seen(table, DUE)).toBe(DUE / 1_000);
    table.report('alpha', reportOf('alpha'), live(DUE + 5_000));
    expect(presence(table, DUE + 6_000)).toBe('online');
  });

  it('is as old as the broker says of a report that it has kept, whatever the clock of the robot says', () => {
    const table = new FleetTable();
    table.connect();
    table.link('alpha', linkOf('alpha'), kept(0, 30));
    table.report('alpha', reportOf('alpha', { at: '2029-01-02T03:04:05.000Z' }), kept(0, 30));
    expect(seen(table, 0)).toBe(30);
    expect(presence(table, 0)).toBe('online');
    expect(presence(table, DUE - 30_000)).toBe('stale');
  });

  it('is of an age that nobody knows where the broker does not say, and online until a report is due', () => {
    const table = new FleetTable();
    table.connect();
    table.link('alpha', linkOf('alpha'), kept(100, null));
    table.report('alpha', reportOf('alpha'), kept(100, null));
    expect(seen(table, 200)).toBeNull();
    expect(presence(table, 100 + DUE - 1)).toBe('online');
    expect(presence(table, 100 + DUE)).toBe('stale');
  });

  it('is offline by its will, with why, and has its last report still', () => {
    const table = withAlpha();
    table.link('alpha', linkOf('alpha', false), live(1_000));
    expect(table.robots(2_000)).toMatchObject([
      { presence: 'offline', reason: 'the connection was lost', seen_s: 2, report: { robot: 'alpha' } },
    ]);
  });

  it('is stale while its new run has not reported, and online when it has', () => {
    const table = withAlpha();
    table.link('alpha', linkOf('alpha', true, 'run-2'), live(1_000));
    expect(table.standing('alpha', 1_000)).toMatchObject({ presence: 'stale' });
    table.report('alpha', reportOf('alpha', { boot_id: 'run-2' }), live(1_001));
    expect(presence(table, 1_002)).toBe('online');
  });

  it('is online though the will of an earlier run comes late', () => {
    const table = withAlpha();
    table.link('alpha', linkOf('alpha', false, 'run-0'), live(1_000));
    expect(presence(table, 1_000)).toBe('offline');
    table.report('alpha', reportOf('alpha'), live(1_001));
    expect(presence(table, 1_001)).toBe('online');
  });

  it('is gone when both its topics are cleared, and not by one of them', () => {
    const table = withAlpha();
    table.news(0);
    table.report('alpha', null, live(1));
    expect(table.robots(1)).toMatchObject([{ robot: 'alpha', report: null }]);
    table.link('alpha', null, live(2));
    expect(table.robots(2)).toEqual([]);
    expect(table.news(2)).toMatchObject({ robots: [], removed: ['alpha'] });
  });
});

describe('while the broker is away', () => {
  it('all are stale, and after it each is until the broker speaks of it again', () => {
    const table = withAlpha();
    table.link('beta', linkOf('beta', false), live(0));
    table.disconnect();
    expect([presence(table, 1), presence(table, 1, 'beta')]).toEqual(['stale', 'stale']);
    table.connect();
    expect([presence(table, 2), presence(table, 2, 'beta')]).toEqual(['stale', 'stale']);
    table.link('alpha', linkOf('alpha'), kept(3, 0));
    table.link('beta', linkOf('beta', false), kept(3, 0));
    expect([presence(table, 4), presence(table, 4, 'beta')]).toEqual(['online', 'offline']);
  });

  it('what it had kept makes no report younger', () => {
    const table = withAlpha();
    table.disconnect();
    table.connect();
    table.link('alpha', linkOf('alpha'), kept(DUE - 1_000, 0));
    // Of the same word: the broker says less than a second of it, or nothing.
    table.report('alpha', reportOf('alpha'), kept(DUE - 1_000, 0));
    expect(seen(table, DUE)).toBe(DUE / 1_000);
    table.report('alpha', reportOf('alpha'), kept(DUE - 1_000, null));
    expect(presence(table, DUE)).toBe('stale');
  });

  it('what a robot said meanwhile counts from when it said it', () => {
    const table = withAlpha();
    table.disconnect();
    table.connect();
    const later = reportOf('alpha', { at: '2026-01-02T03:05:00.000Z' });
    table.link('alpha', linkOf('alpha'), kept(60_000, 0));
    table.report('alpha', later, kept(60_000, 10));
    expect(seen(table, 60_000)).toBe(10);
    expect(presence(table, 60_000)).toBe('online');
  });
});

it('holds so many robots, and those that it has stay', () => {
  const table = new FleetTable();
  table.connect();
  for (let index = 0; index < FLEET_ROBOTS; index += 1)
    expect(table.link(`r${String(index)}`, linkOf(`r${String(index)}`), live(0))).toBe(true);
  expect(table.link('one-more', linkOf('one-more'), live(0))).toBe(false);
  expect(table.report('r7', reportOf('r7'), live(1))).toBe(true);
  table.link('r1', null, live(2));
  expect(table.link('one-more', linkOf('one-more'), live(3))).toBe(true);
});

it('takes names that JavaScript has its own ideas of for names', () => {
  const table = new FleetTable();
  table.connect();
  for (const name of ['constructor', 'prototype', 'valueof']) table.link(name, linkOf(name), live(0));
  expect(table.robots(1).map(({ robot }) => robot)).toEqual(['constructor', 'prototype', 'valueof']);
  expect(table.has('hasownproperty')).toBe(false);
});

type Step =
  | {
      readonly what: 'report' | 'link';
      readonly robot: string;
      readonly run: string;
      readonly online: boolean;
      readonly retained: boolean;
      readonly age: number | null;
    }
  | { readonly what: 'clear-report' | 'clear-link'; readonly robot: string }
  | { readonly what: 'connect' | 'disconnect' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constantFrom('report' as const, 'link' as const),
    robot: fc.constantFrom('a', 'b', 'c'),
    run: fc.constantFrom('run-1', 'run-2'),
    online: fc.boolean(),
    retained: fc.boolean(),
    age: fc.oneof(fc.constant(null), fc.nat(200), fc.constant(-5)),
  }),
  fc.record({
    what: fc.constantFrom('clear-report' as const, 'clear-link' as const),
    robot: fc.constantFrom('a', 'b'),
  }),
  fc.record({ what: fc.constantFrom('connect' as const, 'disconnect' as const) }),
);

it('never shows anybody online of whom nothing came for so long; who listens to its news has what it shows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40_000), step), { maxLength: 60 }), (steps) => {
      const table = new FleetTable();
      const told = new Map<string, string>();
      const lastLive = new Map<string, number>();
      let now = 0;
      let connected = false;
      for (const [passes, one] of steps) {
        now += passes;
        if (one.what === 'connect') table.connect();
        if (one.what === 'disconnect') table.disconnect();
        if (one.what === 'clear-report') table.report(one.robot, null, live(now));
        if (one.what === 'clear-link') table.link(one.robot, null, live(now));
        if (one.what === 'report' || one.what === 'link') {
          const how = one.retained ? kept(now, one.age) : live(now);
          if (one.what === 'link') table.link(one.robot, linkOf(one.robot, one.online, one.run), how);
          else table.report(one.robot, reportOf(one.robot, { boot_id: one.run }), how);
          lastLive.set(one.robot, now);
        }
        connected = one.what === 'connect' || (connected && one.what !== 'disconnect');
        const shown = table.robots(now);
        for (const { robot, presence: is, seen_s: age, reason } of shown) {
          expect(is === 'online').toBe(reason === '');
          if (age !== null) expect(age).toBeGreaterThanOrEqual(0);
          if (is === 'online') {
            expect(connected).toBe(true);
            expect(now - (lastLive.get(robot) ?? -Infinity)).toBeLessThan(DUE);
            if (age !== null) expect(age * 1_000).toBeLessThanOrEqual(DUE);
          }
        }
        const news = table.news(now);
        for (const robot of news.removed) told.delete(robot);
        for (const robot of news.robots) told.set(robot.robot, robot.presence);
        expect([...told].sort()).toEqual(shown.map(({ robot, presence: is }) => [robot, is]));
        // Nothing changes by itself before the time that it names.
        if (news.next > now + 1) {
          const before = Math.min(news.next - 1, now + 1_000_000);
          expect(table.robots(before).map(({ presence: is }) => is)).toEqual(
            shown.map(({ presence: is }) => is),
          );
        }
      }
    }),
  );
});
