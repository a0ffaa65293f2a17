import type { Supervision } from '@rovi/contract';
import { sampleInstance, sampleService } from '@rovi/contract/sample-service';
import { describe, expect, it } from 'vitest';
import { supervisionLines, supervisionText } from './supervision-text.js';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const supervision = (part: Partial<Supervision>): Supervision => ({
  ...sampleInstance('u').supervision,
  next_at: '2026-03-01T12:00:12.000Z',
  ...part,
});

describe('what supervision does, in words', () => {
  it.each([
    [{ phase: 'watching' }, ''],
    [{ phase: 'cooldown', tries: 1 }, 'Crash loop: next try in 12 s, 2 of 3'],
    [{ phase: 'backoff', tries: 0 }, 'Unhealthy: restart in 12 s, 1 of 3'],
    [{ phase: 'trying', tries: 2 }, 'Crash loop: try 2 of 3 is under way'],
    [{ phase: 'gave-up', tries: 3 }, 'Given up after 3 tries: somebody has to start it'],
    [{ phase: 'gave-up', tries: 1 }, 'Given up after 1 try: somebody has to start it'],
    [{ phase: 'gave-up', tries_max: 0 }, 'Given up: no further try'],
    [{ phase: 'cooldown', next_at: null }, 'Crash loop: next try soon, 1 of 3'],
  ] as const)('%j is “%s”', (part, text) => expect(supervisionText(supervision(part), NOW)).toBe(text));

  it('counts down, and never to less than now', () => {
    const text = (ms: number) => supervisionText(supervision({ phase: 'cooldown' }), NOW + ms);
    expect(text(11_000)).toBe('Crash loop: next try in 1 s, 1 of 3');
    expect(text(11_400)).toBe('Crash loop: next try in 1 s, 1 of 3');
    expect(text(12_000)).toBe('Crash loop: next try now, 1 of 3');
    expect(text(60_000)).toBe('Crash loop: next try now, 1 of 3');
  });

  it('names the instance where there may be several', () => {
    const instances = [
      sampleInstance('a'),
      sampleInstance('b', { id: 2, supervision: supervision({ phase: 'gave-up', tries: 3 }) }),
    ];
    const lines = supervisionLines(sampleService('api', { max: 3, instances }), NOW);
    expect(lines).toEqual([
      { key: '2', tone: 'bad', text: 'Instance 2: given up after 3 tries: somebody has to start it' },
    ]);
  });
});
