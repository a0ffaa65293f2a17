import { describe, expect, it } from 'vitest';
import { FaultLog } from './fault-log.js';
import { silentLogger } from './logger.js';

describe('FaultLog', () => {
  it('a flood makes one line a minute, which counts the others', () => {
    const lines: unknown[] = [];
    const log = new FaultLog({ ...silentLogger, warn: (fields) => lines.push(fields['not_logged']) }, 'bad');
    for (let at = 0; at < 125_000; at += 1) log.report(new Error('no'), at);
    expect(lines).toEqual([0, 59_999, 59_999]);
  });
});
