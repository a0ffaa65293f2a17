import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRobot } from '@rovi/client/sample-fleet';
import { selectRobots, type Wanted } from './selection.js';
import { STATE_WORDS } from './state-words.js';

const robots = [
  sampleRobot('r-10'),
  sampleRobot('r-2', { active: 'teleop' }),
  sampleRobot('r-3', { level: 'error' }),
  sampleRobot('r-4', { active: null }),
  sampleRobot('r-5', { known: false, active: null }),
  sampleRobot('r-6', {}, 'stale'),
  sampleRobot('r-7', { level: 'error' }, 'offline'),
];
const any: Wanted = { on: null, states: null, active: null, away: false };
const select = (wanted: Partial<Wanted>) => selectRobots(robots, { ...any, ...wanted });

describe('selectRobots', () => {
  it('takes all that are there, the worst first, and says who is left out', () => {
    expect(select({})).toEqual({
      robots: ['r-3', 'r-5', 'r-2', 'r-4', 'r-10'],
      leftOut: ['r-6', 'r-7'],
      unknown: [],
    });
  });

  it('takes named ones in the order they were named, each once, wherever they are', () => {
    expect(select({ on: ['r-7', 'r-2', 'r-7', 'nobody'] })).toEqual({
      robots: ['r-7', 'r-2'],
      leftOut: [],
      unknown: ['nobody'],
    });
  });

  it('takes those in a state, and by what they said last leaves out those that are away', () => {
    expect(select({ states: ['error'] })).toMatchObject({ robots: ['r-3'], leftOut: ['r-7'] });
    expect(select({ states: ['not-well'] })).toMatchObject({ robots: ['r-3', 'r-5'], leftOut: ['r-7'] });
    expect(select({ states: ['error'], away: true })).toMatchObject({ robots: ['r-3', 'r-7'], leftOut: [] });
  });

  it('takes those that are away where they are asked for', () => {
    expect(select({ states: ['stale'] })).toMatchObject({ robots: ['r-6'], leftOut: [] });
    expect(select({ states: ['well', 'offline'], active: 'nav' }).robots).toEqual(['r-7', 'r-10']);
  });

  it('takes those on which a stack is active, or none', () => {
    expect(select({ active: 'teleop' }).robots).toEqual(['r-2']);
    expect(select({ active: 'none' })).toMatchObject({ robots: ['r-4'], leftOut: [] });
    expect(select({ active: 'nav' })).toMatchObject({ robots: ['r-3', 'r-10'], leftOut: ['r-6', 'r-7'] });
  });

  it('never takes one that is away unless it was asked for', () => {
    const present = STATE_WORDS.filter((word) => word !== 'stale' && word !== 'offline');
    fc.assert(
      fc.property(
        fc.option(fc.subarray([...present]), { nil: null }),
        fc.constantFrom(null, 'nav', 'teleop', 'none'),
        (states, active) => {
          const { robots: taken } = select({ states, active });
          return !taken.includes('r-6') && !taken.includes('r-7');
        },
      ),
    );
  });
});
