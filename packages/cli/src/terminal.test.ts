import { describe, expect, it } from 'vitest';
import { wantsColour } from './terminal.js';

describe('colours', () => {
  it.each([
    [true, {}, [], true],
    [false, {}, [], false],
    [true, { NO_COLOR: '1' }, [], false],
    [false, { FORCE_COLOR: '1' }, [], true],
    [true, { TERM: 'dumb' }, [], false],
    [true, {}, ['--no-color'], false],
    [true, {}, ['--', '--no-color'], true],
  ])('terminal %s, %j, %j → %s', (isTTY, env, argv, expected) => {
    expect(wantsColour({ isTTY }, env as Record<string, string>, argv)).toBe(expected);
  });
});
