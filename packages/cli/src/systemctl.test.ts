import { describe, expect, it } from 'vitest';
import { wantedPaths } from './doctor/runtime-directory.js';
import { manifestOf, withUser } from './generation.js';
import { parseShow } from './systemctl.js';
import { wantsColour } from './terminal.js';

describe('systemctl show', () => {
  it('is read unit by unit', () => {
    const text =
      'Id=rovi-nav.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMainPID=42\nNRestarts=0\nInvocationID=abc\nStateChangeTimestamp=@1700000000\n' +
      '\nId=rovi-teleop.service\nLoadState=not-found\nActiveState=inactive\nMainPID=0\nInvocationID=\nStateChangeTimestamp=\n';
    expect(parseShow(text)).toMatchObject([
      {
        unit: 'rovi-nav.service',
        active_state: 'active',
        main_pid: 42,
        invocation_id: 'abc',
        since: '2023-11-14T22:13:20.000Z',
      },
      {
        unit: 'rovi-teleop.service',
        load_state: 'not-found',
        main_pid: null,
        invocation_id: null,
        since: null,
      },
    ]);
  });
});

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
