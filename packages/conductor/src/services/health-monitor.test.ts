import { RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from './health-rig.fixture.js';
import { healthRig } from './health-rig.fixture.js';

const tcp = { type: 'tcp', port: 80 };
const http = { type: 'http', port: 80 };
const noSignal = new AbortController().signal;

/** What a promise came to: `ready`, an error's code, or `waiting`. */
function outcomeOf(promise: Promise<void>): { readonly word: string } {
  const outcome = { word: 'waiting' };
  promise.then(
    () => (outcome.word = 'ready'),
    (error: unknown) => (outcome.word = error instanceof RoviError ? error.code : String(error)),
  );
  return outcome;
}

describe('a run', () => {
  it('is looked at from its start to its end, and anew in the next', async () => {
    const rig = healthRig({ video: { health: [{ probe: tcp, interval: 1, failures: 1 }] } });
    await rig.clock.advance(5_000);
    expect(rig.taken).toHaveLength(0);
    expect(rig.monitor.health('video', 1)).toMatchObject({ status: 'none', ready: false, since: null });

    rig.start('video');
    await rig.clock.advance(2_500);
    expect(rig.monitor.health('video', 1)).toMatchObject({ status: 'healthy', ready: true, text: 'passes' });
    expect(rig.taken).toHaveLength(3);

    rig.end('video');
    await rig.clock.advance(5_000);
    expect(rig.taken).toHaveLength(3);
    expect(rig.monitor.health('video', 1)).toMatchObject({ status: 'none', ready: false });
    expect(rig.monitor.health('video', 1).checks[0]).toMatchObject({ passing: null, last: null });

    rig.start('video');
    expect(rig.monitor.health('video', 1).status).toBe('unknown');
    await rig.clock.advance(500);
    expect(rig.monitor.health('video', 1).status).toBe('healthy');
    expect(rig.monitor.history('video').instances[0]?.history[0]?.results).toHaveLength(4);
  });

  it('begins anew when systemd has restarted it between two looks', async () => {
    const rig = healthRig({ video: { health: [{ probe: tcp, interval: 1, failures: 1 }] } }, () => false);
    rig.start('video');
    await rig.clock.advance(500);
    expect(rig.monitor.health('video', 1).status).toBe('unhealthy');
    rig.say(rig.unit('video'), 'active', 'f'.repeat(32));
    expect(rig.monitor.health('video', 1).status).toBe('unknown');
  });

  it('goes on being looked at while the connection to systemd is lost', async () => {
    const rig = healthRig({ video: { health: [{ probe: tcp, interval: 1 }] } });
    rig.start('video');
    await rig.clock.advance(1_500);
    rig.observer.observe({ kind: 'disconnected', error: 'gone' });
    const before = rig.taken.length;
    await rig.clock.advance(3_000);
    expect(rig.taken.length).toBe(before + 3);
    expect(rig.taken.at(-1)?.target).toMatchObject({ active: null, processes: null });
    expect(rig.monitor.serviceReady('video')).toBeNull();
  });

  it('without checks is ready as long as it runs', () => {
    const rig = healthRig({ video: {} });
    rig.start('video');
    expect(rig.monitor.health('video', 1)).toEqual({
      status: 'none',
      text: '',
      since: null,
      ready: true,
      checks: [],
    });
    rig.end('video');
    expect(rig.monitor.ready('video', 1)).toBe(false);
  });

  it('keeps the last 20 looks', async () => {
    const rig = healthRig({ video: { health: [{ probe: tcp, interval: 1 }] } });
    rig.start('video');
    await rig.clock.advance(60_000);
    const [looks] = rig.monitor.history('video').instances[0]?.history ?? [];
    expect(looks?.results).toHaveLength(20);
    const times = looks?.results.map(({ at }) => at) ?? [];
    expect(times).toEqual([...times].sort());
    expect(times.at(-1)).toBe(rig.monitor.health('video', 1).checks[0]?.last?.at);
  });
});

describe('roles', () => {
  const health = [
    { probe: tcp, role: 'startup', interval: 1, failures: 3 },
    { probe: http, role: 'readiness', interval: 1, failures: 2 },
    { probe: http, role: 'liveness', interval: 1, failures: 2 },
  ];

  it('startup checks come first, and not again once they have passed', async () => {
    const rig = healthRig({ video: { health } }, (_, kind, nth) => kind.type !== 'tcp' || nth >= 2);
    rig.start('video');
    expect(rig.monitor.health('video', 1).status).toBe('starting');
    await rig.clock.advance(1_900);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'starting',
      ready: false,
      text: 'startup tcp: broken (2 in a row)',
    });
    expect(rig.taken.map(({ kind }) => kind.type)).toEqual(['tcp', 'tcp']);
    await rig.clock.advance(1_000);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'healthy',
      ready: true,
      text: 'all 3 checks pass',
    });
    await rig.clock.advance(10_000);
    expect(rig.taken.filter(({ kind }) => kind.type === 'tcp')).toHaveLength(3);
  });

  it('a startup check beyond its threshold makes it unhealthy, and may still pass later', async () => {
    const rig = healthRig({ video: { health } }, (_, kind, nth) => kind.type !== 'tcp' || nth >= 4);
    rig.start('video');
    await rig.clock.advance(2_500);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'unhealthy',
      text: 'startup tcp: broken',
    });
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1).status).toBe('healthy');
  });

  it('failing readiness degrades, failing liveness is unhealthy', async () => {
    const bad = new Set<string>();
    const rig = healthRig(
      {
        video: {
          health: [
            { probe: tcp, role: 'readiness', interval: 1, failures: 2 },
            { probe: http, role: 'liveness', interval: 1, failures: 2 },
          ],
        },
      },
      (_, kind) => !bad.has(kind.type),
    );
    rig.start('video');
    await rig.clock.advance(1_500);
    bad.add('tcp');
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'degraded',
      ready: false,
      text: 'readiness tcp: broken',
    });
    bad.add('http');
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1)).toMatchObject({ status: 'unhealthy', ready: false });
    bad.delete('tcp');
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1)).toMatchObject({ status: 'unhealthy', ready: true });
    bad.clear();
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1).status).toBe('healthy');
    expect(
      rig.told.map(({ now }) => now.status).filter((word, index, all) => word !== all[index - 1]),
    ).toEqual(['unknown', 'healthy', 'degraded', 'unhealthy', 'healthy']);
  });
});

describe('looks', () => {
  it('come an interval after the last one has ended', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 3, maxLength: 8 }),
        async (durations) => {
          const rig = healthRig(
            { video: { health: [{ probe: tcp, interval: 2, timeout: 1 }] } },
            (_, __, nth) => ({
              ok: true,
              after: durations[nth] ?? 5,
            }),
          );
          rig.start('video');
          await rig.clock.advance(25_000);
          expect(new Set(rig.pauses('video').filter((pause) => !Number.isNaN(pause)))).toEqual(
            new Set([2_000]),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('fail at the timeout, also where the probe ignores its end, and never two at once', async () => {
    const rig = healthRig(
      { video: { health: [{ probe: tcp, interval: 1, timeout: 0.5, failures: 3 }] } },
      () => 'hangs',
    );
    rig.start('video');
    await rig.clock.advance(700);
    expect(rig.taken[0]?.signal.aborted).toBe(true);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'unknown',
      text: 'liveness tcp: no answer within 0.5 s (1 in a row)',
    });
    await rig.clock.advance(2_500);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'unhealthy',
      text: 'liveness tcp: the look of 3 s ago has not ended yet',
    });
    expect(rig.taken).toHaveLength(1);
  });

  it('that could not be taken change nothing and are shown', async () => {
    const blind = new Set([2, 3, 4]);
    const rig = healthRig({ video: { health: [{ probe: tcp, interval: 1, failures: 1 }] } }, (_, __, nth) =>
      blind.has(nth) ? null : true,
    );
    rig.start('video');
    await rig.clock.advance(3_500);
    expect(rig.monitor.health('video', 1)).toMatchObject({
      status: 'healthy',
      checks: [{ passing: true, streak: 2, last: { ok: null, text: 'cannot look' } }],
    });
  });

  it('that can never be taken leave the health unknown, and say why', async () => {
    const rig = healthRig({ arm: { health: [{ probe: { type: 'i2c', bus: 1 }, interval: 1 }] } }, () => null);
    rig.start('arm');
    await rig.clock.advance(5_000);
    expect(rig.monitor.health('arm', 1)).toMatchObject({
      status: 'unknown',
      text: 'liveness i2c: cannot look',
    });
  });

  it('of a probe with a defect say nothing about the service', async () => {
    const rig = healthRig({ arm: { health: [{ probe: tcp, interval: 1, failures: 1 }] } }, () => 'throws');
    rig.start('arm');
    await rig.clock.advance(2_000);
    expect(rig.monitor.health('arm', 1)).toMatchObject({
      status: 'unknown',
      text: 'liveness tcp: the probe failed: a defect',
    });
  });

  it('that fail within the start period do not count; one that is good does', async () => {
    const rig = healthRig(
      { video: { health: [{ probe: tcp, interval: 1, failures: 2, start_period: 10 }] } },
      (_, __, nth) => nth === 3,
    );
    rig.start('video');
    await rig.clock.advance(3_000);
    expect(rig.monitor.health('video', 1).status).toBe('unknown');
    await rig.clock.advance(1_000);
    expect(rig.monitor.health('video', 1).status).toBe('healthy');
    await rig.clock.advance(6_900);
    expect(rig.monitor.health('video', 1).status).toBe('healthy');
    await rig.clock.advance(1_200);
    expect(rig.monitor.health('video', 1).status).toBe('unhealthy');
  });
});

describe('a hung probe', () => {
  it('never delays another by more than what the budget says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 80 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        async (count, pattern) => {
          const names = Array.from({ length: count }, (_, index) => `s${index}`);
          const hangs = (service: string): boolean =>
            pattern[Number(service.slice(1)) % pattern.length] === true;
          const rig = healthRig(
            Object.fromEntries(
              names.map((name) => [
                name,
                { health: [{ probe: tcp, interval: 1, timeout: 60, failures: 1 }] },
              ]),
            ),
            (service): Answer => (hangs(service) ? 'hangs' : true),
          );
          for (const name of names) rig.start(name);
          await rig.clock.advance(6_000);
          const bound = Math.floor((count - 1) / 16) * 250;
          for (const name of names.filter((one) => !hangs(one))) {
            expect(Math.max(...rig.pauses(name))).toBeLessThanOrEqual(1_000 + bound);
            expect(rig.taken.find(({ service }) => service === name)?.at).toBeLessThanOrEqual(100 + bound);
            expect(rig.monitor.health(name, 1).status).toBe('healthy');
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('who waits for an instance', () => {
  const health = [
    { probe: tcp, role: 'startup', interval: 1, failures: 2 },
    { probe: http, role: 'readiness', interval: 1 },
  ];

  it('goes on when startup and readiness checks pass, also where it waited before the start was seen', async () => {
    const rig = healthRig({ video: { health } }, (_, kind, nth) => kind.type === 'tcp' || nth >= 2);
    const early = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
    await rig.clock.advance(1_000);
    rig.start('video');
    await rig.clock.advance(1_000);
    expect(early.word).toBe('waiting');
    await rig.clock.advance(1_500);
    expect(early.word).toBe('ready');
    const late = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
    await rig.clock.advance(0);
    expect(late.word).toBe('ready');
  });

  it.each(['failed', 'inactive'] as const)(
    'hears not-ready when the instance is %s before',
    async (state) => {
      const rig = healthRig({ video: { health } }, () => false);
      rig.start('video');
      const waiting = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
      await rig.clock.advance(100);
      rig.end('video', state);
      await rig.clock.advance(0);
      expect(waiting.word).toBe('not-ready');
    },
  );

  it('hears not-ready when systemd is about to restart what ended, and when it never was active', async () => {
    const rig = healthRig({ video: { health }, audio: { health } }, () => false);
    rig.start('video');
    const restarted = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
    rig.say(rig.unit('video'), 'activating', 'f'.repeat(32));
    const never = outcomeOf(rig.monitor.whenReady('audio', 1, noSignal));
    rig.say(rig.unit('audio'), 'activating', 'e'.repeat(32));
    await rig.clock.advance(0);
    expect(never.word).toBe('waiting');
    rig.say(rig.unit('audio'), 'failed', 'e'.repeat(32));
    await rig.clock.advance(0);
    expect([restarted.word, never.word]).toEqual(['not-ready', 'not-ready']);
  });

  it('hears not-ready when the startup checks have failed', async () => {
    const rig = healthRig({ video: { health } }, () => false);
    rig.start('video');
    const waiting = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
    await rig.clock.advance(900);
    expect(waiting.word).toBe('waiting');
    await rig.clock.advance(300);
    expect(waiting.word).toBe('not-ready');
  });

  it('hears its own reason when it gives up, and that the gateway stops', async () => {
    const rig = healthRig({ video: { health } }, () => false);
    rig.start('video');
    const own = new AbortController();
    const given = outcomeOf(rig.monitor.whenReady('video', 1, own.signal));
    const stopped = outcomeOf(rig.monitor.whenReady('video', 1, noSignal));
    own.abort('enough');
    rig.monitor.stop();
    await rig.clock.advance(10_000);
    expect([given.word, stopped.word]).toEqual(['enough', 'not-ready']);
    expect(rig.taken).toHaveLength(0);
  });
});

describe('what a probe is told', () => {
  it('has the ports of the instance, its processes, and who else is ready', async () => {
    const rig = healthRig({
      video: {
        ports: [{ name: 'web', port: 8080, step: 10 }],
        instances: { min: 1, max: 3 },
        health: [{ probe: tcp }],
      },
      bus: { health: [{ probe: tcp, role: 'readiness' }] },
    });
    rig.stacks.set('nav', true);
    rig.start('video', 3);
    const processes = [{ pid: 7, comm: 'video', names: ['video'] }];
    rig.observer.observe({ kind: 'processes', unit: rig.unit('video', 3), processes });
    await rig.clock.advance(200);
    const target = rig.taken[0]?.target;
    expect(target).toMatchObject({
      service: 'video',
      instance: 3,
      unit: 'rovi-video@3.service',
      active: true,
      processes,
      ports: { web: 8100 },
      container: null,
    });
    expect(['bus', 'nav', 'nobody'].map((name) => target?.isReady(name))).toEqual([false, true, null]);
    rig.start('bus');
    await rig.clock.advance(200);
    expect(target?.isReady('bus')).toBe(true);
  });
});

describe('a catalog that is read again', () => {
  const health = [{ probe: tcp, interval: 1, failures: 1 }];

  it('goes on with checks that are the same, begins others anew, ends what is gone', async () => {
    const rig = healthRig({ same: { health }, other: { health }, gone: { health } });
    for (const name of ['same', 'other', 'gone']) rig.start(name);
    await rig.clock.advance(500);
    rig.declare({ same: { health }, other: { health: [...health, { probe: http, interval: 1 }] } });
    expect(rig.monitor.health('same', 1).status).toBe('healthy');
    expect(rig.monitor.health('other', 1).status).toBe('unknown');
    const before = rig.taken.length;
    await rig.clock.advance(1_000);
    expect(
      rig.taken
        .slice(before)
        .map(({ service, kind }) => `${service} ${kind.type}`)
        .sort(),
    ).toEqual(['other http', 'other tcp', 'same tcp']);
    expect(rig.monitor.health('other', 1).status).toBe('healthy');
    expect(() => rig.monitor.health('gone', 1)).toThrow(/no service "gone"/);
  });
});
