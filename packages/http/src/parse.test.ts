import { commandBodySchema, logsQuerySchema } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { parse, parseActor, prefersAsync } from './parse.js';
import { resumePointOf } from './routes/events.js';

const request = (headers: Record<string, string | string[]>) => ({ headers }) as unknown as FastifyRequest;

describe('parse', () => {
  it('fills in defaults', () => {
    expect(parse(commandBodySchema, undefined, 'body')).toEqual({ reason: '' });
    expect(parse(logsQuerySchema, { follow: '1' }, 'query')).toMatchObject({ follow: true, lines: 100 });
  });

  it('names each field at fault', () => {
    expect(() => parse(logsQuerySchema, { lines: 'x', priority: '9' }, 'query')).toThrow(
      /^query\.lines: .*; query\.priority: /,
    );
  });
});

describe('parseActor', () => {
  it('believes no more than it was told, and less than that', () => {
    expect(parseActor(request({}))).toEqual({ name: 'unknown', face: 'http', verified: false });
    expect(parseActor(request({ 'x-rovi-actor': 'ann@desk', 'x-rovi-face': 'cli' }))).toEqual({
      name: 'ann@desk',
      face: 'cli',
      verified: false,
    });
    for (const name of ['', 'a b', 'a\n', 'ä', 'a'.repeat(65)]) {
      expect(() => parseActor(request({ 'x-rovi-actor': name }))).toThrow(/X-Rovi-Actor/);
    }
  });
});

describe('prefersAsync', () => {
  it.each([
    [undefined, false],
    ['respond-async', true],
    ['wait=10, Respond-Async', true],
    ['respond-async; foo=bar', true],
    ['respond-asynchronously', false],
  ])('%s: %s', (prefer, expected) => {
    expect(prefersAsync(request(prefer === undefined ? {} : { prefer }))).toBe(expected);
  });
});

describe('resumePointOf', () => {
  it.each([
    ['b-1:7', {}, { boot: 'b-1', since: 7 }],
    ['b-1:7', { boot: 'b-0', since: 1 }, { boot: 'b-1', since: 7 }],
    ['nonsense', { boot: 'b-0', since: 1 }, { boot: 'b-0', since: 1 }],
    ['b:99999999999999999999', {}, null],
    [undefined, { since: 1 }, null],
    [undefined, { boot: 'b' }, null],
  ])('%s and %j give %j', (id, query, point) => {
    expect(resumePointOf(id, query)).toEqual(point);
  });
});
