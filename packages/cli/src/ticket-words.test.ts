import { describe, expect, it } from 'vitest';
import { collectWords, jsonOrText } from './ticket-words.js';
import { UsageError } from './verb.js';

describe('KEY=VALUE', () => {
  it.each([
    ['1.5', 1.5],
    ['-3', -3],
    ['true', true],
    ['"1.5"', '1.5'],
    ['nav', 'nav'],
    ['', ''],
    ['NaN', 'NaN'],
    ['1e999', '1e999'],
    ['a=b', 'a=b'],
    ['[1, 2]', [1, 2]],
  ])('%j is read as %j', (text, value) => {
    expect(jsonOrText(text)).toEqual(value);
  });

  it('is collected by its key', () => {
    const collect = collectWords(jsonOrText);
    expect(collect('b=x=y', collect('a=1', undefined))).toEqual({ a: 1, b: 'x=y' });
    expect(Object.keys(collect('__proto__=1', undefined))).toEqual(['__proto__']);
  });

  it.each(['a', '=1', ''])('is refused as %j', (word) => {
    expect(() => collectWords(jsonOrText)(word, undefined)).toThrow(UsageError);
  });

  it('is refused twice', () => {
    expect(() => collectWords(jsonOrText)('a=2', { a: 1 })).toThrow(/twice/);
  });
});
