import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processName, unitBaseName } from './names.js';
import { rosToken } from './ros-token.js';

describe('a name as a token of a ROS name', () => {
  it.each([
    ['nav', 'nav'],
    ['front-camera', 'front_camera'],
    ['controller_server', 'controller_server'],
    ['python3.11', 'python3_11'],
    ['a__b', 'a_b'],
    ['a.-_b', 'a_b'],
    ['g++', 'g'],
    ['2nav', 'p_2nav'],
    ['_private', 'p_private'],
    ['X', 'X'],
  ])('%s is %s', (name, token) => {
    expect(rosToken(name)).toBe(token);
  });

  it('is legal in ROS for every name of a catalog, and its own token', () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/),
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/),
    );
    fc.assert(
      fc.property(name, (text) => {
        const known = unitBaseName.safeParse(text).success || processName.safeParse(text).success;
        fc.pre(known);
        const token = rosToken(text);
        expect(token).toMatch(/^[A-Za-z][A-Za-z0-9_]*$/);
        expect(token).not.toContain('__');
        // One without a letter or digit has nothing else to be called.
        if (/[A-Za-z0-9]/.test(text)) expect(rosToken(token)).toBe(token);
      }),
      { examples: [['_'], ['__'], ['_.'], ['9']], numRuns: 500 },
    );
  });
});
