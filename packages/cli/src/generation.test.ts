import { describe, expect, it } from 'vitest';
import { manifestOf, withUser } from './generation.js';

describe('another user', () => {
  it('replaces one word and keeps all else as its author wrote it', () => {
    expect(withUser('# mine\nuser:   rovi  # why\nb: 1\n', 'robot')).toBe(
      '# mine\nuser:   robot  # why\nb: 1\n',
    );
  });
  it('is added where the catalog names none', () => {
    expect(withUser('version: 1\n', 'robot')).toBe('version: 1\nuser: robot\n');
  });
});

describe('the manifest', () => {
  it('has mode, path and target of what is installed', () => {
    expect(
      manifestOf([
        { path: 'a', text: '', mode: 0o644, install: '/etc/a' },
        { path: 'b', text: '', mode: 0o644, install: null },
      ]),
    ).toBe('0644 a /etc/a\n');
  });
});
