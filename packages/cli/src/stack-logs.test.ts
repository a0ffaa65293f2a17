import { describe, expect, it } from 'vitest';
import { journalctlArguments } from './stack-logs.js';

describe('journalctl past the gateway', () => {
  it('reads a unit', () => {
    expect(
      journalctlArguments('rovi-nav.service', { lines: 5, priority: 4, follow: true, json: true }, null),
    ).toEqual([
      '--no-pager',
      '--lines=5',
      '--output=json',
      '--follow',
      '--priority=4',
      '--unit=rovi-nav.service',
    ]);
  });
  it('reads of one run also what systemd said of it: how it ended, for one', () => {
    const run = 'a'.repeat(32);
    expect(journalctlArguments('rovi-nav.service', { lines: 5 }, run).slice(-3)).toEqual([
      `_SYSTEMD_INVOCATION_ID=${run}`,
      '+',
      `INVOCATION_ID=${run}`,
    ]);
  });
});
