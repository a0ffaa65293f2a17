import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleCrashing, sampleService } from '../views/sample-service.js';
import { sampleStack } from '../views/sample-state.js';
import { arranged, isWell, nextSort, sortKeys, type RowOrder } from './row-order.js';
import { sampleHost } from './sample-host.js';
import { rowsOf } from './unit-row.js';

const stacks = [sampleStack('teleop'), sampleStack('nav', { state: 'RUNNING' })];
const services = [sampleService('web', { state: 'RUNNING' }), sampleCrashing];
const rows = [
  ...rowsOf(sampleHost('yard', { stacks, services })),
  ...rowsOf(sampleHost('hall', { stacks: [sampleStack('camera', { state: 'UNKNOWN', as_of: null })] })),
].map((row, index) => ({ ...row, cpuPercent: index % 2 === 0 ? index : null }));

const names = (order: Partial<RowOrder>): string[] =>
  arranged(rows, { sort: 'robot', filter: '', unwell: false, ...order }).map(
    ({ host, name }) => `${host}/${name}`,
  );

it('filters by name, host, state and kind, all words of it', () => {
  expect(names({ filter: 'HALL' })).toEqual(['hall/gateway', 'hall/camera']);
  expect(names({ filter: 'yard stack run' })).toEqual(['yard/nav']);
  expect(names({ filter: 'failed' })).toEqual(['yard/video']);
  expect(names({ filter: 'nothing like it' })).toEqual([]);
});

it('leaves what is not well, and what is not known is not well', () => {
  expect(names({ unwell: true })).toEqual(['yard/video', 'hall/camera']);
});

it('finds what is not current by the word for it, not by what it was', () => {
  const old = rows.map((row) => ({ ...row, seenAt: 1 }));
  expect(arranged(old, { sort: 'robot', filter: 'running', unwell: false })).toEqual([]);
  expect(arranged(old, { sort: 'robot', filter: 'unknown', unwell: false })).toHaveLength(old.length);
  expect(old.some(isWell)).toBe(false);
});

it('sorts: by state the most urgent first, by figures the largest, what has none last', () => {
  expect(names({ sort: 'state' }).slice(0, 2)).toEqual(['yard/video', 'hall/camera']);
  expect(names({ sort: 'cpu' })[0]).toBe('hall/camera');
  expect(names({ sort: 'name' })[0]).toBe('hall/camera');
  let sort = sortKeys[0];
  for (const expected of [...sortKeys.slice(1), sortKeys[0]])
    expect((sort = nextSort(sort) as never)).toBe(expected);
});

it('never loses or doubles a row by sorting', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(rows), fc.constantFrom(...sortKeys), (some, sort) => {
      const sorted = arranged(some, { sort, filter: '', unwell: false });
      expect(new Set(sorted)).toEqual(new Set(some));
      expect(sorted).toHaveLength(some.length);
    }),
  );
});
