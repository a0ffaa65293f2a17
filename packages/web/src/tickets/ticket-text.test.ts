import { describe, expect, it } from 'vitest';
import { commandLine, labelOf, outcomeLine, statusWord, valueText } from './ticket-text.js';

describe('words of tickets', () => {
  it('a command is as short as it can be read', () => {
    expect(
      commandLine({ command: 'drive', params: { speed: 1.5, direction: 90, duration_seconds: 2 } }),
    ).toBe('drive 1.5 m/s, 90°, 2 s');
    expect(commandLine({ command: 'scan', params: {} })).toBe('scan');
    expect(commandLine({ command: 'stack.start', params: { stack: 'nav' } })).toBe('stack.start nav');
  });

  it('names and values have their units once', () => {
    expect(labelOf('duration_seconds')).toBe('Duration');
    expect(labelOf('distance_traveled')).toBe('Distance traveled');
    expect(valueText('distance_traveled', 1.23456)).toBe('1.235 m');
    expect(valueText('distance_source', 'not-measured')).toBe('not-measured');
    expect(valueText('executed', false)).toBe('no');
    expect(valueText('anything', null)).toBe('–');
  });

  it('what came of it says how far it came, and who knows', () => {
    const far = { distance_traveled: 0.25, distance_source: 'simulated' };
    expect(outcomeLine({ error: null, result: null })).toBe('');
    expect(outcomeLine({ error: null, result: far })).toBe('0.25 m simulated.');
    expect(outcomeLine({ error: 'cancelled by ann', result: far })).toBe(
      'Cancelled by ann. 0.25 m simulated.',
    );
    const unmeasured = { distance_traveled: null, distance_source: 'not-measured' };
    expect(outcomeLine({ error: null, result: unmeasured })).toBe('How far it came was not measured.');
    const scan = { ranges: [1, null], nearest: { distance: 1, angle: 0 } };
    expect(outcomeLine({ error: null, result: scan })).toBe('2 rays, nearest 1 m.');
    expect(outcomeLine({ error: null, result: { ranges: [null], nearest: null } })).toBe(
      '1 ray, nothing seen.',
    );
  });

  it('while the link is lost, what goes on is past, and what has ended stays so', () => {
    expect(statusWord('executing', true)).toBe('Executing');
    expect(statusWord('executing', false)).toBe('Was executing');
    expect(statusWord('failed', false)).toBe('Failed');
  });
});
