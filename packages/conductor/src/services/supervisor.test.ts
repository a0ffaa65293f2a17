import type { Operation } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { LOOP, maintained, supervised } from './supervisor-rig.fixture.js';

const VIDEO = 'rovi-video.service';
const messages = (sent: readonly { readonly verb: string }[]) => sent.map(({ verb }) => verb);

describe('a crash loop', () => {
  it('is detected when systemd has given up, cooled down, tried, and over when the try lasts', async () => {
    const { units, clock, view, incidents, types, audit } = await supervised();
    units.behave(VIDEO, 50);
    void units.systemctlStart(VIDEO);
    await clock.advance(2_000);
    expect(units.state(VIDEO).activeState).toBe('failed');
    expect(view()).toMatchObject({
      crashes: 3,
      restarts: 3,
      supervision: {
        phase: 'cooldown',
        tries: 0,
        tries_max: LOOP.tries,
        starts_left: 0,
        cause: { exit_status: 1 },
        lines: ['last words of 3'],
      },
    });
    expect(view().supervision.text).toMatch(/^crash loop: exit code 1; try 1 of 2 at 20/);
    expect(types()).toEqual([
      'service_started',
      'service_restarting',
      'service_started',
      'service_restarting',
      'service_started',
      'service_restarting',
      'service_failed',
      'crash_loop_detected',
    ]);
    const { next_at } = view().supervision;
    expect(incidents.at(-1)).toMatchObject({
      service: 'video',
      data: { cause: { exit_status: 1 }, starts: 3, window: 20, next_at, lines: ['last words of 3'] },
    });
    expect(units.sent).toEqual([]);
    units.behave(VIDEO, null);
    await clock.advance(30_000);
    expect(messages(units.sent)).toEqual(['reset', 'start']);
    expect(view().supervision).toMatchObject({ phase: 'trying', tries: 1, next_at: null });
    await clock.advance(LOOP.window * 1000 - 2_000);
    expect(view().supervision.phase).toBe('trying');
    await clock.advance(2_000);
    expect(view()).toMatchObject({
      crashes: 3,
      restarts: 4,
      supervision: { phase: 'watching', tries: 0, text: '' },
    });
    expect(types().slice(8)).toEqual(['crash_loop_retry', 'service_started', 'crash_loop_recovered']);
    expect(
      audit.map(({ decision, command, actor, reason }) => [decision, command, actor.name, reason]),
    ).toEqual([
      ['accepted', 'start', 'conductor', 'crash loop: try 1 of 2'],
      ['ended', 'start', 'conductor', 'crash loop: try 1 of 2'],
    ]);
  });

  it('is given up after the tries of the catalog, until somebody starts it', async () => {
    const { units, clock, view, types, supervisor } = await supervised();
    units.behave(VIDEO, 50);
    void units.systemctlStart(VIDEO);
    await clock.advance(300_000);
    expect(messages(units.sent)).toEqual(['reset', 'start', 'reset', 'start']);
    expect(view().supervision).toMatchObject({ phase: 'gave-up', tries: 2, next_at: null });
    expect(types().filter((type) => type.startsWith('crash_loop'))).toEqual([
      'crash_loop_detected',
      'crash_loop_retry',
      'crash_loop_retry',
      'crash_loop_gave_up',
    ]);
    await clock.advance(3_600_000);
    expect(units.sent).toHaveLength(4);
    supervisor.commanded('video');
    units.systemctlReset(VIDEO);
    void units.systemctlStart(VIDEO);
    await clock.advance(2_000);
    expect(view().supervision).toMatchObject({ phase: 'cooldown', tries: 0 });
  });

  it('is left alone where the catalog says never, where it ends well, and where somebody stopped it', async () => {
    const never = await supervised({ video: { restart: 'never' } });
    never.units.behave(VIDEO, 50);
    void never.units.systemctlStart(VIDEO);
    await never.clock.advance(300_000);
    expect(never.types()).toEqual(['service_started', 'service_failed']);
    expect([never.units.sent, never.view()]).toMatchObject([
      [],
      { crashes: 1, supervision: { phase: 'watching' } },
    ]);

    const clean = await supervised();
    clean.units.behave(VIDEO, 'clean');
    void clean.units.systemctlStart(VIDEO);
    await clean.clock.advance(300_000);
    expect(clean.units.sent).toEqual([]);

    const stopped = await supervised();
    void stopped.units.systemctlStart(VIDEO);
    await stopped.clock.advance(1_000);
    void stopped.units.systemctlStop(VIDEO);
    await stopped.clock.advance(300_000);
    expect(stopped.types()).toEqual(['service_started', 'service_stopped']);
    expect([stopped.units.sent, stopped.view().crashes]).toEqual([[], 0]);
  });

  it('counts no try that could not be made: a maintenance, or the loss of the bus, came between', async () => {
    for (const between of ['maintenance', 'bus'] as const) {
      const rig = await supervised();
      rig.units.behave(VIDEO, 50);
      void rig.units.systemctlStart(VIDEO);
      await rig.clock.advance(2_000);
      const save = rig.store.save.bind(rig.store);
      // The try is counted on the disk before it is sent: the last moment in which something can come between.
      rig.store.save = (records) => {
        if (rig.view().supervision.phase === 'trying') {
          if (between === 'bus') rig.units.loseBus();
          else rig.maintenance = maintained;
          rig.store.save = save;
        }
        return save(records);
      };
      await rig.clock.advance(40_000);
      expect(rig.units.sent).toEqual([]);
      expect(rig.view().supervision).toMatchObject({ phase: 'cooldown', tries: 0 });
      expect(rig.types()).not.toContain('crash_loop_retry');
      rig.units.findBus();
      rig.maintenance = null;
      await rig.clock.advance(200_000);
      expect(messages(rig.units.sent)).toEqual(['reset', 'start', 'reset', 'start']);
    }
  });

  it('is not tried after a stop past the conductor, of what has failed already; nor by a gateway that comes later', async () => {
    const rig = await supervised();
    rig.units.behave(VIDEO, 50);
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(2_000);
    expect(rig.view().supervision.phase).toBe('cooldown');
    await rig.units.systemctlStop(VIDEO);
    await rig.clock.advance(1_000);
    expect(rig.view().supervision).toMatchObject({ phase: 'watching', next_at: null });
    await rig.kill();
    await rig.gateway();
    await rig.clock.advance(300_000);
    expect(rig.units.sent).toEqual([]);
  });

  it('waits while it is in maintenance, and goes on after it, without a try being lost', async () => {
    const rig = await supervised();
    rig.units.behave(VIDEO, 50);
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(2_000);
    rig.maintenance = maintained;
    await rig.clock.advance(600_000);
    expect(rig.units.sent).toEqual([]);
    expect(rig.view().supervision).toMatchObject({ phase: 'cooldown', tries: 0 });
    expect(rig.view().supervision.text).toContain('in maintenance: new lens');
    rig.maintenance = null;
    rig.units.behave(VIDEO, null);
    await rig.clock.advance(6_000);
    expect(rig.view().supervision).toMatchObject({ phase: 'trying', tries: 1 });
  });

  it('is not tried where that would start what somebody stopped, or end what somebody started', async () => {
    const services = { camera: {}, video: { requires: ['camera'] }, rival: { conflicts: ['video'] } };
    const { units, clock, view } = await supervised(services);
    units.behave(VIDEO, 50);
    void units.systemctlStart(VIDEO);
    await clock.advance(2_000);
    await clock.advance(60_000);
    expect(view().supervision.text).toContain('camera does not run, which it requires');
    void units.systemctlStart('rovi-camera.service');
    void units.systemctlStart('rovi-rival.service');
    await clock.advance(60_000);
    expect(view().supervision.text).toContain('rival runs, which it conflicts with');
    expect(units.sent).toEqual([]);
    void units.systemctlStop('rovi-rival.service');
    await clock.advance(10_000);
    expect(messages(units.sent)).toEqual(['reset', 'start']);
  });

  it('is dropped by an operator in any moment, also by one who goes past the conductor', async () => {
    const commanded = await supervised();
    commanded.units.behave(VIDEO, 50);
    void commanded.units.systemctlStart(VIDEO);
    await commanded.clock.advance(2_000);
    commanded.supervisor.commanded('video');
    await commanded.clock.advance(300_000);
    expect(commanded.units.sent).toEqual([]);
    expect(commanded.view().supervision.phase).toBe('watching');

    const past = await supervised();
    past.units.behave(VIDEO, 50);
    void past.units.systemctlStart(VIDEO);
    await past.clock.advance(2_000);
    past.units.systemctlReset(VIDEO);
    await past.clock.advance(300_000);
    expect([past.units.sent, past.view().supervision.phase]).toEqual([[], 'watching']);
  });

  it('goes on where the last gateway was: counters, plan and tries', async () => {
    const rig = await supervised();
    rig.units.behave(VIDEO, 50);
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(3_000);
    const before = rig.view();
    await rig.kill();
    await rig.clock.advance(5_000);
    await rig.gateway();
    await rig.clock.advance(100);
    expect(rig.view()).toMatchObject({
      crashes: before.crashes,
      restarts: before.restarts,
      supervision: { phase: 'cooldown', tries: 0, lines: before.supervision.lines },
    });
    const left = (at: string | null) => Date.parse(at ?? '') - rig.clock.now();
    expect(Math.abs(left(rig.view().supervision.next_at) - left(before.supervision.next_at))).toBeLessThan(
      200,
    );
    await rig.kill();
    await rig.clock.advance(600_000);
    await rig.gateway();
    expect(rig.units.sent).toEqual([]);
    await rig.clock.advance(4_000);
    expect(messages(rig.units.sent)).toEqual(['reset', 'start']);
    expect(rig.types().filter((type) => type === 'crash_loop_detected')).toHaveLength(1);
  });

  it('is found by a gateway that was not there when systemd gave up, unless the unit was stopped', async () => {
    for (const [said, phase] of [
      ['Start request repeated too quickly.', 'cooldown'],
      ['Stopping video...', 'watching'],
    ] as const) {
      const rig = await supervised();
      await rig.kill();
      rig.systemdSaid = said;
      rig.units.behave(VIDEO, 50);
      void rig.units.systemctlStart(VIDEO);
      await rig.clock.advance(5_000);
      await rig.gateway();
      await rig.clock.advance(1_000);
      expect(rig.view()).toMatchObject({ crashes: 3, restarts: 3, supervision: { phase } });
    }
  });
});

describe('an unhealthy service', () => {
  it('is left alone while an operation has it in hand, and restarted after that', async () => {
    const rig = await supervised();
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(1_000);
    rig.operation = { kind: 'rolling-restart', actor: maintained.actor } as Operation;
    rig.healthIs('unhealthy');
    await rig.clock.advance(20_000);
    expect(rig.units.sent).toEqual([]);
    expect(rig.view().supervision.text).toContain('the rolling-restart of olga has it in hand');
    rig.operation = null;
    await rig.clock.advance(6_000);
    expect(messages(rig.units.sent)).toEqual(['restart']);
  });

  it('is restarted after a backoff that doubles, and stopped for good when that did not help', async () => {
    const { units, clock, view, types, healthIs } = await supervised();
    void units.systemctlStart(VIDEO);
    await clock.advance(1_000);
    healthIs('unhealthy');
    expect(view().supervision).toMatchObject({ phase: 'backoff', tries: 0, tries_max: 2 });
    await clock.advance(900);
    expect(units.sent).toEqual([]);
    await clock.advance(200);
    expect(messages(units.sent)).toEqual(['restart']);
    healthIs('starting');
    healthIs('unhealthy');
    await clock.advance(1_900);
    expect(units.sent).toHaveLength(1);
    await clock.advance(200);
    expect(units.sent).toHaveLength(2);
    healthIs('unhealthy');
    await clock.advance(1_000);
    expect(messages(units.sent).slice(2)).toEqual(['stop']);
    expect(units.state(VIDEO).activeState).toBe('inactive');
    expect(view()).toMatchObject({ restarts: 2, crashes: 0, supervision: { phase: 'gave-up', tries: 2 } });
    expect(types()).toEqual([
      'service_started',
      'service_restarting',
      'service_started',
      'service_restarting',
      'service_started',
      'service_failed',
    ]);
    await clock.advance(3_600_000);
    expect(units.sent).toHaveLength(3);
  });

  it('runs again though the gateway is killed in the middle of its restart', async () => {
    const rig = await supervised();
    const { units, clock } = rig;
    void units.systemctlStart(VIDEO);
    await clock.advance(1_000);
    rig.healthIs('unhealthy');
    while (units.state(VIDEO).activeState !== 'deactivating') await clock.advance(1);
    await rig.kill();
    await clock.advance(1_000);
    expect(units.state(VIDEO).activeState).toBe('active');
    await rig.gateway();
    await clock.advance(60_000);
    expect(messages(units.sent)).toEqual(['restart']);
    expect(rig.view()).toMatchObject({ restarts: 1, crashes: 0, supervision: { phase: 'watching' } });
  });

  it('that becomes healthy meanwhile is left alone, and forgiven when it stays so', async () => {
    const { units, clock, view, healthIs } = await supervised();
    void units.systemctlStart(VIDEO);
    await clock.advance(1_000);
    healthIs('unhealthy');
    healthIs('healthy');
    await clock.advance(60_000);
    expect(units.sent).toEqual([]);
    healthIs('unhealthy');
    await clock.advance(2_000);
    expect(units.sent).toHaveLength(1);
    healthIs('healthy');
    await clock.advance(LOOP.window * 1000 + 100);
    expect(view().supervision).toMatchObject({ phase: 'watching', tries: 0 });
  });

  it('is restarted by one job, which restarts what requires it too', async () => {
    const { units, clock, supervisor } = await supervised({ video: {}, page: { requires: ['video'] } });
    void units.systemctlStart(VIDEO);
    void units.systemctlStart('rovi-page.service');
    await clock.advance(1_000);
    supervisor.healthChanged('video', 1, {
      status: 'unhealthy',
      text: '',
      since: null,
      ready: false,
      checks: [],
    });
    await clock.advance(2_000);
    expect(units.sent.map(({ verb, unit }) => `${verb} ${unit}`)).toEqual([`restart ${VIDEO}`]);
  });

  it('is only told of where the catalog says none', async () => {
    const { units, clock, healthIs } = await supervised({ video: { on_unhealthy: { action: 'none' } } });
    void units.systemctlStart(VIDEO);
    await clock.advance(1_000);
    healthIs('unhealthy');
    await clock.advance(600_000);
    expect(units.sent).toEqual([]);
  });
});
