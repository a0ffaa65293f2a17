import type { Maintenance, SupervisedService } from '@rovi/contract';
import { sampleInstance, sampleService } from '@rovi/contract/sample-service';
import { describe, expect, it } from 'vitest';
import type { Usage } from './diagnostics.js';
import { diagnosticsOf } from './diagnostics.js';
import { lastWords } from './last-words.js';
import { sampleNav, sampleSnapshot, sampleStack } from './sample-snapshot.fixture.js';

const stamp = { sec: 1, nanosec: 2 };
const none: ReadonlyMap<string, Usage> = new Map();

/** The key-values of one entry. */
function valuesOf(name: string, snapshot = sampleSnapshot(), usage = none): Record<string, string> {
  const { status } = diagnosticsOf(snapshot, usage, stamp);
  const entry = status.find((one) => one.name === name);
  const keys = entry?.values.map(({ key }) => key) ?? [];
  expect(new Set(keys).size).toBe(keys.length);
  return Object.fromEntries(entry?.values.map(({ key, value }) => [key, value]) ?? []);
}

describe('diagnostics', () => {
  it('are all units in one array, the gateway first, under stable names', () => {
    const { header, status } = diagnosticsOf(sampleSnapshot(), none, stamp);
    expect(header).toEqual({ stamp, frame_id: '' });
    expect(status.map(({ name }) => name)).toEqual(['rovi: gateway', 'rovi: teleop', 'rovi: nav']);
    expect(status.every(({ hardware_id }) => hardware_id === 'rovi-7')).toBe(true);
  });

  it.each([
    ['ok', 0],
    ['warn', 1],
    ['error', 2],
    ['stale', 3],
  ] as const)('a verdict of %s is level %i', (level, number) => {
    const stack = sampleStack('nav', { verdict: { level, text: 'so it is' } });
    const { status } = diagnosticsOf(sampleSnapshot({ stacks: [stack] }), none, stamp);
    expect(status[1]).toMatchObject({ level: number, message: 'STOPPED: so it is' });
  });

  it('name every figure the issue asks for', () => {
    const usage = new Map<string, Usage>([
      [
        'rovi-nav.service',
        { cpu_seconds: 12.3456, memory_bytes: 1048576.4, source: 'cgroup', cpu_percent: 7.25 },
      ],
    ]);
    expect(valuesOf('rovi: nav', sampleSnapshot(), usage)).toEqual({
      State: 'RUNNING',
      Unit: 'rovi-nav.service',
      ActiveState: 'active',
      SubState: 'running',
      Result: 'success',
      InvocationID: '0123456789abcdef0123456789abcdef',
      MainPID: '4242',
      Since: '2026-03-01T11:58:30.000Z',
      Restarts: '0',
      'CPU %': '7.3',
      'CPU s': '12.346',
      'Memory bytes': '1048576',
      Crashes: '0',
      'Process controller_server': 'running (PID 4250)',
      'Process planner_server': 'missing',
    });
  });

  it('leave empty what is not known, and do not say "missing" of it', () => {
    const expected = [{ name: 'controller_server', present: null, pid: null }];
    const snapshot = sampleSnapshot({ stacks: [{ ...sampleNav, expected }] });
    expect(valuesOf('rovi: nav', snapshot)).toMatchObject({
      'CPU %': '',
      'CPU s': '',
      'Memory bytes': '',
      'Process controller_server': 'unknown',
    });
    expect(valuesOf('rovi: teleop')).toMatchObject({ InvocationID: '', MainPID: '', Since: '' });
  });

  it('tell why a stack failed', () => {
    const failure = { result: 'signal', exit_status: null, signal: 'SIGKILL', text: 'killed by SIGKILL' };
    const stack = sampleStack('nav', { state: 'FAILED', failure, crashes: 2 });
    const snapshot = sampleSnapshot({ stacks: [stack] });
    expect(valuesOf('rovi: nav', snapshot)).toMatchObject({ Failure: 'killed by SIGKILL', Crashes: '2' });
    expect(valuesOf('rovi: nav')).not.toHaveProperty('Failure');
  });

  it.each([
    ['is active', sampleSnapshot(), 0, 'active (running)'],
    ['is not known', sampleSnapshot({ gateway: null }), 3, 'state of the unit not known'],
    [
      'cannot be read',
      sampleSnapshot({ bus: { connected: false, since: '2026-03-01T12:00:00.000Z', error: 'gone' } }),
      3,
      'no connection to systemd: gone',
    ],
  ])('the gateway: its unit %s', (_, snapshot, level, message) => {
    expect(diagnosticsOf(snapshot, none, stamp).status[0]).toMatchObject({ level, message });
  });

  it('the gateway that goes down is no longer OK', () => {
    const gateway = { ...sampleSnapshot().gateway, active_state: 'deactivating' };
    const snapshot = sampleSnapshot({ gateway: gateway as never });
    expect(diagnosticsOf(snapshot, none, stamp).status[0]).toMatchObject({ level: 1 });
  });

  it('have one entry for each service, all its instances in it, after the stacks', () => {
    const failing = {
      name: 'http',
      role: 'liveness',
      type: 'http',
      passing: false,
      streak: 3,
      last: { at: '2026-03-01T12:00:00.000Z', ok: false, text: 'HTTP 503', duration_ms: 4, figures: {} },
    } as const;
    const api = sampleService('api', {
      level: 'error',
      text: '1 of 2 instances running; instance 2 crash loop',
      health: 'unhealthy',
      wanted: 2,
      max: 4,
      instances: [
        sampleInstance('rovi-api@1.service', {
          restarts: 1,
          health: { status: 'unhealthy', text: 'HTTP 503', since: null, ready: false, checks: [failing] },
        }),
        sampleInstance('rovi-api@2.service', {
          id: 2,
          state: 'FAILED',
          text: 'crash loop',
          restarts: 5,
          crashes: 6,
          failure: { result: 'exit-code', exit_status: 1, signal: null, text: 'exit code 1' },
          supervision: {
            ...sampleInstance('').supervision,
            phase: 'cooldown',
            text: 'crash loop: the next try is in 30 s',
          },
        }),
      ],
    });
    const snapshot = sampleSnapshot({ services: [sampleService('bus'), api] });
    const { status } = diagnosticsOf(snapshot, none, stamp);
    expect(status.map(({ name }) => name)).toEqual([
      'rovi: gateway',
      'rovi: teleop',
      'rovi: nav',
      'rovi: bus',
      'rovi: api',
    ]);
    expect(status.map(({ level }) => level).slice(3)).toEqual([0, 2]);
    expect(status[4]?.message).toBe('RUNNING: 1 of 2 instances running; instance 2 crash loop');
    expect(valuesOf('rovi: bus', snapshot)).toEqual({
      State: 'RUNNING',
      Health: 'healthy',
      Instances: '1 of 1',
      Restarts: '0',
      Crashes: '0',
    });
    expect(valuesOf('rovi: api', snapshot)).toEqual({
      State: 'RUNNING',
      Health: 'unhealthy',
      Instances: '1 of 2',
      Restarts: '6',
      Crashes: '6',
      'Instance 1': 'RUNNING: running',
      'Check http 1': 'failing: HTTP 503',
      'Instance 2': 'FAILED: crash loop',
      'Failure 2': 'exit code 1',
      'Supervision 2': 'crash loop: the next try is in 30 s',
    });
  });

  it('say of a critical service that is down that the robot is not well, unless it is in maintenance', () => {
    const engine = { critical: true, managed: 'system', state: 'STOPPED', text: 'stopped' } as const;
    const maintenance: Maintenance = {
      target: 'engine',
      reason: 'new disk',
      actor: { name: 'ada', face: 'cli', verified: true },
      since: '2026-03-01T12:00:00.000Z',
      until: null,
    };
    const said = (part: Partial<SupervisedService>) => {
      const services = [sampleService('engine', { ...engine, ...part })];
      const { level, message } = diagnosticsOf(sampleSnapshot({ services }), none, stamp).status.at(-1)!;
      return [level, message];
    };
    expect(said({})).toEqual([2, 'STOPPED: stopped']);
    expect(said({ critical: false })).toEqual([0, 'STOPPED: stopped']);
    expect(said({ state: 'MAINTENANCE', text: 'in maintenance: new disk', maintenance })).toEqual([
      0,
      'MAINTENANCE: in maintenance: new disk',
    ]);
  });

  it('say of what is in maintenance that it is, and until when', () => {
    const maintenance = (target: string | null, until: string | null): Maintenance => ({
      target,
      reason: 'new lidar',
      actor: { name: 'olga', face: 'web', verified: true },
      since: '2026-03-01T11:00:00.000Z',
      until,
    });
    const own = maintenance('nav', '2026-03-01T13:00:00.000Z');
    const snapshot = sampleSnapshot({
      maintenance: [own],
      services: [sampleService('bus', { maintenance: own })],
    });
    expect(valuesOf('rovi: nav', snapshot)).toMatchObject({
      Maintenance: 'new lidar, by olga, until 2026-03-01T13:00:00.000Z',
    });
    expect(valuesOf('rovi: teleop', snapshot)).not.toHaveProperty('Maintenance');
    const { status } = diagnosticsOf(snapshot, none, stamp);
    expect(status[1]?.message).toBe('STOPPED: stopped');
    expect(status[2]?.message).toMatch(/^RUNNING: .*; in maintenance: new lidar$/);
    expect(status[3]?.message).toBe('RUNNING: running; in maintenance: new lidar');
    const robot = sampleSnapshot({ maintenance: [maintenance(null, null)] });
    expect(valuesOf('rovi: teleop', robot)).toMatchObject({
      Maintenance: 'new lidar, by olga, until it is ended',
    });
  });

  it('are all STALE when the conductor has gone', () => {
    const { status } = diagnosticsOf(lastWords(sampleSnapshot()), none, stamp);
    expect(status.map(({ level }) => level)).toEqual([3, 3, 3]);
    expect(status[2]?.message).toBe('UNKNOWN: the conductor has stopped: nobody watches');
  });
});
