import { describe, expect, it } from 'vitest';
import { unitOfCgroups, wantedPaths } from './runtime-directory.js';

describe('the lines of tmpfiles.d', () => {
  it('say what must be there', () => {
    expect(
      wantedPaths('# x\nd /run/rovi 2750 rovi rovi-ops -\nf /run/rovi/stack.lock 0600 rovi rovi -\nr! /x\n'),
    ).toEqual([
      { kind: 'd', path: '/run/rovi', mode: 0o2750, user: 'rovi', group: 'rovi-ops' },
      { kind: 'f', path: '/run/rovi/stack.lock', mode: 0o600, user: 'rovi', group: 'rovi' },
    ]);
  });
});

describe('the unit of a process', () => {
  it.each([
    ['0::/system.slice/rovi-nav.service\n', 'rovi-nav.service'],
    ['0::/system.slice/rovi-nav.service/payload.scope\n', 'rovi-nav.service'],
    ['0::/\n1:name=systemd:/system.slice/rovi-nav.service\n', 'rovi-nav.service'],
    ['0::/user.slice/user-1000.slice/session-3.scope\n', 'session-3.scope'],
    ['0::/init.slice\n', null],
    ['', null],
  ])('%j is in %s', (text, unit) => {
    expect(unitOfCgroups(text)).toBe(unit);
  });
});
