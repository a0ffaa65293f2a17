import type { LogEntry } from '@rovi/contract';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { logLine } from './log-line.js';

const plain = pc.createColors(false);
const at = new Date(2026, 2, 1, 12, 0, 5).toISOString();
const now = Date.parse(at) + 1000;
const line = (message: string, unit = 'rovi-gateway.service') => {
  const entry: LogEntry = {
    cursor: 'c',
    at,
    unit,
    invocation_id: null,
    pid: 42,
    priority: 6,
    identifier: 'rovi-gateway',
    transport: 'stdout',
    stream: null,
    message,
  };
  return logLine(entry, now, plain);
};

describe('a line of the gateway’s journal', () => {
  it('is time, level, message and fields, each as a person reads it', () => {
    const record = {
      level: 30,
      time: '2026-03-01T12:00:05.000Z',
      op: 'op-1',
      stack: 'nav',
      from: null,
      actor: { name: 'olga', face: 'cli', verified: false },
      reason: '',
      result: 'nav running, 1 of 1 processes',
      duration_ms: 12.5,
      msg: 'operation ended',
    };
    expect(line(JSON.stringify(record))).toBe(
      '12:00:05 rovi-gateway[42]: info operation ended op=op-1 stack=nav actor.name=olga actor.face=cli' +
        ' actor.verified=false result="nav running, 1 of 1 processes" duration_ms=12.5\n',
    );
  });

  it('names an error without its stack trace', () => {
    const err = { type: 'Error', message: 'no way', stack: 'Error: no way\n    at x', code: 'EPERM' };
    expect(line(JSON.stringify({ level: 50, err, msg: 'unhandled rejection' }))).toBe(
      '12:00:05 rovi-gateway[42]: error unhandled rejection err.type=Error err.message="no way" err.code=EPERM\n',
    );
  });

  it('is found behind what a launch puts before it', () => {
    expect(line('[rovi-gateway-1] {"level":40,"msg":"connection to systemd lost"}')).toBe(
      '12:00:05 rovi-gateway[42]: [rovi-gateway-1] warn connection to systemd lost\n',
    );
  });

  it('shows no control code that came in a field', () => {
    expect(line(JSON.stringify({ level: 30, msg: 'a\u001b[31mb', reason: 'c\u0007d' }))).toBe(
      '12:00:05 rovi-gateway[42]: info ab reason=c\u{FFFD}d\n',
    );
  });

  it('stays as it is where it is no record, or a stack’s', () => {
    for (const text of ['Started rovi-gateway.service', '{"level":30', '{"msg":"x"}', '[1,2]'])
      expect(line(text)).toBe(`12:00:05 rovi-gateway[42]: ${text}\n`);
    expect(line('{"level":30,"msg":"x"}', 'rovi-nav.service')).toContain('{"level":30,"msg":"x"}');
  });
});
