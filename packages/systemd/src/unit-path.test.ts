import { describe, expect, it } from 'vitest';
import { socketAddress } from './bus-address.js';
import { reconnectDelay } from './reconnect-delay.js';
import { unitPath } from './unit-path.js';

describe('unitPath', () => {
  it.each([
    ['rovi-nav.service', '/org/freedesktop/systemd1/unit/rovi_2dnav_2eservice'],
    ['2x.service', '/org/freedesktop/systemd1/unit/_32x_2eservice'],
    ['a@b\\x2d.service', '/org/freedesktop/systemd1/unit/a_40b_5cx2d_2eservice'],
  ])('%s', (unit, path) => expect(unitPath(unit)).toBe(path));
});

describe('socketAddress', () => {
  it('takes the first Unix path, unescaped', () => {
    expect(socketAddress('tcp:host=x;unix:guid=1,path=/run/a%20b')).toBe('unix:socket=/run/a b');
    expect(() => socketAddress('unix:abstract=x')).toThrow('names no unix:path=');
  });
});

describe('reconnectDelay', () => {
  it('doubles from 50 ms to 5 s, less up to a quarter', () => {
    expect([0, 1, 2, 6, 7, 1000].map((attempt) => reconnectDelay(attempt, 0))).toEqual([
      50, 100, 200, 3200, 5000, 5000,
    ]);
    expect(reconnectDelay(0, 1)).toBe(37.5);
  });
});
