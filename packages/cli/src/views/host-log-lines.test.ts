import pc from 'picocolors';
import { expect, it } from 'vitest';
import { HostLogLines } from './host-log-lines.js';

const plain = pc.createColors(false);
const entry = {
  cursor: 'c',
  at: '2026-03-01T12:00:00.000Z',
  unit: 'rovi-web.service',
  invocation_id: null,
  pid: 7,
  priority: 6,
  identifier: 'rovi-web',
  transport: 'stdout',
  stream: null,
  message: 'one\ntwo',
};

it('says of each line whose it is, in one column', () => {
  const lines = new HostLogLines(['yard', 'hall-2'], plain);
  const now = Date.parse(entry.at);
  expect(lines.line('yard', entry, now).split('\n')).toEqual([
    expect.stringMatching(/^yard {3}│ .*rovi-web\[7\]: one$/),
    'yard   │     two',
    '',
  ]);
  expect(lines.line('hall-2', entry, now)).toMatch(/^hall-2 │ /);
});

it('a host whose name reads as a pattern stays what it is', () => {
  const lines = new HostLogLines(['$&'], plain);
  expect(lines.line('$&', entry, 0)).toMatch(/^\$& │ /);
});
