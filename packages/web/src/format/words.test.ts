import { describe, expect, it } from 'vitest';
import {
  agoText,
  commandText,
  cpuText,
  durationText,
  memoryText,
  localTimes,
  momentText,
  sentence,
  shortDurationText,
} from './words.js';

describe('durationText', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [86_400_000, '1 d'],
    [187_200_000, '2 d 4 h'],
  ])('%d ms is %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('shortDurationText', () => {
  it.each([
    [79.4, '79 ms'],
    [1_774, '1.8 s'],
    [12_345, '12 s'],
  ])('%d ms is %s', (ms, text) => expect(shortDurationText(ms)).toBe(text));
});

describe('agoText', () => {
  it.each([
    [1_999, 'just now'],
    [12_000, '12 s ago'],
  ])('%d ms is %s', (ms, text) => expect(agoText(ms)).toBe(text));
});

describe('momentText', () => {
  it('names the day only where it is another one', () => {
    const at = new Date(2026, 10, 21, 14, 3, 2);
    expect(momentText(at.toISOString(), at.getTime())).toBe('14:03:02');
    expect(momentText(at.toISOString(), at.getTime() + 86_400_000)).toMatch(/21.*14:03:02|21, 14:03:02/);
  });
});

describe('figures', () => {
  it.each([
    [812_000, '812 kB'],
    [41_240_000, '41.2 MB'],
    [412_400_000, '412 MB'],
    [1_310_000_000, '1.3 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(memoryText(bytes)).toBe(text));
  it.each([
    [0.42, '0.4 %'],
    [9.96, '10 %'],
    [104.4, '104 %'],
  ])('%d per cent are %s', (percent, text) => expect(cpuText(percent)).toBe(text));
});

describe('sentence', () => {
  it.each([
    ['nav holds the robot', 'Nav holds the robot.'],
    ['ros2 launch ended', 'ros2 launch ended.'],
    ['slam_toolbox died', 'slam_toolbox died.'],
    ['`rovictl` says more', '`rovictl` says more.'],
    ['already one.', 'Already one.'],
    ['  ', ''],
  ])('%j is %j', (text, expected) => expect(sentence(text)).toBe(expected));
});

describe('localTimes', () => {
  it('turns what the robot says in UTC into the time of this device, with the day where it is another', () => {
    const noon = new Date(2026, 2, 1, 12);
    const text = (at: Date): string => `try 2 of 3 at ${at.toISOString()}`;
    expect(localTimes(text(noon), noon.getTime())).toBe('try 2 of 3 at 12:00:00');
    expect(localTimes(text(noon), noon.getTime() - 86_400_000)).toMatch(/^try 2 of 3 at .*1.*, 12:00:00$/);
    expect(sentence(text(noon))).toMatch(/^Try 2 of 3 at .*12:00:00\.$/);
    expect(localTimes('2026-99-99T99:99:99Z')).toBe('2026-99-99T99:99:99Z');
  });
});

describe('commandText', () => {
  it('names the stack where there is one', () => {
    expect([commandText('switch', 'nav'), commandText('stop-all', null)]).toEqual([
      'Switch to nav',
      'Stop everything',
    ]);
  });
});
