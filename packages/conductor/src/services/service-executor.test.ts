import { describe, expect, it } from 'vitest';
import { works } from './model-units.fixture.js';
import { codeOf, serviceRig } from './service-rig.fixture.js';

/** bus ← store ← web, bus ← camera; web would like camera. */
const four = {
  bus: {},
  store: { requires: ['bus'] },
  camera: { requires: ['bus'] },
  web: { requires: ['store'], wants: ['camera'] },
};
const scaled = { pool: { instances: { min: 1, max: 4 } } };

describe('a start', () => {
  it('starts all that is needed, each when what it needs is ready, independent ones together', async () => {
    const { through, model } = await serviceRig(four);
    const operation = await through({ kind: 'start', service: 'web' });
    expect(operation).toMatchObject({ outcome: 'succeeded', changed: true, message: 'web is ready' });
    expect(model.sent.map(({ unit }) => unit)).toEqual(
      ['bus', 'camera', 'store', 'web'].map((name) => `rovi-${name}.service`),
    );
    expect(model.sent[1]?.at).toBe(model.sent[2]?.at);
  });

  it('is listed while it is under way, and no longer', async () => {
    const { run, executor, clock, ended } = await serviceRig({ ...four, lone: {} });
    const { operation, finished } = run({ kind: 'start', service: 'web' });
    await clock.advance(10);
    const second = run({ kind: 'start', service: 'lone' });
    expect(executor.operations.map(({ id }) => id)).toEqual([operation.id, second.operation.id]);
    expect(executor.operations.map(({ outcome }) => outcome)).toEqual(['running', 'running']);
    await ended(finished);
    expect(executor.operations).toEqual([]);
  });

  it('of what runs changes nothing and sends nothing', async () => {
    const { through, model } = await serviceRig(four);
    await through({ kind: 'start', service: 'web' });
    const before = model.sent.length;
    expect(await through({ kind: 'start', service: 'web' })).toMatchObject({
      outcome: 'succeeded',
      changed: false,
    });
    expect(model.sent).toHaveLength(before);
  });

  it('ends with what it needs, says which and why, and sends nothing further', async () => {
    const { through, model, incidents } = await serviceRig(four);
    model.systemd.behaviours.set('rovi-store.service', { ...works, start: 'fails' });
    const operation = await through({ kind: 'start', service: 'web' });
    expect(operation.problem).toMatchObject({
      code: 'dependency-failed',
      context: { service: 'web', dependency: 'store', problem: { code: 'start-failed' } },
    });
    expect(model.systemd.up()).toEqual(['rovi-bus.service', 'rovi-camera.service']);
    expect(incidents).toMatchObject([{ type: 'orchestration_error', service: 'web' }]);
  });

  it('goes on without what it only wants, with a warning', async () => {
    const { through, model } = await serviceRig(four);
    model.systemd.behaviours.set('rovi-camera.service', { ...works, start: 'fails' });
    const operation = await through({ kind: 'start', service: 'web' });
    expect(operation).toMatchObject({ outcome: 'succeeded' });
    expect(operation.warnings).toEqual([expect.stringContaining('camera, which web wants, is not there')]);
  });

  it('of what is never ready fails, and leaves it running', async () => {
    const { through, model } = await serviceRig({ web: { unchecked: false } });
    model.systemd.behaviours.set('rovi-web.service', { ...works, start: 'unready' });
    const operation = await through({ kind: 'start', service: 'web' });
    expect(operation.problem?.code).toBe('not-ready');
    expect(operation.message).toContain('left running');
    expect(model.systemd.up()).toEqual(['rovi-web.service']);
  });

  it('of what ends right after it came up has failed', async () => {
    const { through, model } = await serviceRig(four);
    model.systemd.behaviours.set('rovi-web.service', { ...works, start: 'crashes', restarts: true });
    expect((await through({ kind: 'start', service: 'web' })).problem?.code).toBe('start-failed');
  });

  it('is refused in maintenance, its own or of what it needs', async () => {
    const { run, maintenance, through } = await serviceRig(four);
    const book = {
      target: 'store',
      reason: 'a new disk',
      actor: { name: 'ann', face: 'cli', verified: false } as const,
      since: '',
      until: null,
    };
    maintenance.set('store', book);
    expect(codeOf(() => run({ kind: 'start', service: 'store' }))).toBe('in-maintenance');
    expect(codeOf(() => run({ kind: 'start', service: 'web' }))).toBe('in-maintenance');
    maintenance.clear();
    maintenance.set('camera', { ...book, target: 'camera' });
    const operation = await through({ kind: 'start', service: 'web' });
    expect(operation).toMatchObject({ outcome: 'succeeded', warnings: [expect.stringContaining('camera')] });
  });

  it('is refused beside what conflicts', async () => {
    const { run, through, model } = await serviceRig({ a: { conflicts: ['b'] }, b: {} });
    await through({ kind: 'start', service: 'a' });
    expect(codeOf(() => run({ kind: 'start', service: 'b' }))).toBe('service-conflict');
    expect(model.sent).toHaveLength(1);
  });

  it('joins the same, is refused where another has its service in hand, and runs beside others', async () => {
    const { run, ended, executor } = await serviceRig({ ...four, lamp: {} });
    const first = run({ kind: 'start', service: 'store' });
    expect(executor.impact({ kind: 'start', service: 'store' }).refusal).toBeNull();
    expect(executor.impact({ kind: 'start', service: 'web' }).refusal?.code).toBe('service-busy');
    expect(run({ kind: 'start', service: 'store' }).operation.id).toBe(first.operation.id);
    expect(codeOf(() => run({ kind: 'start', service: 'web' }))).toBe('service-busy');
    const beside = run({ kind: 'start', service: 'lamp' });
    expect((await ended(first.finished)).outcome).toBe('succeeded');
    expect((await beside.finished).outcome).toBe('succeeded');
  });
});

describe('a stop', () => {
  it('of what others need wants a confirmation, and then stops exactly those', async () => {
    const { run, through, confirmed, executor, model } = await serviceRig(four);
    await through({ kind: 'start', service: 'web' });
    expect(codeOf(() => run({ kind: 'stop', service: 'store' }))).toBe('confirmation-required');
    const impact = executor.impact({ kind: 'stop', service: 'store' });
    expect(impact.affects.map(({ name }) => name)).toEqual(['web', 'store']);
    expect(impact.waves.map(({ units }) => units)).toEqual([['rovi-web.service'], ['rovi-store.service']]);
    const sent = model.sent.length;
    expect(await confirmed({ kind: 'stop', service: 'store' })).toMatchObject({ outcome: 'succeeded' });
    expect(model.sent.slice(sent).map(({ verb, unit }) => `${verb} ${unit}`)).toEqual([
      'stop rovi-store.service',
    ]);
    expect(model.systemd.alive()).toEqual(['rovi-bus.service', 'rovi-camera.service']);
  });

  it('that was confirmed for another situation is refused', async () => {
    const { run, through, executor, model } = await serviceRig(four);
    await through({ kind: 'start', service: 'store' });
    const { token } = executor.impact({ kind: 'stop', service: 'bus' });
    await through({ kind: 'start', service: 'camera' });
    const before = model.sent.length;
    expect(codeOf(() => run({ kind: 'stop', service: 'bus', confirm: token }))).toBe('situation-changed');
    expect(model.sent).toHaveLength(before);
  });

  it('cancels what has its service in hand, and is the last message on the bus', async () => {
    const { run, ended, model, clock } = await serviceRig(four);
    const start = run({ kind: 'start', service: 'web' });
    await clock.advance(2);
    const stop = run({ kind: 'stop', service: 'bus' });
    expect(model.sent.at(-1)).toMatchObject({
      verb: 'stop',
      unit: 'rovi-bus.service',
      at: clock.monotonic(),
    });
    expect((await ended(stop.finished)).outcome).toBe('succeeded');
    expect((await start.finished).problem?.code).toBe('operation-cancelled');
    expect(model.systemd.alive()).toEqual([]);
  });

  it('is not over while a process is left, and says which', async () => {
    const { through, model } = await serviceRig({ web: {} });
    await through({ kind: 'start', service: 'web' });
    model.systemd.behaviours.set('rovi-web.service', { ...works, lingerMs: 60_000 });
    expect((await through({ kind: 'stop', service: 'web' })).problem?.code).toBe('stop-incomplete');
  });

  it('marks an `unless-stopped` service, a start takes the mark away, and a mark that fails is a warning', async () => {
    const { through, marks } = await serviceRig({ web: { restart: 'unless-stopped' } });
    await through({ kind: 'start', service: 'web' });
    await through({ kind: 'stop', service: 'web' });
    expect(marks.get('web')).toContain('tester');
    await through({ kind: 'start', service: 'web' });
    expect(marks.size).toBe(0);
    const broken = await serviceRig({ web: { restart: 'unless-stopped' } }, { marksBroken: true });
    await broken.through({ kind: 'start', service: 'web' });
    const stop = await broken.through({ kind: 'stop', service: 'web' });
    expect(stop).toMatchObject({ outcome: 'succeeded', warnings: [expect.stringContaining('no room')] });
  });
});

describe('a restart', () => {
  it('starts again with `cascade` exactly what ran', async () => {
    const { through, confirmed, run, model } = await serviceRig(four);
    await through({ kind: 'start', service: 'store' });
    expect(codeOf(() => run({ kind: 'restart', service: 'bus' }))).toBe('confirmation-required');
    expect((await confirmed({ kind: 'restart', service: 'bus', cascade: true })).message).toBe(
      'bus restarted; store started again',
    );
    expect(model.systemd.up()).toEqual(['rovi-bus.service', 'rovi-store.service']);
    expect((await confirmed({ kind: 'restart', service: 'bus' })).message).toBe(
      'bus restarted; store stopped with it',
    );
    expect(model.systemd.up()).toEqual(['rovi-bus.service']);
  });

  it('of what nobody else needs is one job of systemd: a conductor that is killed leaves nothing stopped', async () => {
    const { through, model, run, clock, ended } = await serviceRig(four);
    await through({ kind: 'start', service: 'web' });
    const before = model.sent.length;
    expect((await through({ kind: 'restart', service: 'web' })).message).toBe('web restarted');
    expect(model.sent.slice(before).map(({ verb }) => verb)).toEqual(['restart']);
    const restart = run({ kind: 'restart', service: 'web' });
    await clock.advance(2);
    expect((await ended(run({ kind: 'stop', service: 'web' }).finished)).outcome).toBe('succeeded');
    expect((await restart.finished).problem?.code).toBe('operation-cancelled');
    expect(model.systemd.alive()).not.toContain('rovi-web.service');
  });

  it('of what nobody else needs leaves it alone where what it requires cannot be started', async () => {
    const { through, model } = await serviceRig(four);
    await through({ kind: 'start', service: 'web' });
    model.systemd.behaviours.set('rovi-store.service', { ...works, start: 'fails' });
    model.systemd.crash('rovi-store.service');
    const operation = await through({ kind: 'restart', service: 'web' });
    expect(operation.problem?.code).toBe('dependency-failed');
    expect(operation.message).not.toContain('stopped');
    expect(model.systemd.up()).toContain('rovi-web.service');
  });
});

describe('while the bus is lost for a moment', () => {
  it('a start goes on when it is back, whatever became ready meanwhile', async () => {
    const { run, ended, model, clock } = await serviceRig({
      bus: { unchecked: false },
      web: { requires: ['bus'] },
    });
    model.systemd.behaviours.set('rovi-bus.service', { ...works, readyMs: 500 });
    const { finished } = run({ kind: 'start', service: 'web' });
    await clock.advance(100);
    model.loseBus();
    await clock.advance(1_000);
    model.findBus();
    expect(await ended(finished)).toMatchObject({ outcome: 'succeeded', message: 'web is ready' });
    expect(model.systemd.up()).toEqual(['rovi-bus.service', 'rovi-web.service']);
  });

  it('a rolling restart goes on, and takes nothing that is not known for gone', async () => {
    const { through, run, ended, model, clock } = await serviceRig(scaled);
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    const { finished } = run({ kind: 'rolling-restart', service: 'pool' });
    await clock.advance(100);
    model.loseBus();
    await clock.advance(3_000);
    model.findBus();
    expect((await ended(finished)).outcome).toBe('succeeded');
    expect(model.systemd.up()).toHaveLength(3);
  });

  it('and when it stays away the operation says so', async () => {
    const { run, ended, model, clock } = await serviceRig({ bus: {}, web: { requires: ['bus'] } });
    const { finished } = run({ kind: 'start', service: 'web' });
    await clock.advance(10);
    model.loseBus();
    const { problem } = await ended(finished);
    expect(JSON.stringify(problem)).toContain('bus-unavailable');
  });
});

describe('scaling', () => {
  it('goes up by the lowest free numbers and down by the oldest, within the bounds', async () => {
    const { through, run, model, executor, incidents } = await serviceRig(scaled);
    await through({ kind: 'start', service: 'pool' });
    expect((await through({ kind: 'scale', service: 'pool', instances: 4 })).outcome).toBe('succeeded');
    expect(executor.wanted('pool')).toBe(4);
    expect((await through({ kind: 'scale', service: 'pool', instances: 2 })).outcome).toBe('succeeded');
    // 1 ran first; of those that started together the lower number.
    expect(model.systemd.up()).toEqual(['rovi-pool@3.service', 'rovi-pool@4.service']);
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    expect(model.systemd.up()).toEqual([1, 3, 4].map((id) => `rovi-pool@${id}.service`));
    for (const instances of [0, 5]) {
      expect(codeOf(() => run({ kind: 'scale', service: 'pool', instances }))).toBe('scale-refused');
    }
    expect(incidents.map(({ type }) => type)).toEqual([
      'service_scaled_up',
      'service_scaled_down',
      'service_scaled_up',
    ]);
  });

  it('is over with a stop of the whole, of what it requires, or past the conductor', async () => {
    const { through, confirmed, executor, model, clock } = await serviceRig({
      bus: {},
      pool: { ...scaled.pool, requires: ['bus'] },
    });
    const stops = [
      () => through({ kind: 'stop', service: 'pool' }),
      () => confirmed({ kind: 'stop', service: 'bus' }),
      () => confirmed({ kind: 'restart', service: 'bus' }),
      () => {
        for (const id of [1, 2, 3]) void model.systemd.systemctlStop(`rovi-pool@${id}.service`);
        return clock.advance(1_000);
      },
    ];
    for (const stop of stops) {
      await through({ kind: 'scale', service: 'pool', instances: 3 });
      expect(executor.wanted('pool')).toBe(3);
      await stop();
      expect(executor.wanted('pool')).toBe(1);
      await through({ kind: 'start', service: 'pool' });
      expect(executor.wanted('pool')).toBe(1);
    }
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    await through({ kind: 'restart', service: 'pool' });
    expect(executor.wanted('pool')).toBe(3);
  });

  it('is as it was last seen while systemd cannot be asked', async () => {
    const { through, executor, observer } = await serviceRig(scaled);
    await through({ kind: 'start', service: 'pool' });
    observer.observe({ kind: 'disconnected', error: 'gone' });
    expect(executor.wanted('pool')).toBe(1);
  });

  it('down wants a confirmation where it ends what others need', async () => {
    const { through, run, executor } = await serviceRig({ ...scaled, web: { requires: ['pool'] } });
    await through({ kind: 'start', service: 'web' });
    await through({ kind: 'scale', service: 'pool', instances: 2 });
    expect(
      executor.impact({ kind: 'scale', service: 'pool', instances: 1 }).affects.map(({ unit }) => unit),
    ).toEqual(['rovi-web.service', 'rovi-pool@1.service']);
    expect(codeOf(() => run({ kind: 'scale', service: 'pool', instances: 1 }))).toBe('confirmation-required');
  });
});

describe('a rolling restart', () => {
  it('ends at the first instance that fails, and says what was done and what was not touched', async () => {
    const { through, model } = await serviceRig(scaled);
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    const before = new Map(model.systemd.up().map((unit) => [unit, model.reading(unit).invocationId]));
    model.systemd.behaviours.set('rovi-pool@2.service', { ...works, start: 'crashes' });
    const operation = await through({ kind: 'rolling-restart', service: 'pool' });
    expect(operation.problem).toMatchObject({
      code: 'rolling-stopped',
      context: { failed: 2, done: [1], untouched: [3], problem: { code: 'start-failed' } },
    });
    expect(model.reading('rovi-pool@3.service').invocationId).toBe(before.get('rovi-pool@3.service'));
    expect(model.reading('rovi-pool@1.service').invocationId).not.toBe(before.get('rovi-pool@1.service'));
  });

  it('restarts each by one job of systemd: a conductor that is killed leaves none stopped', async () => {
    const { through, model } = await serviceRig(scaled);
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    const before = model.sent.length;
    expect((await through({ kind: 'rolling-restart', service: 'pool' })).outcome).toBe('succeeded');
    expect(model.sent.slice(before).map(({ verb }) => verb)).toEqual(['restart', 'restart', 'restart']);
  });

  it('touches no further instance once somebody has begun a maintenance', async () => {
    const { through, run, ended, model, maintenance, clock } = await serviceRig(scaled);
    await through({ kind: 'scale', service: 'pool', instances: 3 });
    const { finished } = run({ kind: 'rolling-restart', service: 'pool' });
    await clock.advance(100);
    maintenance.set('pool', {
      target: 'pool',
      reason: 'a new disk',
      actor: { name: 'ann', face: 'cli', verified: false },
      since: '',
      until: null,
    });
    expect((await ended(finished)).problem).toMatchObject({
      code: 'rolling-stopped',
      context: { failed: 2, done: [1], untouched: [2, 3], problem: { code: 'in-maintenance' } },
    });
    expect(model.systemd.up()).toHaveLength(3);
  });
});

describe('while systemd has not told how one service is', () => {
  const withNewcomer = async () => {
    const rig = await serviceRig({ ...four, lone: {} });
    await rig.through({ kind: 'start', service: 'web' });
    rig.observer.observe({ kind: 'disconnected', error: 'gone' });
    for (const name of ['bus', 'store', 'web', 'lone']) {
      const unit = `rovi-${name}.service`;
      const reading = rig.observer.byUnit(unit)?.knowledge?.reading;
      if (reading !== undefined) rig.observer.observe({ kind: 'unit', reading });
    }
    return rig;
  };

  it('what has nothing to do with it is commanded as ever', async () => {
    const { confirmed, through, model } = await withNewcomer();
    expect(await confirmed({ kind: 'stop', service: 'store' })).toMatchObject({ outcome: 'succeeded' });
    expect(await through({ kind: 'start', service: 'lone' })).toMatchObject({ outcome: 'succeeded' });
    expect(model.systemd.up()).toEqual(['rovi-bus.service', 'rovi-camera.service', 'rovi-lone.service']);
  });

  it('what would change it or rely on it is refused, and names it', async () => {
    const { run, model } = await withNewcomer();
    const before = model.sent.length;
    for (const intent of [
      { kind: 'stop', service: 'camera' },
      { kind: 'stop', service: 'bus' },
      { kind: 'start', service: 'web' },
    ] as const) {
      expect(() => run(intent), intent.service).toThrow(
        expect.objectContaining({
          code: 'bus-unavailable',
          message: 'the state of camera is not known',
        }) as Error,
      );
    }
    expect(model.sent).toHaveLength(before);
  });
});
