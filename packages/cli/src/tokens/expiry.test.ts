import { describe, expect, it } from 'vitest';
import { expiryOf } from './expiry.js';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('when a token ends', () => {
  it.each([
    ['30m', '2026-11-21T12:30:00.000Z'],
    ['12h', '2026-11-22T00:00:00.000Z'],
    ['90d', '2027-02-19T12:00:00.000Z'],
    ['1w', '2026-11-28T12:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2026-11-21T12:00:01Z', '2026-11-21T12:00:01.000Z'],
  ])('%s', (text, at) => {
    expect(new Date(expiryOf(text, now)).toISOString()).toBe(at);
  });

  it.each(['', 'soon', '0d', '-1d', '1y', '2026-11-20', '2026-13-45', '99999999d'])('refuses %j', (text) => {
    expect(() => expiryOf(text, now)).toThrow(/is no time|has passed/);
  });
});
