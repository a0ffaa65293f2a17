import type { RoviEvent } from '@rovi/contract';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { EventLines } from './event-line.js';
import { NOON, sampleNav, sampleOperation, sampleSnapshot, sampleStack } from './sample-state.js';

const at = new Date(NOON).toISOString();
const stamp = { active: 'nav', known: true, seq: 1, at };
const lines = () => new EventLines(pc.createColors(false));
const snapshot: RoviEvent = { type: 'snapshot', ...stamp, snapshot: sampleSnapshot() };
const nav: RoviEvent = { type: 'stack', ...stamp, stack: sampleNav };
const running = { ...sampleOperation, outcome: 'running' as const, message: 'start rovi-nav.service' };

describe('events as lines', () => {
  it('tell what is new, and nothing again', () => {
    const given = lines();
    expect(given.next(nav, NOON)).toMatch(/ nav RUNNING: /);
    expect(given.next({ ...nav, stack: { ...sampleNav, processes: [{ pid: 999, comm: 'sh' }] } }, NOON)).toBe(
      '',
    );
    const ended = {
      ...sampleNav,
      state: 'STOPPED' as const,
      verdict: { level: 'ok' as const, text: 'stopped' },
    };
    expect(given.next({ ...nav, stack: ended }, NOON)).toMatch(/ nav STOPPED: stopped\n$/);
    expect(given.next(nav, NOON)).toMatch(/ nav RUNNING: /);
    expect(given.next({ ...nav, stack: sampleStack('teleop') }, NOON)).not.toBe('');
  });

  it('do not repeat what a snapshot held, and begin anew with each', () => {
    const given = lines();
    expect(given.next(snapshot, NOON)).toMatch(/connected to the gateway: active stack nav\n$/);
    expect(given.next(nav, NOON)).toBe('');
    expect(given.next({ type: 'bus', ...stamp, bus: sampleSnapshot().bus }, NOON)).toBe('');
    const lost = { connected: false, since: at, error: 'gone' };
    expect(given.next({ type: 'bus', ...stamp, bus: lost }, NOON)).toContain('lost: gone');
    expect(given.next(snapshot, NOON)).not.toBe('');
    expect(given.next({ type: 'bus', ...stamp, bus: lost }, NOON)).toContain('lost: gone');
  });

  it('tell each step of an operation once, and its end', () => {
    const given = lines();
    const step = (operation: typeof sampleOperation) =>
      given.next({ type: 'operation', ...stamp, operation }, NOON);
    expect(step(running)).toContain('running, start rovi-nav.service');
    expect(step({ ...running, steps: [{ text: 'x', started_at: at, duration_ms: 5 }] })).toBe('');
    expect(step({ ...running, id: 'op-other' })).not.toBe('');
    expect(step({ ...running, message: 'wait for nav_node' })).toContain('wait for nav_node');
    expect(step({ ...running, outcome: 'succeeded', message: 'nav running' })).toContain('succeeded');
  });
});
