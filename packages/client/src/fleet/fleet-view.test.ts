import { describe, expect, it } from 'vitest';
import type { FleetEvent, FleetRobot } from '@rovi/contract';
import { fleetAfter, robotAge, type FleetView } from './fleet-view.js';
import { sampleRobot, sampleRun } from './sample-fleet.js';

const whole = (robots: FleetRobot[], runs: ReturnType<typeof sampleRun>[] = []): FleetEvent => ({
  type: 'fleet',
  fleet: {
    at: '2026-03-01T12:00:00.000Z',
    broker: { address: 'mqtt://broker', connected: true, since: '2026-03-01T11:00:00.000Z', text: '' },
    key: null,
    robots,
  },
  runs,
});
const after = (...events: FleetEvent[]): FleetView => {
  let view: FleetView | null = null;
  for (const [index, event] of events.entries()) view = fleetAfter(view, event, 1_000 * index);
  if (view === null) throw new Error('no fleet');
  return view;
};
const changed = (robots: FleetRobot[], removed: string[] = []): FleetEvent => ({
  type: 'robots',
  at: '2026-03-01T12:00:01.000Z',
  robots,
  removed,
});

describe('fleetAfter', () => {
  it('takes what has changed, and what is gone', () => {
    const view = after(
      whole([sampleRobot('a'), sampleRobot('b'), sampleRobot('c')]),
      changed([sampleRobot('b', {}, 'offline'), sampleRobot('d')], ['c']),
    );
    expect(
      [...view.robots.values()].map(({ robot, presence, heardAt }) => [robot, presence, heardAt]),
    ).toEqual([
      ['a', 'online', 0],
      ['b', 'offline', 1_000],
      ['d', 'online', 1_000],
    ]);
  });

  it('forgets everything for a fleet that is told anew', () => {
    const view = after(whole([sampleRobot('a')], [sampleRun([{}])]), whole([sampleRobot('b')]));
    expect([...view.robots.keys()]).toEqual(['b']);
    expect(view.runs).toEqual([]);
  });

  it('has runs newest first, each once', () => {
    const old = sampleRun([{}], { id: 'old', started_at: '2026-03-01T11:00:00.000Z' });
    const view = after(whole([], [old, sampleRun([{}], { id: 'new' })]), {
      type: 'run',
      run: { ...old, ended_at: '2026-03-01T11:00:09.000Z' },
    });
    expect(view.runs.map(({ id, ended_at: ended }) => [id, ended !== null])).toEqual([
      ['new', false],
      ['old', true],
    ]);
  });

  it('knows nothing before the fleet was told', () => {
    expect(fleetAfter(null, changed([sampleRobot('a')]), 0)).toBeNull();
  });
});

it('a robot ages from the moment it was told, and never backwards', () => {
  const robot = { ...sampleRobot('a'), heardAt: 5_000 };
  expect([robotAge(robot, 5_000), robotAge(robot, 8_500), robotAge(robot, 1_000)]).toEqual([
    4_000, 7_500, 4_000,
  ]);
  expect(robotAge({ ...robot, seen_s: null }, 9_000)).toBeNull();
});
