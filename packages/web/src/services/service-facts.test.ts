import { sampleInstance, sampleService } from '@rovi/contract/sample-service';
import { describe, expect, it } from 'vitest';
import {
  countsOf,
  criticalDown,
  groupsOf,
  instancesText,
  isAtRest,
  isInstalled,
  runsSince,
  systemText,
} from './service-facts.js';

const at = (state: 'RUNNING' | 'STOPPED' | 'FAILED', part = {}) => sampleInstance('u', { state, ...part });

describe('groups', () => {
  it('have each service once, the group of the most important one first', () => {
    const services = [
      sampleService('bus', { category: 'core' }),
      sampleService('api', { category: 'web' }),
      sampleService('store', { category: 'core' }),
    ];
    expect(
      groupsOf(services).map(({ category, services: members }) => [category, members.map((m) => m.name)]),
    ).toEqual([
      ['core', ['bus', 'store']],
      ['web', ['api']],
    ]);
  });
});

describe('the facts of a service', () => {
  it('count instances only where there may be several', () => {
    expect(instancesText(sampleService('api'))).toBe('');
    const three = sampleService('api', {
      max: 4,
      wanted: 3,
      instances: [at('RUNNING'), at('RUNNING'), at('FAILED')],
    });
    expect(instancesText(three)).toBe('2 of 3');
  });

  it('sum what happened to all instances, and run since the oldest one', () => {
    const api = sampleService('api', {
      instances: [
        at('RUNNING', { restarts: 1, crashes: 2, started_at: '2026-03-01T12:00:10.000Z' }),
        at('RUNNING', { restarts: 3, crashes: 0, started_at: '2026-03-01T12:00:00.000Z' }),
        at('STOPPED', { started_at: null }),
      ],
    });
    expect(countsOf(api)).toEqual({ restarts: 4, crashes: 2 });
    expect(runsSince(api)).toBe(Date.parse('2026-03-01T12:00:00.000Z'));
    expect(runsSince(sampleService('api', { instances: [at('STOPPED', { started_at: null })] }))).toBeNull();
  });

  it('are not at rest while supervision is about to start it again: that can be stopped', () => {
    const { supervision } = sampleInstance('u');
    const failed = (phase: 'watching' | 'cooldown' | 'gave-up') =>
      isAtRest(
        sampleService('api', { instances: [at('FAILED', { supervision: { ...supervision, phase } })] }),
      );
    expect([failed('watching'), failed('gave-up'), failed('cooldown')]).toEqual([true, true, false]);
    expect(isAtRest(sampleService('api', { instances: [at('STOPPED'), at('RUNNING')] }))).toBe(false);
  });
});

describe('a unit of the system', () => {
  const engine = (part: Parameters<typeof sampleService>[1]) =>
    sampleService('engine', { managed: 'system', instances: [sampleInstance('podman.service')], ...part });

  it('says whose it is and what operators may do to it', () => {
    expect(systemText(engine({}))).toBe(
      'A unit of the system, podman.service: operators may start, stop and restart it.',
    );
    expect(systemText(engine({ allow: ['restart'] }))).toMatch(/operators may restart it\.$/);
    expect(systemText(engine({ allow: [] }))).toMatch(/operators may only watch it\.$/);
    expect(systemText(sampleService('bus'))).toBe('');
  });

  it('cannot be commanded where it is not installed; what is merely not known can', () => {
    const unknown = (load: string) =>
      isInstalled(
        engine({
          instances: [sampleInstance('podman.service', { state: 'UNKNOWN', unit: { load_state: load } })],
        }),
      );
    expect([unknown('not-found'), unknown('masked')]).toEqual([false, false]);
    expect([unknown('loaded'), unknown('unknown'), isInstalled(engine({}))]).toEqual([true, true, true]);
  });

  it('that is critical is missed as soon as it rests, though Rovi does not start it at boot', () => {
    const at = (managed: 'rovi' | 'system') =>
      criticalDown([engine({ managed, critical: true, autostart: false, state: 'STOPPED' })]).length;
    expect([at('system'), at('rovi')]).toEqual([1, 0]);
  });
});

describe('critical services that are down', () => {
  const down = (part: Parameters<typeof sampleService>[1]) =>
    criticalDown([sampleService('bus', { critical: true, ...part })]).length === 1;

  it('have failed, are unhealthy, or rest though they are started at boot', () => {
    expect(down({ state: 'FAILED', level: 'error' })).toBe(true);
    expect(down({ state: 'RUNNING', level: 'error' })).toBe(true);
    expect(down({ state: 'STOPPED', level: 'ok', autostart: true })).toBe(true);
  });

  it('are not those that run, come up, are in maintenance or are started by hand, and none that is not critical', () => {
    expect(down({})).toBe(false);
    expect(down({ state: 'STARTING', level: 'warn' })).toBe(false);
    expect(down({ state: 'MAINTENANCE', level: 'ok' })).toBe(false);
    expect(down({ state: 'STOPPED', level: 'ok', autostart: false })).toBe(false);
    expect(down({ state: 'FAILED', level: 'error', critical: false })).toBe(false);
  });
});
