import { hostEntrySchema, parseHostAddress, RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../verb.js';
import type { Host } from './inventory.js';
import { meansSeveral } from './means-several.js';
import { resolveTargets, sameAddress, targetWords } from './target-expression.js';

function host(name: string, address: string, labels: string[] = []): Host {
  const entry = hostEntrySchema.parse({ address, labels });
  const parsed = parseHostAddress(address);
  if (typeof parsed === 'string') throw new Error(parsed);
  return { name, address: parsed, entry, file: '/hosts.yaml' };
}

const hosts = [
  host('dock', 'ssh://dock', ['indoor']),
  host('hall', 'https://hall.lan', ['indoor', 'old']),
  host('yard', 'ssh://ada@yard', ['outdoor']),
  // A label of the name of a host is not that host, nor the other way round.
  host('indoor', 'unix:///run/x.sock', ['yard']),
];
const names = (expression: string) => resolveTargets(expression, hosts).map(({ name }) => name);

describe('who is meant', () => {
  it.each([
    ['yard', ['yard']],
    ['yard,hall', ['yard', 'hall']],
    ['hall,yard,hall', ['hall', 'yard']],
    ['@indoor', ['dock', 'hall']],
    ['indoor', ['indoor']],
    ['@yard', ['indoor']],
    ['all', ['dock', 'hall', 'indoor', 'yard']],
    ['local,all', ['local', 'dock', 'hall', 'indoor', 'yard']],
    ['all,local', ['dock', 'hall', 'indoor', 'yard', 'local']],
    ['yard,@indoor,all', ['yard', 'dock', 'hall', 'indoor']],
    ['local', ['local']],
  ])('%s is %j', (expression, expected) => {
    expect(names(expression)).toEqual(expected);
  });

  it.each([
    'yrad',
    'yard,yrad',
    'yrad,all',
    '@outdor',
    '@',
    'yard,@nobody',
    'All',
    'LOCAL',
    ' yard',
    'yard, hall',
    'outdoor',
  ])('%j is nobody, with all that it names', (expression) => {
    expect(() => names(expression)).toThrow(expect.objectContaining({ code: 'host-unknown' }) as Error);
  });

  it('what matches nothing is told with the labels there are', () => {
    const mend = (expression: string): string => {
      try {
        names(expression);
      } catch (error) {
        return RoviError.from(error).mend;
      }
      return '';
    };
    for (const one of ['@outdor', 'outdoor']) expect(mend(one)).toContain('@indoor, @old, @outdoor, @yard');
  });

  it.each(['yard,', ',yard', 'yard,,hall', ','])('%j has an empty name', (expression) => {
    expect(() => names(expression)).toThrow(UsageError);
  });

  it('all of an empty inventory is nobody', () => {
    expect(() => resolveTargets('all', [])).toThrow(/no robot in the inventory/);
  });

  it('never has a robot twice, whatever is written', () => {
    const part = fc.constantFrom('yard', 'hall', 'local', 'all', '@indoor', '@old', 'dock');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const found = names(parts.join(','));
        expect(new Set(found).size).toBe(found.length);
        expect(found.includes('local')).toBe(parts.includes('local'));
      }),
    );
  });
});

describe('whether it can be several', () => {
  it.each(['all', '@outdoor', 'yard,hall', 'local,all', 'yard,yard', '@'])('%s', (expression) => {
    expect(meansSeveral(expression)).toBe(true);
  });
  it.each(['yard', 'local', 'allhosts', 'x@y', ''])('not %j', (expression) => {
    expect(meansSeveral(expression)).toBe(false);
  });
});

describe('two names for one robot', () => {
  const same = (...given: Host[]) => sameAddress(given.map((one) => ({ name: one.name, host: one })));
  it.each([
    [host('a', 'ssh://yard'), host('b', 'ssh://ada@yard:22')],
    [host('a', 'ssh://Yard'), host('b', 'ssh://yard')],
    [host('a', 'https://hall'), host('b', 'https://hall:443/')],
    [host('a', 'unix:///run/x'), host('b', 'unix:///run/x')],
  ])('%j', (one, other) => {
    expect(same(one, other)).toEqual(['a', 'b']);
  });
  it('another port or another way is not noticed here', () => {
    expect(same(host('a', 'ssh://yard'), host('b', 'ssh://yard:2222'), host('c', 'https://yard'))).toBeNull();
  });
});

it('offers names, labels and all', () => {
  expect(targetWords(hosts)).toEqual([
    ...['local', 'dock', 'hall', 'yard', 'indoor'],
    ...['@indoor', '@old', '@outdoor', '@yard', 'all'],
  ]);
  expect(targetWords([])).toEqual(['local']);
});
