import { Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Recording } from './recording.js';
import { installUnits, units } from './units.js';

const options = { deadlineMs: 20_000 };

describe('jobs', () => {
  let robot: Robot;
  let recording: Recording;

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-jobs' });
    await installUnits(robot);
  });
  afterAll(() => robot.shutdown());
  beforeEach(async () => {
    recording = await Recording.of(robot, [...Object.keys(units), 'masked.service', 'nowhere.service']);
  });
  afterEach(() => recording.manager.stop());

  it('tells connected first, then each unit once with its processes', () => {
    expect(recording.events[0]).toEqual({ kind: 'connected' });
    const told = recording.events.flatMap((event) => (event.kind === 'unit' ? [event.reading.unit] : []));
    expect(told.sort()).toEqual([...Object.keys(units), 'masked.service', 'nowhere.service'].sort());
    const loaded = Object.fromEntries(
      recording.events.flatMap((event) =>
        event.kind === 'unit' ? [[event.reading.unit, event.reading.loadState]] : [],
      ),
    );
    expect(loaded).toMatchObject({
      'good.service': 'loaded',
      'masked.service': 'masked',
      'nowhere.service': 'not-found',
      'broken.service': 'bad-setting',
    });
    expect(recording.events).toContainEqual({ kind: 'processes', unit: 'good.service', processes: [] });
  });

  describe('a restart', () => {
    const restarting = async (): Promise<{ runs: (string | null)[]; restarted: Promise<string> }> => {
      const { manager } = recording;
      const { reading } = await manager.startUnit('leaning.service', options);
      const [base] = await manager.readUnits(['tardy.service'], options);
      const from = recording.events.length;
      const restarted = manager.restartUnit('tardy.service', options).then(
        ({ result }) => result,
        () => 'lost from sight',
      );
      await recording.reading('tardy.service', { activeState: 'deactivating' }, from);
      return { runs: [base?.invocationId ?? null, reading.invocationId], restarted };
    };
    afterEach(async () => {
      await robot.exec(['systemctl', 'stop', 'tardy.service', 'leaning.service']);
    });

    it('begins another run of the unit, and of what requires it', async () => {
      const { runs, restarted } = await restarting();
      expect(await restarted).toBe('done');
      const [tardy, leaning] = await robot.waitFor('both', async () => {
        const now = await recording.manager.readUnits(['tardy.service', 'leaning.service'], options);
        return now.every(({ activeState }) => activeState === 'active') ? now : null;
      });
      expect(runs).not.toContain(tardy?.invocationId);
      expect(runs).not.toContain(leaning?.invocationId);
    });

    it('goes on when who asked for it is gone', async () => {
      const { runs } = await restarting();
      await recording.manager.stop();
      const later = await Recording.of(robot, ['tardy.service', 'leaning.service']);
      for (const unit of ['tardy.service', 'leaning.service']) {
        expect(runs).not.toContain((await later.reading(unit, { activeState: 'active' })).invocationId);
      }
      await later.manager.stop();
    });

    it('leaves stopped what somebody stops meanwhile', async () => {
      const { restarted } = await restarting();
      const { reading } = await recording.manager.stopUnit('leaning.service', options);
      expect(reading.activeState).toBe('inactive');
      expect(await restarted).toBe('done');
      const [tardy, leaning] = await recording.manager.readUnits(
        ['tardy.service', 'leaning.service'],
        options,
      );
      expect([tardy?.activeState, leaning?.activeState, leaning?.job]).toEqual(['active', 'inactive', null]);
    });

    it('ends with a stop of the unit itself', async () => {
      const { restarted } = await restarting();
      const { reading } = await recording.manager.stopUnit('tardy.service', options);
      expect(await restarted).toBe('canceled');
      expect(reading.activeState).not.toBe('active');
      expect(reading.job).toBeNull();
    });
  });

  it('starts and stops, and has told of the end before it answers', async () => {
    const started = await recording.manager.startUnit('good.service', options);
    expect(started.result).toBe('done');
    expect(started.reading).toMatchObject({
      activeState: 'active',
      subState: 'running',
      controlGroup: '/system.slice/good.service',
      job: null,
      conditionResult: true,
    });
    expect(started.reading.invocationId).toMatch(/^[0-9a-f]{32}$/);
    expect(recording.events.filter(({ kind }) => kind === 'unit').at(-1)).toEqual({
      kind: 'unit',
      reading: started.reading,
    });
    const again = await recording.manager.startUnit('good.service', options);
    expect(again).toEqual(started);
    const stopped = await recording.manager.stopUnit('good.service', options);
    expect(stopped.result).toBe('done');
    expect(stopped.reading).toMatchObject({
      activeState: 'inactive',
      controlGroup: '',
      mainPid: null,
      job: null,
    });
    const processes = recording.events.filter(
      (event) => event.kind === 'processes' && event.unit === 'good.service',
    );
    expect(processes.at(-1)).toMatchObject({ processes: [] });
    expect(recording.states('good.service')).toEqual(['inactive', 'active', 'deactivating', 'inactive']);
  });

  it.each([
    [
      'bad.service',
      'failed',
      { activeState: 'failed', result: 'exit-code', execMainCode: 1, execMainStatus: 1 },
    ],
    ['late.service', 'failed', { activeState: 'failed', result: 'timeout' }],
    ['needy.service', 'dependency', { activeState: 'inactive' }],
    ['conditional.service', 'skipped', { activeState: 'inactive', conditionResult: false }],
  ])('%s ends %s', async (unit, result, reading) => {
    const outcome = await recording.manager.startUnit(unit, options);
    expect(outcome).toMatchObject({ result, reading });
  });

  it('says that the start limit was hit', async () => {
    await recording.manager.startUnit('limited.service', options);
    const outcome = await recording.manager.startUnit('limited.service', options);
    expect(outcome).toMatchObject({
      result: 'failed',
      reading: { activeState: 'failed', result: 'start-limit-hit' },
    });
  });

  it('a stop sent after a start is the later one, and cancels it', async () => {
    const start = recording.manager.startUnit('slow.service', options);
    const stop = recording.manager.stopUnit('slow.service', options);
    expect((await start).result).toBe('canceled');
    expect(await stop).toMatchObject({ result: 'done', reading: { activeState: 'inactive' } });
  });

  it('an aborted call sends nothing, and one under way lets go at once with the given reason', async () => {
    const reason = new Error('changed my mind');
    const sent = recording.manager.busMessages.sent;
    const aborted = recording.manager.startUnit('good.service', {
      ...options,
      signal: AbortSignal.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
    expect(recording.manager.busMessages.sent).toBe(sent);
    const abort = new AbortController();
    const start = recording.manager.startUnit('slow.service', { ...options, signal: abort.signal });
    await recording.reading('slow.service', { activeState: 'activating' });
    abort.abort(reason);
    await expect(start).rejects.toBe(reason);
    await recording.manager.stopUnit('slow.service', options);
  });

  it('gives up at its deadline while the transition goes on', async () => {
    const start = recording.manager.startUnit('slow.service', { deadlineMs: 300 });
    await expect(start).rejects.toMatchObject({ code: 'bus-timeout' });
    // The job is there at once, what it does may begin later.
    await recording.reading('slow.service', { activeState: 'activating' });
    const [reading] = await recording.manager.readUnits(['slow.service'], options);
    expect(reading).toMatchObject({ activeState: 'activating', job: { type: 'start' } });
    await recording.manager.stopUnit('slow.service', options);
  });

  it.each([
    ['nowhere.service', 'unit-missing'],
    ['masked.service', 'unit-masked'],
    ['manual.service', 'start-failed'],
    ['broken.service', 'start-failed'],
  ])('refuses to start %s with %s', async (unit, code) => {
    await expect(recording.manager.startUnit(unit, options)).rejects.toMatchObject({ code });
  });

  it('refuses to stop what does not exist', async () => {
    const stop = recording.manager.stopUnit('nowhere.service', options);
    await expect(stop).rejects.toMatchObject({ code: 'unit-missing' });
  });

  it('names the error of systemd where an irreversible job is in the way of a stop', async () => {
    const start = 'systemctl start --no-block --job-mode=replace-irreversibly slow.service';
    await robot.shell(start);
    await expect(recording.manager.stopUnit('slow.service', options)).rejects.toMatchObject({
      code: 'stop-failed',
      context: { dbus_error: 'org.freedesktop.systemd1.TransactionIsDestructive' },
    });
    await robot.shell('systemctl cancel; systemctl stop slow.service');
  });

  it('reads what is asked in the order asked, unwatched units too', async () => {
    const names = ['nowhere.service', 'dbus.service', 'not a unit name', 'good.service'];
    const readings = await recording.manager.readUnits(names, options);
    expect(readings.map(({ unit, loadState }) => [unit, loadState])).toEqual([
      ['nowhere.service', 'not-found'],
      ['dbus.service', 'loaded'],
      ['not a unit name', 'not-found'],
      ['good.service', 'loaded'],
    ]);
    expect(readings[1]).toMatchObject({ activeState: 'active', controlGroup: '/system.slice/dbus.service' });
  });

  it('an unwatched unit can be started and stopped', async () => {
    await using other = await Recording.of(robot, []);
    const started = await other.manager.startUnit('good.service', options);
    expect(started).toMatchObject({
      result: 'done',
      reading: { activeState: 'active', subState: 'running' },
    });
    const stopped = await other.manager.stopUnit('good.service', options);
    expect(stopped).toMatchObject({ result: 'done', reading: { activeState: 'inactive' } });
  });
});
