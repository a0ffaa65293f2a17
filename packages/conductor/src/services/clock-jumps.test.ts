/** The wall clock jumps, as on a robot without one of its own when NTP finds it: no duration is told by it. */
import { describe, expect, it } from 'vitest';
import { reading } from '../unit-reading.fixture.js';
import { healthRig } from './health-rig.fixture.js';
import { serviceRig } from './service-rig.fixture.js';
import { LOOP, supervised } from './supervisor-rig.fixture.js';

const HOUR = 3_600_000;
const VIDEO = 'rovi-video.service';

describe.each([
  ['forward', HOUR],
  ['back', -HOUR],
])('the wall clock jumps an hour %s', (_, jump) => {
  it('a scaling down ends what has run longest all the same', async () => {
    const { through, model, clock } = await serviceRig({ pool: { instances: { min: 1, max: 3 } } });
    await through({ kind: 'start', service: 'pool' });
    clock.jump(jump);
    await through({ kind: 'scale', service: 'pool', instances: 2 });
    await through({ kind: 'scale', service: 'pool', instances: 1 });
    expect(model.systemd.up()).toEqual(['rovi-pool@2.service']);
  });

  it('a check of what is found running has the start period that is left', async () => {
    const probe = { type: 'tcp', port: 80 };
    const rig = healthRig(
      { video: { health: [{ probe, interval: 1, failures: 2, start_period: 10 }] } },
      () => false,
    );
    await rig.clock.advance(60_000);
    const before = rig.clock.now();
    rig.observer.observe({ kind: 'disconnected', error: 'gone' });
    rig.clock.jump(jump);
    rig.observer.observe({
      kind: 'unit',
      reading: reading({
        unit: VIDEO,
        activeState: 'active',
        invocationId: 'a'.repeat(32),
        stateChangedUs: (before - 5_000) * 1000,
        stateChangedMonotonicUs: (rig.clock.monotonic() - 5_000) * 1000,
      }),
    });
    await rig.clock.advance(4_000);
    expect(rig.monitor.health('video', 1).status).toBe('unknown');
    await rig.clock.advance(4_000);
    expect(rig.monitor.health('video', 1).status).toBe('unhealthy');
  });

  it('a crash loop is cooled down, tried and over after as long as ever', async () => {
    const rig = await supervised();
    rig.units.behave(VIDEO, 50);
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(2_000);
    expect(rig.view().supervision.phase).toBe('cooldown');
    rig.clock.jump(jump);
    rig.units.behave(VIDEO, null);
    await rig.clock.advance(LOOP.cooldown * 1000 - 3_000);
    expect(rig.units.sent).toEqual([]);
    await rig.clock.advance(3_000);
    expect(rig.view().supervision).toMatchObject({ phase: 'trying', tries: 1 });
    rig.clock.jump(-jump);
    await rig.clock.advance(LOOP.window * 1000 - 2_000);
    expect(rig.view().supervision.phase).toBe('trying');
    await rig.clock.advance(2_000);
    expect(rig.view().supervision).toMatchObject({ phase: 'watching', tries: 0 });
  });

  it('a gateway that comes after it waits no longer than the cool-down, and has as many tries left as were', async () => {
    const rig = await supervised();
    rig.units.behave(VIDEO, 50);
    void rig.units.systemctlStart(VIDEO);
    await rig.clock.advance(2_000);
    await rig.kill();
    rig.clock.jump(jump);
    await rig.gateway();
    await rig.clock.advance(LOOP.cooldown * 1000);
    expect(rig.view().supervision).toMatchObject({ tries: 1 });
    await rig.clock.advance(HOUR);
    expect(rig.units.sent.filter(({ verb }) => verb === 'start')).toHaveLength(LOOP.tries);
    expect(rig.view().supervision.phase).toBe('gave-up');
  });
});
