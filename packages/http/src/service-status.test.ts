import type { Snapshot, StackStatus, UnitStatus } from '@rovi/contract';
import { serviceStatusSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { healthOf, healthReportOf, serviceOf, serviceStatusOf } from './service-status.js';

const AT = '2026-01-01T00:01:00.000Z';
const SINCE = '2026-01-01T00:00:00.000Z';

const unit = (change: Partial<UnitStatus> = {}): UnitStatus => ({
  unit: 'rovi-nav.service',
  load_state: 'loaded',
  active_state: 'active',
  sub_state: 'running',
  result: 'success',
  invocation_id: 'a'.repeat(32),
  main_pid: 7,
  since: SINCE,
  restarts: 0,
  job: null,
  ...change,
});

function snapshot(change: Partial<StackStatus> = {}, gateway: Partial<UnitStatus> = {}): Snapshot {
  const nav: StackStatus = {
    name: 'nav',
    description: 'Navigation',
    fixed_frame: null,
    state: 'RUNNING',
    verdict: { level: 'ok', text: 'running' },
    unit: unit(),
    expected: [{ name: 'amcl', present: true, pid: 8 }],
    processes: [],
    failure: null,
    crashes: 2,
    as_of: AT,
    ...change,
  };
  return {
    robot: 'rovi',
    boot_id: 'b',
    seq: 1,
    at: AT,
    version: '1',
    bus: { connected: true, since: SINCE, error: null },
    gateway: unit({ unit: 'rovi-gateway.service', ...gateway }),
    active: 'nav',
    known: true,
    stacks: [nav],
    services: [],
    external: [],
    maintenance: [],
    operation: null,
    service_operations: [],
    tickets: null,
    faces: [],
  };
}

const figures = { cpu_percent: 12.5, memory_bytes: 123_456_789, lastRestart: null, now: AT };
const status = (name: string, ...given: Parameters<typeof snapshot>) =>
  serviceStatusSchema.parse(serviceStatusOf(serviceOf(snapshot(...given), name), figures));

const failure = { result: 'signal', exit_status: null, signal: 'SIGKILL', text: 'killed by SIGKILL' };
const error = { level: 'error', text: 'failed' } as const;

describe('a service', () => {
  it('has the figures of its unit', () => {
    expect(status('nav')).toMatchObject({
      status: 'running',
      pid: 7,
      uptime_seconds: 60,
      memory_mb: 123.5,
      crash_count: 2,
      autostart: false,
    });
  });

  it.each<[string, Partial<StackStatus>, string, string]>([
    ['whole', {}, 'running', 'healthy'],
    ['incomplete', { verdict: { level: 'warn', text: '1 missing' } }, 'running', 'degraded'],
    ['not read yet', { verdict: { level: 'stale', text: 'not read' } }, 'running', 'unknown'],
    ['failed', { state: 'FAILED', verdict: error, failure }, 'crashed', 'unhealthy'],
    [
      'being cleaned up after a crash',
      { state: 'STOPPING', verdict: error, failure },
      'crashed',
      'unhealthy',
    ],
    ['being stopped', { state: 'STOPPING', verdict: { level: 'warn', text: 'x' } }, 'stopping', 'none'],
    ['being started', { state: 'STARTING', verdict: { level: 'warn', text: 'x' } }, 'starting', 'unknown'],
    [
      'waiting for systemd to restart it',
      { state: 'STARTING', unit: unit({ active_state: 'activating', sub_state: 'auto-restart' }) },
      'crashed',
      'unhealthy',
    ],
    ['at rest', { state: 'STOPPED', verdict: { level: 'ok', text: 'stopped' } }, 'stopped', 'none'],
    ['out of sight', { state: 'UNKNOWN', verdict: { level: 'stale', text: 'x' } }, 'unknown', 'unknown'],
  ])('that is %s', (_what, change, word, health) => {
    const found = status('nav', change);
    expect([found.status, found.health.status]).toEqual([word, health]);
    expect(found.uptime_seconds === null).toBe(found.state !== 'RUNNING');
  });

  it('shows nothing of before as if it were of now while it is out of sight', () => {
    const lost = snapshot({ state: 'UNKNOWN', verdict: { level: 'stale', text: 'x' } });
    const service = serviceOf(lost, 'nav');
    expect(service.runs).toEqual([]);
    expect(serviceStatusOf(service, figures)).toMatchObject({ pid: null, since: null, uptime_seconds: null });
    expect(healthReportOf(service, lost).checks).toMatchObject([{ ok: null }, { ok: null }]);
  });

  it('has no uptime before its beginning, where the clock was set back', () => {
    expect(
      serviceStatusOf(serviceOf(snapshot(), 'nav'), { ...figures, now: '2025-01-01T00:00:00.000Z' }),
    ).toMatchObject({ uptime_seconds: 0 });
  });
});

describe('the gateway', () => {
  it('knows of its own restart by systemd from the count', () => {
    expect(status('gateway').last_restart).toBeNull();
    expect(status('gateway', {}, { restarts: 1 })).toMatchObject({ last_restart: SINCE, autostart: true });
  });

  it('is unknown before systemd was asked', () => {
    const early = { ...snapshot(), gateway: null, known: false };
    const gateway = serviceOf(early, 'gateway');
    expect(healthOf(gateway).status).toBe('unknown');
    expect(serviceStatusOf(gateway, figures)).toMatchObject({ status: 'unknown', pid: null, as_of: null });
  });
});
