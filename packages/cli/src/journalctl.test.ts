import { describe, expect, it } from 'vitest';
import { journalEntry } from './journal-entry.js';
import { journalctlArguments, lineSplitter } from './journalctl.js';

describe('journalctl past the gateway', () => {
  it('reads a unit', () => {
    const args = journalctlArguments('rovi-nav.service', {
      lines: 5,
      priority: 4,
      follow: true,
      invocation: null,
    });
    expect(args).toEqual([
      '--no-pager',
      '--lines=5',
      '--output=json',
      expect.stringContaining('--output-fields=MESSAGE,') as string,
      '--all',
      '--follow',
      '--priority=4',
      '--unit=rovi-nav.service',
    ]);
  });
  it('reads of one run also what systemd said of it: how it ended, for one', () => {
    const run = 'a'.repeat(32);
    expect(journalctlArguments('rovi-nav.service', { lines: 5, invocation: run }).slice(-3)).toEqual([
      `_SYSTEMD_INVOCATION_ID=${run}`,
      '+',
      `INVOCATION_ID=${run}`,
    ]);
  });
  it('gives an entry the form that the gateway gives it', () => {
    const line = JSON.stringify({
      __CURSOR: 's=1',
      __REALTIME_TIMESTAMP: '1700000000000000',
      _PID: '42',
      PRIORITY: '3',
      SYSLOG_IDENTIFIER: 'rovi-nav',
      _TRANSPORT: 'stdout',
      _SYSTEMD_INVOCATION_ID: 'abc',
      MESSAGE: [97, 27, 98],
    });
    expect(journalEntry(line, 'rovi-nav.service')).toEqual({
      cursor: 's=1',
      at: '2023-11-14T22:13:20.000Z',
      unit: 'rovi-nav.service',
      invocation_id: 'abc',
      pid: 42,
      priority: 3,
      identifier: 'rovi-nav',
      transport: 'stdout',
      stream: null,
      message: 'a\u001bb',
    });
    const streamAt = (PRIORITY: string, _TRANSPORT = 'stdout') =>
      journalEntry(JSON.stringify({ ...JSON.parse(line), PRIORITY, _TRANSPORT }), 'rovi-video.service')
        ?.stream;
    expect(streamAt('6')).toBe('stdout');
    expect(streamAt('5')).toBe('stderr');
    expect(streamAt('6', 'journal')).toBeNull();
    expect(journalEntry('-- No entries --', 'rovi-nav.service')).toBeNull();
  });
  it('gives up a line that is too long, and no other', () => {
    const lines: string[] = [];
    const take = lineSplitter(4, (line) => lines.push(line));
    for (const piece of ['ab', 'c\nlong', 'er\nde\n', 'tail']) take(Buffer.from(piece));
    expect(lines).toEqual(['abc', 'de']);
  });
});
