import { expect, it } from 'vitest';
import { readLink, readReply, readReport } from './fleet-word.js';

const link = { v: 1, robot: 'alpha', boot_id: 'run-1', online: false, reason: 'gone' };
const bytes = (what: unknown): Buffer => Buffer.from(typeof what === 'string' ? what : JSON.stringify(what));

it('takes a word of the robot whose topic it came by, and of no other', () => {
  expect(readLink('alpha', bytes(link))).toEqual({ word: link });
  expect(readLink('beta', bytes(link))).toEqual({ fault: 'beta: speaks of itself as alpha' });
});

it('shows nothing that moves a cursor, rings a bell or turns the text', () => {
  const read = readLink('alpha', bytes({ ...link, reason: 'a\u001b[2Jb\u0007c\u202ed\u2066e\u009bf\ng' }));
  expect(read).toMatchObject({ word: { reason: 'a\ufffd[2Jb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg' } });
});

it.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['null', 'null'],
  ['a deep one', '['.repeat(60_000)],
  ['a deep one that is whole', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['bytes that are no text', '\ud800\ufffe'],
  ['a large one', JSON.stringify({ ...link, reason: 'x'.repeat(70_000) })],
  ['a prototype', '{"__proto__": {"v": 1}, "robot": "alpha"}'],
  ['another version', JSON.stringify({ ...link, v: 2 })],
])('does not take %s, and says so', (_what, text) => {
  for (const read of [readLink, readReport, readReply]) {
    const heard = read('alpha', bytes(text));
    expect(heard).toHaveProperty('fault');
    expect('fault' in heard && heard.fault.startsWith('alpha: ')).toBe(true);
  }
});
