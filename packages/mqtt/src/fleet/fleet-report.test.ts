import { FLEET_UNITS, fleetReportSchema, snapshotSchema } from '@rovi/contract';
import type { Snapshot } from '@rovi/contract';
import { sampleService } from '@rovi/contract/sample-service';
import { describe, expect, it } from 'vitest';
import { fleetReport } from './fleet-report.js';

const AT = '2026-03-01T12:00:00.000Z';

function snapshot(part: Partial<Snapshot> = {}): Snapshot {
  return snapshotSchema.parse({
    robot: 'alpha',
    boot_id: 'run',
    seq: 1,
    at: AT,
    version: '0.1.0',
    bus: { connected: true, since: AT, error: null },
    gateway: null,
    active: null,
    known: true,
    stacks: [],
    services: [],
    external: [],
    maintenance: [],
    operation: null,
    ...part,
  });
}

const report = (part: Partial<Snapshot> = {}) =>
  fleetReportSchema.parse({
    ...fleetReport(snapshot(part), { heartbeat: 20, commands: true }),
    at: AT,
  });

describe('the report of a robot', () => {
  it('is well where all is', () => {
    expect(report()).toMatchObject({ level: 'ok', text: 'no stack is active', estop: false, cut: false });
  });

  it('says the worst there is, and how much more', () => {
    const services = [
      sampleService('web', { level: 'warn', text: 'degraded' }),
      sampleService('camera', { level: 'error', text: 'failed: exit code 3' }),
      sampleService('log'),
    ];
    expect(report({ services })).toMatchObject({
      level: 'error',
      text: 'camera: failed: exit code 3, and 1 more',
    });
  });

  it('is not well without a critical service, however good the order in which that was stopped', () => {
    const stopped = { critical: true, state: 'STOPPED', text: 'stopped' } as const;
    const services = [sampleService('engine', { ...stopped, managed: 'system' }), sampleService('log')];
    const told = report({ services });
    expect(told).toMatchObject({ level: 'error', text: 'engine: stopped' });
    expect(told.services.map(({ name, level }) => [name, level])).toEqual([
      ['engine', 'error'],
      ['log', 'ok'],
    ]);
    // What only an operator starts is at rest without harm, and so is one in maintenance.
    expect(report({ services: [sampleService('arm', { ...stopped, autostart: false })] }).level).toBe('ok');
    const maintained = { ...stopped, managed: 'system', state: 'MAINTENANCE' } as const;
    expect(report({ services: [sampleService('engine', maintained)] }).level).toBe('ok');
  });

  it('does not hide a failure behind what is not known', () => {
    const services = [
      sampleService('ghost', { level: 'stale', text: 'unknown' }),
      sampleService('camera', { level: 'error', text: 'failed' }),
    ];
    expect(report({ services })).toMatchObject({ level: 'error', text: 'camera: failed, and 1 more' });
  });

  it('knows nothing without systemd, whatever it knew', () => {
    const services = [sampleService('camera', { level: 'error', text: 'failed' })];
    expect(report({ known: false, services })).toMatchObject({ level: 'stale', known: false });
  });

  it('names 200 services at most, and says that there are more', () => {
    const services = Array.from({ length: FLEET_UNITS + 1 }, (_, index) =>
      sampleService(`s${String(index)}`),
    );
    const { services: told, cut } = report({ services });
    expect(told).toHaveLength(FLEET_UNITS);
    expect(cut).toBe(true);
  });

  it('is in maintenance where the robot is, not where a service is', () => {
    const actor = { name: 'ada', face: 'cli', verified: true } as const;
    const one = { reason: 'cable', actor, since: AT, until: null };
    expect(report({ maintenance: [{ ...one, target: 'camera' }] }).maintenance).toBe(false);
    expect(report({ maintenance: [{ ...one, target: null }] }).maintenance).toBe(true);
  });
});
