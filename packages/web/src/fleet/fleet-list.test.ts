import { describe, expect, it } from 'vitest';
import { sampleRobot } from '@rovi/client/sample-fleet';
import { commandable, fleetRows, groupCounts, robotMatter, unitsOf } from './fleet-list.js';

const robots = [
  sampleRobot('r-10'),
  sampleRobot('r-2', { active: 'teleop' }),
  sampleRobot('bad', { level: 'error', text: 'nav has failed' }),
  sampleRobot('mute', {}, 'stale'),
  sampleRobot('gone', {}, 'offline'),
].map((robot) => ({ ...robot, heardAt: 0 }));
const shown = (group: Parameters<typeof fleetRows>[1]['group'], text = '') =>
  fleetRows(robots, { group, text }).map((row) =>
    row.kind === 'group' ? `${row.group} (${row.count})` : row.robot.robot,
  );

describe('fleetRows', () => {
  it('has the groups that are not empty, the worst first, and robots as people count them', () => {
    expect(shown(null)).toEqual([
      'not-well (1)',
      'bad',
      'well (2)',
      'r-2',
      'r-10',
      'stale (1)',
      'mute',
      'offline (1)',
      'gone',
    ]);
  });

  it('shows one group, and those with all of the words', () => {
    expect(shown('offline')).toEqual(['offline (1)', 'gone']);
    expect(shown(null, 'TELEOP r-')).toEqual(['well (1)', 'r-2']);
    expect(shown(null, 'failed')).toEqual(['not-well (1)', 'bad']);
    expect(shown('well', 'gone')).toEqual([]);
  });
});

it('counts all robots, whatever is shown', () => {
  expect(groupCounts(robots)).toEqual({ 'not-well': 1, well: 2, stale: 1, offline: 1 });
});

it('those that are away cannot be selected', () => {
  expect(commandable(fleetRows(robots, { group: null, text: '' }))).toEqual(['bad', 'r-2', 'r-10']);
});

it('knows the units that any of the robots has told of', () => {
  expect(unitsOf(robots)).toEqual({ stacks: ['nav', 'teleop'], services: ['api'] });
  expect(unitsOf([{ report: null }])).toEqual({ stacks: [], services: [] });
});

it('says what is the matter, and of one that is away why, not what it said', () => {
  const matter = (...args: Parameters<typeof sampleRobot>) =>
    robotMatter({ ...sampleRobot(...args), heardAt: 0 });
  expect(matter('a')).toBe('');
  expect(matter('a', { estop: true, maintenance: true })).toBe('e-stop; in maintenance');
  expect(matter('a', { commands: false })).toBe('takes no commands from the fleet');
  expect(matter('a', { level: 'error', text: 'nav has failed' }, 'offline')).toBe('the connection was lost');
});
