import { describe, expect, it } from 'vitest';
import { EventLog } from './event-log.js';

const at = '2026-01-01T00:00:00.000Z';
const bus = {
  type: 'bus',
  active: null,
  known: true,
  bus: { connected: true, since: at, error: null },
} as const;

const unexpected = (error: unknown): never => {
  throw error;
};

describe('the event log', () => {
  it('numbers without a gap and resumes after any event it still keeps', () => {
    const log = new EventLog(3, unexpected);
    for (let count = 0; count < 5; count += 1) log.append(bus, at);
    expect(log.seq).toBe(5);
    expect(log.after(2)?.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(log.after(5)).toEqual([]);
    expect(log.after(1)).toBeNull();
    expect(log.after(6)).toBeNull();
  });

  it('hands each event to every listener in order until that one leaves', () => {
    const log = new EventLog(3, unexpected);
    const heard: number[] = [];
    const leave = log.subscribe(({ seq }) => heard.push(seq));
    log.append(bus, at);
    log.append(bus, at);
    leave();
    log.append(bus, at);
    expect(heard).toEqual([1, 2]);
  });

  it('hands each event to the others when a listener throws, and tells of that one once', () => {
    const faults: unknown[] = [];
    const log = new EventLog(3, (error) => faults.push(error));
    const heard: string[] = [];
    log.subscribe(({ seq }) => heard.push(`first ${seq}`));
    log.subscribe(({ seq }) => {
      heard.push(`faulty ${seq}`);
      throw new Error(`defect at ${seq}`);
    });
    log.subscribe(({ seq }) => heard.push(`last ${seq}`));
    log.append(bus, at);
    log.append(bus, at);
    expect(heard).toEqual(['first 1', 'faulty 1', 'last 1', 'first 2', 'faulty 2', 'last 2']);
    expect(faults).toEqual([new Error('defect at 1')]);
  });
});
