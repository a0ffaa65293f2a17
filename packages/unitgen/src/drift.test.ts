import { describe, expect, it } from 'vitest';
import { findDrift } from './drift.js';

const expected = ['units/rovi-nav.service', 'polkit/49-rovi.rules'].map((path) => ({
  path,
  text: `${path}\n`,
  mode: 0o644,
  install: `/etc/${path}`,
}));
const asExpected = new Map(expected.map(({ path, text }) => [path, text]));

describe('findDrift', () => {
  it('finds none where all agrees', () => {
    const present = [...asExpected.keys(), 'units/README.md', 'env/rovi_env.sh', 'env/stacks/notes.txt'];
    expect(findDrift(expected, (path) => asExpected.get(path) ?? null, present)).toEqual([]);
  });

  it('tells missing, changed and left-over files apart', () => {
    const found = new Map([['units/rovi-nav.service', 'edited\n']]);
    const present = [
      'units/rovi-nav.service',
      'units/rovi-old.service',
      'env/stacks/old.args',
      'polkit/50-rovi.rules',
    ];
    expect(findDrift(expected, (path) => found.get(path) ?? null, present)).toEqual([
      { path: 'units/rovi-nav.service', kind: 'differs' },
      { path: 'polkit/49-rovi.rules', kind: 'missing' },
      { path: 'env/stacks/old.args', kind: 'stale' },
      { path: 'polkit/50-rovi.rules', kind: 'stale' },
      { path: 'units/rovi-old.service', kind: 'stale' },
    ]);
  });
});
