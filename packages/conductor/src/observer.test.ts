import { stackSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import type { ObserverChange } from './observer.js';
import { Observer } from './observer.js';
import { VirtualClock } from './robot-model.js';
import { activeReading, reading } from './unit-reading.fixture.js';

const launch = { package: 'rovi_bringup', file: 'rovi.launch.py' };
const controller = { pid: 11, comm: 'controller_serv', names: ['controller_server'] };

function watching() {
  const clock = new VirtualClock();
  const nav = stackSchema.parse({ description: 'Navigation', launch, processes: ['controller_server'] });
  const policy = { robot: 'rovi', stacks: { nav }, services: {}, lock_wait: 5 };
  const observer = new Observer(policy, clock, { of: () => null });
  const changes: ObserverChange[] = [];
  observer.subscribe((change) => changes.push(change));
  const connect = () => {
    observer.observe({ kind: 'connected' });
    observer.observe({ kind: 'unit', reading: reading() });
    observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes: [] });
  };
  return { clock, observer, changes, connect };
}

describe('the observer', () => {
  it('knows nothing until systemd has been read, and claims nothing', () => {
    const { observer, connect } = watching();
    expect(observer.known).toBe(false);
    expect(observer.restless).toEqual(['nav']);
    observer.observe({ kind: 'connected' });
    expect(observer.known).toBe(false);
    connect();
    expect(observer.known).toBe(true);
    expect(observer.restless).toEqual([]);
  });

  it('tells each change once', () => {
    const { observer, changes, connect } = watching();
    connect();
    changes.length = 0;
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'unit', reading: activeReading() });
    expect(changes).toHaveLength(1);
  });

  it('tells at once when a stack lets go of the robot, though nothing else of it is seen to change', () => {
    const { observer, changes, connect } = watching();
    connect();
    const left = { activeState: 'failed', controlGroup: '/system.slice/rovi-nav.service' };
    observer.observe({ kind: 'unit', reading: reading(left) });
    const sleeper = { pid: 100, comm: 'sleep', names: ['sleep'] };
    observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes: [sleeper] });
    expect(observer.holder).toBe('nav');
    changes.length = 0;
    observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes: [] });
    expect(observer.holder).toBeNull();
    expect(changes).toHaveLength(1);
  });

  it('tells of other processes alone once a second, of an expected one at once', async () => {
    const { clock, observer, changes, connect } = watching();
    connect();
    observer.observe({ kind: 'unit', reading: activeReading() });
    changes.length = 0;
    const told = (processes: { pid: number; comm: string; names: string[] }[]) =>
      observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes });
    told([controller]);
    expect(changes).toHaveLength(1);
    for (let pid = 100; pid < 150; pid += 1) {
      told([controller, { pid, comm: 'sleep', names: ['sleep'] }]);
      await clock.advance(30);
    }
    expect(changes.length).toBeLessThanOrEqual(3);
    await clock.advance(1000);
    const last = changes.at(-1);
    expect(last?.kind === 'stack' && last.stack.processes.map(({ pid }) => pid)).toEqual([11, 149]);
    const before = changes.length;
    told([]);
    expect(changes).toHaveLength(before + 1);
  });

  it('takes the first process of a start, seen before the unit is activating, for a start', () => {
    const { observer, changes, connect } = watching();
    connect();
    changes.length = 0;
    const job = { id: 9, type: 'unknown' };
    const child = { pid: 20, comm: '(stack.sh)', names: [] };
    const starting = { invocationId: 'd'.repeat(32), controlGroup: '/g' };
    observer.observe({ kind: 'unit', reading: reading({ ...starting, job }) });
    observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes: [child] });
    observer.observe({ kind: 'unit', reading: reading({ ...starting, activeState: 'activating', job }) });
    observer.observe({ kind: 'unit', reading: activeReading(starting) });
    const seen = changes.flatMap((change) => (change.kind === 'stack' ? [change.stack] : []));
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(['STARTING', 'RUNNING']));
    expect(seen.filter(({ verdict }) => verdict.level === 'error')).toEqual([]);
  });

  it('forgets the processes of a cgroup that was replaced', () => {
    const { observer, connect } = watching();
    connect();
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'processes', unit: 'rovi-nav.service', processes: [controller] });
    expect(observer.status('nav').expected[0]?.present).toBe(true);
    observer.observe({ kind: 'unit', reading: activeReading({ controlGroup: '/other' }) });
    expect(observer.status('nav').expected[0]?.present).toBeNull();
  });

  it('makes everything unknown with the bus, with the time of the last confirmation', async () => {
    const { clock, observer, connect } = watching();
    connect();
    const at = observer.status('nav').as_of;
    observer.observe({ kind: 'disconnected', error: 'gone' });
    await clock.advance(5000);
    observer.observe({ kind: 'disconnected', error: 'still gone' });
    expect(observer.status('nav')).toMatchObject({ state: 'UNKNOWN', as_of: at });
    expect(observer.known).toBe(false);
    connect();
    expect(observer.status('nav').state).toBe('STOPPED');
  });

  it('counts crashes: neither a start nor a stop that failed, nor what failed before the bus came back', () => {
    const { observer, connect } = watching();
    connect();
    const failed = reading({ activeState: 'failed', result: 'signal', execMainCode: 2, execMainStatus: 9 });
    const lost = reading({ activeState: 'failed', result: 'exit-code', execMainCode: 1, execMainStatus: 75 });
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'unit', reading: failed });
    observer.observe({ kind: 'unit', reading: failed });
    expect(observer.status('nav').crashes).toBe(1);
    observer.observe({ kind: 'unit', reading: reading({ activeState: 'activating' }) });
    observer.observe({ kind: 'unit', reading: lost });
    expect(observer.status('nav').crashes).toBe(1);
    const job = { id: 3, type: 'stop' };
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'unit', reading: reading({ activeState: 'deactivating', job }) });
    observer.observe({ kind: 'unit', reading: { ...failed, job } });
    expect(observer.status('nav').crashes).toBe(1);
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'disconnected', error: 'gone' });
    observer.observe({ kind: 'connected' });
    observer.observe({ kind: 'unit', reading: failed });
    expect(observer.status('nav').crashes).toBe(1);
  });

  it('tells an end that nobody asked for from a stop, until the next run', () => {
    const { observer, connect } = watching();
    connect();
    const stop = { id: 7, type: 'stop' };
    const ending = { activeState: 'deactivating', invocationId: 'a'.repeat(32), controlGroup: '/g' };
    const gone = { ...ending, activeState: 'inactive', controlGroup: '', execMainCode: 1 };
    const shown = () => observer.status('nav').verdict;
    observer.observe({ kind: 'unit', reading: activeReading() });
    observer.observe({ kind: 'unit', reading: activeReading({ job: stop }) });
    observer.observe({ kind: 'unit', reading: reading({ ...ending, job: stop }) });
    observer.observe({ kind: 'unit', reading: reading(gone) });
    expect(shown()).toEqual({ level: 'ok', text: 'stopped' });
    expect(observer.status('nav').crashes).toBe(0);
    const again = { invocationId: 'b'.repeat(32) };
    observer.observe({ kind: 'unit', reading: activeReading(again) });
    observer.observe({ kind: 'unit', reading: reading({ ...ending, ...again }) });
    observer.observe({ kind: 'unit', reading: reading({ ...gone, ...again }) });
    expect(shown()).toEqual({ level: 'warn', text: 'ended by itself: exit code 0' });
    expect(observer.status('nav').crashes).toBe(1);
    observer.observe({ kind: 'unit', reading: activeReading({ invocationId: 'c'.repeat(32) }) });
    observer.observe({
      kind: 'unit',
      reading: reading({ ...gone, invocationId: 'c'.repeat(32), job: stop }),
    });
    expect(shown()).toEqual({ level: 'ok', text: 'stopped' });
  });

  it('waits for a state, gives up at the deadline, and ends with the signal', async () => {
    const { clock, observer, connect } = watching();
    connect();
    const running = observer.waitFor('nav', ({ state }) => state === 'RUNNING', { deadlineMs: 100 });
    observer.observe({ kind: 'unit', reading: activeReading() });
    expect((await running)?.state).toBe('RUNNING');
    const never = observer.waitFor('nav', ({ state }) => state === 'FAILED', { deadlineMs: 100 });
    await clock.advance(101);
    expect(await never).toBeNull();
    const abort = new AbortController();
    const ended = observer.waitFor('nav', ({ state }) => state === 'FAILED', {
      deadlineMs: 100,
      signal: abort.signal,
    });
    abort.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  });
});
