import { expect, it } from 'vitest';
import { FloodGate } from './flood-gate.js';

it('reads so many words and bytes of a robot a second, and all of the others', () => {
  const gate = new FloodGate();
  const admitted = (robot: string, words: number, bytes: number, now: number): number =>
    Array.from({ length: words }, () => gate.admits(robot, bytes, now)).filter(Boolean).length;
  expect(admitted('alpha', 1_000, 100, 500)).toBe(200);
  expect(admitted('bravo', 10, 1_000_000, 999)).toBe(2);
  expect(admitted('charlie', 5, 65_536, 999)).toBe(5);
  expect(admitted('alpha', 5, 100, 1_000)).toBe(5);
});
