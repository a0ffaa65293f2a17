import { expect, it } from 'vitest';
import { fleetTally, isAway, notWell, standingOf, worstFirst } from './robot-standing.js';
import { sampleRobot } from './sample-fleet.js';

it('what a robot that is away said last says nothing of now', () => {
  expect(standingOf(sampleRobot('a', { level: 'ok' }, 'stale'))).toBe('stale');
  expect(standingOf(sampleRobot('a', { level: 'error' }, 'offline'))).toBe('offline');
  expect([isAway('stale'), isAway('offline'), isAway('error')]).toEqual([true, true, false]);
});

it('one that is there is as it says, and an e-stop is not well', () => {
  const standing = (part: Parameters<typeof sampleRobot>[1]) => standingOf(sampleRobot('a', part));
  expect([standing({}), standing({ level: 'warn' }), standing({ level: 'error' })]).toEqual([
    'well',
    'warn',
    'error',
  ]);
  expect([standing({ estop: true }), standing({ level: 'error', estop: true })]).toEqual(['warn', 'error']);
  expect([standing(null), standing({ known: false }), standing({ level: 'stale' })]).toEqual(
    Array(3).fill('unknown'),
  );
});

it('the worst come first, then by name as people count', () => {
  const robots = [
    sampleRobot('r-10'),
    sampleRobot('r-9'),
    sampleRobot('gone', {}, 'offline'),
    sampleRobot('z', { level: 'error' }),
    sampleRobot('mute', {}, 'stale'),
    sampleRobot('y', { level: 'warn' }),
  ];
  expect(robots.sort(worstFirst).map(({ robot }) => robot)).toEqual([
    'z',
    'y',
    'mute',
    'gone',
    'r-9',
    'r-10',
  ]);
  expect(fleetTally(robots)).toEqual({ error: 1, unknown: 0, warn: 1, stale: 1, offline: 1, well: 2 });
});

it('names what is not as it should be', () => {
  const robot = sampleRobot('a', {
    services: [
      { name: 'api', state: 'RUNNING', level: 'ok', health: 'healthy' },
      { name: 'video', state: 'FAILED', level: 'error', health: 'none' },
    ],
    stacks: [{ name: 'nav', state: 'RUNNING', level: 'warn' }],
  });
  expect(notWell(robot)).toEqual(['video failed', 'nav running']);
  expect(notWell(sampleRobot('a', null))).toEqual([]);
});
