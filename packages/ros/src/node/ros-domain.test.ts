import { expect, test } from 'vitest';
import { domainOf } from './ros-domain.js';
import { Unavailable } from './unavailable.js';

test('a domain is a number from 0 to 232; none is 0', () => {
  expect([undefined, '', '0', '7', '007', '232'].map(domainOf)).toEqual([0, 0, 0, 7, 7, 232]);
});

test.each(['300', '233', 'abc', '-1', '1.5', ' 1', '1e2', '0x10', '9'.repeat(100)])(
  '%j is refused',
  (text) => {
    expect(() => domainOf(text)).toThrow(Unavailable);
  },
);
