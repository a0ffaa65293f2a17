import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blastRadius, effectsText } from './blast-radius.js';
import { on, sampleNo, sampleYes } from './sample-fleet.js';

describe('blastRadius', () => {
  it('puts robots together on which the same would happen, the worst first', () => {
    const starts = { affects: [on('nav', 'starts', 0)], confirm: false };
    const { impacts, problems } = blastRadius([
      sampleYes('a', starts),
      sampleYes('b', starts),
      sampleYes('c'),
      sampleNo('d', 'robot-offline', 'd is away'),
      sampleYes('e', starts),
      sampleNo('f', 'robot-offline', 'f is away'),
      sampleNo('g', 'in-maintenance', 'g is in maintenance'),
    ]);
    expect(impacts).toEqual([
      { robots: ['c'], text: 'stops teleop; starts nav', confirm: true, processes: 3 },
      { robots: ['a', 'b', 'e'], text: 'starts nav', confirm: false, processes: 0 },
    ]);
    expect(problems.map(({ robots, problem }) => [problem.code, robots, problem.message])).toEqual([
      ['robot-offline', ['d', 'f'], 'd is away'],
      ['in-maintenance', ['g'], 'g is in maintenance'],
    ]);
  });

  it('says why where nothing would be hit: of one that would refuse not that nothing changes', () => {
    const refused = { affects: [], confirm: false, text: 'nothing: refused while teleop holds the robot' };
    const { impacts } = blastRadius([sampleYes('a', refused), sampleYes('b', refused)]);
    expect(impacts).toMatchObject([{ robots: ['a', 'b'], text: refused.text }]);
  });

  it('has the token of each that would do it, and none of those that would not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.boolean()), {
          selector: ([name]) => name,
        }),
        (robots) => {
          const { targets, impacts, problems } = blastRadius(
            robots.map(([name, yes]) =>
              yes ? sampleYes(name) : sampleNo(name, 'robot-silent', 'no answer'),
            ),
          );
          expect(targets).toEqual(
            robots.filter(([, yes]) => yes).map(([robot]) => ({ robot, confirm: `token-of-${robot}` })),
          );
          const shown = [...impacts, ...problems].flatMap((group) => group.robots);
          expect(shown.sort()).toEqual(robots.map(([name]) => name).sort());
        },
      ),
    );
  });
});

it('names a unit once however many instances it has', () => {
  expect(
    effectsText({
      affects: [on('api', 'restarts', 1), on('api', 'restarts', 1), on('video', 'stops', 1)],
      beyond: [],
    }),
  ).toBe('stops video; restarts api');
  expect(effectsText({ affects: [], beyond: [] })).toBe('nothing changes');
});

it('says what ends with a unit of the system that Rovi does not know of', () => {
  expect(effectsText({ affects: [on('engine', 'stops', 1)], beyond: ['all containers'] })).toBe(
    'stops engine; affects all containers',
  );
});
