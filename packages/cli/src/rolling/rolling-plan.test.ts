import { hostEntrySchema, parseHostAddress, rollingSchema } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../hosts/target-expression.js';
import { gone, isOf, leftOf, moved, newRolling, reasonOf, resumeWords } from './rolling-plan.js';

const NOW = '2026-11-22T03:00:00.000Z';
const LATER = '2026-11-22T03:01:00.000Z';

function target(name: string, address: string, socket?: string): Target {
  const entry = hostEntrySchema.parse({ address, ...(socket === undefined ? {} : { socket }) });
  const parsed = parseHostAddress(address);
  if (typeof parsed === 'string') throw new Error(parsed);
  return { name, host: { name, address: parsed, entry, file: '/hosts.yaml' } };
}

const targets = [
  target('yard', 'ssh://yard'),
  target('hall', 'https://hall'),
  target('dock', 'ssh://dock', '/run/x'),
];
const rolling = newRolling(
  {
    ...{ id: 'roll-20261122-3f9a1c', kind: 'service', name: 'web', reason: 'new certificate' },
    runner: { boot: 'b', pid: 7, started: '1' },
  },
  targets,
  NOW,
);
const names = (of: typeof rolling) => leftOf(of).map(({ name }) => name);

describe('a rolling restart', () => {
  it('is what its file holds', () => {
    expect(rollingSchema.parse(JSON.parse(JSON.stringify(rolling)))).toEqual(rolling);
  });

  it('begins with all hosts left, and leaves out those that are done', () => {
    expect(names(rolling)).toEqual(['yard', 'hall', 'dock']);
    const one = gone(rolling, 'yard', { state: 'done', now: LATER });
    expect(names(one)).toEqual(['hall', 'dock']);
    expect(one.hosts[0]).toMatchObject({ state: 'done', since: LATER, problem: null });
    expect(one.hosts[1]).toEqual(rolling.hosts[1]);
  });

  it.each(['failed', 'begun'] as const)('goes on with the host that is %s', (state) => {
    const done = gone(rolling, 'yard', { state: 'done', now: LATER });
    expect(names(gone(done, 'hall', { state, now: LATER }))).toEqual(['hall', 'dock']);
  });

  it('never leaves out a host that is not done, nor takes one twice', () => {
    const step = fc.record({
      name: fc.constantFrom('yard', 'hall', 'dock'),
      state: fc.constantFrom('waiting', 'begun', 'done', 'failed'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const last = steps.reduce((so, { name, state }) => gone(so, name, { state, now: LATER }), rolling);
        const left = names(last);
        expect(new Set(left).size).toBe(left.length);
        for (const { name, state } of last.hosts) expect(left.includes(name)).toBe(state !== 'done');
      }),
    );
  });

  it('notices hosts that are elsewhere by now', () => {
    expect(moved(rolling, targets)).toEqual([]);
    const [, hall, dock] = targets as [Target, Target, Target];
    expect(moved(rolling, [target('yard', 'ssh://yard.lan'), hall, dock])).toEqual(['yard']);
    expect(moved(rolling, [target('yard', 'ssh://yard'), hall, target('dock', 'ssh://dock')])).toEqual([
      'dock',
    ]);
    expect(moved(rolling, [hall, dock])).toEqual(['yard']);
    expect(moved(rolling, [{ name: 'yard', host: null }, hall, dock])).toEqual(['yard']);
  });

  it('knows its own records by their reason, and no others', () => {
    expect(reasonOf(rolling)).toBe('rolling restart roll-20261122-3f9a1c: new certificate');
    expect(isOf(rolling, reasonOf(rolling))).toBe(true);
    expect(isOf(rolling, reasonOf({ ...rolling, reason: '' }))).toBe(true);
    expect(isOf(rolling, reasonOf({ ...rolling, id: 'roll-20261122-3f9a1d' }))).toBe(false);
    expect(isOf(rolling, 'new certificate')).toBe(false);
    expect(reasonOf({ ...rolling, reason: 'x'.repeat(600) })).toHaveLength(500);
  });

  it('says how to go on', () => {
    expect(resumeWords(rolling)).toBe('rovictl service restart --rolling --resume roll-20261122-3f9a1c');
  });
});
