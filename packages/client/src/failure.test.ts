import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { reportedError } from './failure.js';
import { reconnectDelay } from './server-events.js';
import { connectionFailure } from './socket-failure.js';

describe('connectionFailure', () => {
  it.each([
    ['ENOENT', 'gateway-unreachable', 'no-socket'],
    ['ECONNREFUSED', 'gateway-unreachable', 'refused'],
    ['EAGAIN', 'gateway-unreachable', 'overloaded'],
    ['ECONNRESET', 'gateway-unreachable', 'hung-up'],
    ['EACCES', 'socket-denied', undefined],
  ])('%s is %s', (code, expected, reason) => {
    const cause = Object.assign(new Error('connect'), { code });
    const error = connectionFailure(cause, '/run/rovi/conductor.sock');
    expect(error).toMatchObject({ code: expected, cause });
    expect(error.context['reason']).toBe(reason);
    expect(error.mend).not.toBe('');
  });

  it('of a closed folder names its group, and claims neither that the socket is there nor that it is not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rovi-folder-'));
    try {
      const [name, , gid] = readFileSync('/etc/group', 'utf8')
        .split('\n')
        .map((line) => line.split(':'))
        .find(([, , id]) => Number(id) > 0) as [string, string, string];
      if (process.getuid?.() === 0) chownSync(folder, 0, Number(gid));
      const cause = Object.assign(new Error('connect'), { code: 'EACCES' });
      const error = connectionFailure(cause, join(folder, 'conductor.sock'));
      expect(error.message).toContain('whether the gateway runs cannot be told from here');
      expect(error.message).not.toContain('rovi-ops');
      if (process.getuid?.() === 0) expect(error.mend).toContain(`usermod -aG ${name} USER`);
      expect(connectionFailure(cause, '/nowhere/conductor.sock').message).toContain(
        "the operators' group (rovi-ops in the shipped catalog)",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves what is translated already', () => {
    const error = new RoviError('internal', 'x');
    expect(connectionFailure(error, '/s')).toBe(error);
  });
});

describe('reportedError', () => {
  it('is the server’s own', () => {
    const body = JSON.stringify({
      code: 'stack-busy',
      detail: 'nav holds',
      mend: 'm',
      context: { holder: 'nav' },
    });
    expect(reportedError('/api', 409, body)).toMatchObject({
      code: 'stack-busy',
      message: 'nav holds',
      mend: 'm',
      context: { holder: 'nav' },
    });
  });

  it.each(['', '<h1>Nope</h1>', '[]', '{"code": 1}'])('is about a stranger for %s', (body) => {
    expect(reportedError('/api', 502, body)).toMatchObject({ code: 'internal' });
  });
});

describe('reconnectDelay', () => {
  it('grows to five seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map(reconnectDelay)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });
});
