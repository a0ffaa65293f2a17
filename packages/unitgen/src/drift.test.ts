import { describe, expect, it } from 'vitest';
import type { FoundFile } from './drift.js';
import { findDrift } from './drift.js';

const NAV = 'units/rovi-nav.service';
const RULE = 'polkit/49-rovi.rules';
const expected = [NAV, RULE].map((path) => ({ path, text: `${path}\n`, mode: 0o644 }));
const plain = (text: string): FoundFile => ({ text, executable: false });
const asExpected = expected.map(({ path, text }) => [path, plain(text)] as const);

describe('findDrift', () => {
  it('finds none where all agrees', () => {
    const others = ['units/README.md', 'env/rovi_env.sh', 'env/stacks/notes.txt'].map(
      (path) => [path, plain('')] as const,
    );
    expect(findDrift(expected, new Map([...asExpected, ...others]))).toEqual([]);
  });

  it('tells missing, changed and left-over files apart', () => {
    const found = new Map([
      [NAV, plain('edited\n')],
      ['units/rovi-old.service', plain('old unit\n')],
      ['env/stacks/old.args', plain('')],
      ['polkit/50-rovi.rules', plain('')],
    ]);
    expect(findDrift(expected, found)).toEqual([
      { path: NAV, kind: 'differs', found: 'edited\n', expected: `${NAV}\n` },
      { path: RULE, kind: 'missing', found: '', expected: `${RULE}\n` },
      { path: 'env/stacks/old.args', kind: 'stale', found: '', expected: '' },
      { path: 'polkit/50-rovi.rules', kind: 'stale', found: '', expected: '' },
      { path: 'units/rovi-old.service', kind: 'stale', found: 'old unit\n', expected: '' },
    ]);
  });

  it('sees a file that is executable and should not be', () => {
    const found = new Map([...asExpected, [NAV, { text: `${NAV}\n`, executable: true }]]);
    expect(findDrift(expected, found).map(({ path, kind }) => ({ path, kind }))).toEqual([
      { path: NAV, kind: 'differs' },
    ]);
  });
});
