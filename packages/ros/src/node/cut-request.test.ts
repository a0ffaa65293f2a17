import { expect, test } from 'vitest';
import { cutRequest } from './cut-request.js';

test('text of a request is cut, all else is left as it is', () => {
  const request = { stack: 'nav', reason: 'x'.repeat(40_000_000), force: true, seq: 3 };
  expect(cutRequest(request)).toEqual({ ...request, reason: 'x'.repeat(1_000) });
});
