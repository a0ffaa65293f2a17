import { describe, expect, it } from 'vitest';
import { rosProbeSchema } from './ros.js';

describe('what can be asked about the ROS graph', () => {
  it('has a window and a rate for a topic, also as words of a query', () => {
    expect(rosProbeSchema.parse({ kind: 'topic', name: '/scan' })).toEqual({
      kind: 'topic',
      name: '/scan',
      window_ms: 2000,
      min_rate: 0,
    });
    expect(
      rosProbeSchema.parse({ kind: 'topic', name: '/scan', window_ms: '500', min_rate: '7.5' }),
    ).toMatchObject({ window_ms: 500, min_rate: 7.5 });
    expect(rosProbeSchema.parse({ kind: 'node', name: '/robot_1/amcl' })).toMatchObject({ kind: 'node' });
    expect(rosProbeSchema.parse({ kind: 'available' })).toEqual({ kind: 'available' });
  });

  it.each([
    ['another kind', { kind: 'service', name: '/x' }],
    ['no name', { kind: 'node' }],
    ['a relative name', { kind: 'topic', name: 'scan' }],
    ['the root', { kind: 'node', name: '/' }],
    ['a trailing slash', { kind: 'topic', name: '/scan/' }],
    ['an empty part', { kind: 'topic', name: '/a//b' }],
    ['a digit first', { kind: 'topic', name: '/1scan' }],
    ['a line end', { kind: 'topic', name: '/scan\n' }],
    ['a name without end', { kind: 'topic', name: `/${'a'.repeat(255)}` }],
    ['no time to listen', { kind: 'topic', name: '/scan', window_ms: 0 }],
    ['half an hour', { kind: 'topic', name: '/scan', window_ms: 1_800_000 }],
    ['a part of a millisecond', { kind: 'topic', name: '/scan', window_ms: 100.5 }],
    ['no number', { kind: 'topic', name: '/scan', window_ms: 'soon' }],
    ['a negative rate', { kind: 'topic', name: '/scan', min_rate: -1 }],
    ['a word it does not know', { kind: 'available', name: '/x' }],
  ])('is refused with %s', (_, probe) => {
    expect(rosProbeSchema.safeParse(probe).success).toBe(false);
  });
});
