import { Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BusRelay } from './bus-relay.js';
import { Recording } from './recording.js';
import { installUnits } from './units.js';

const options = { deadlineMs: 20_000 };

describe('losing systemd and finding it again', () => {
  let robot: Robot;
  let recording: Recording;

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-reconnect' });
    await installUnits(robot);
  });
  afterAll(() => robot.shutdown());
  beforeEach(async () => {
    recording = await Recording.of(robot, ['good.service', 'slow.service', 'many.service']);
  });
  afterEach(async () => {
    await recording.manager.stop();
    await robot.exec(['systemctl', 'stop', 'good.service', 'slow.service', 'many.service']);
  });

  it.each([
    ['the bus is restarted', 'systemctl restart dbus.service'],
    ['the bus is killed', 'kill -9 $(systemctl show -P MainPID dbus.service); systemctl start dbus.service'],
    ['systemd executes itself anew', 'systemctl daemon-reexec'],
  ])('%s: all is stale, then told anew, and works', async (_, script) => {
    await recording.manager.startUnit('many.service', options);
    await recording.processes('many.service', ['many.sh', 'planner_server', 'sleep']);
    const from = recording.events.length;
    await robot.shell(script);
    const back = recording.events.indexOf(await recording.kind('disconnected', from));
    await recording.kind('connected', from);
    await recording.reading('good.service', { activeState: 'inactive' }, back);
    await recording.reading('many.service', { activeState: 'active' }, back);
    await recording.processes('many.service', ['many.sh', 'planner_server', 'sleep'], back);
    const started = await recording.manager.startUnit('good.service', options);
    expect(started.reading.activeState).toBe('active');
  });

  it('a reload in between changes nothing and loses nothing', async () => {
    await recording.manager.startUnit('good.service', options);
    const from = recording.events.length;
    for (let round = 0; round < 5; round += 1) await robot.exec(['systemctl', 'daemon-reload']);
    await robot.exec(['systemctl', 'stop', 'good.service']);
    await recording.reading('good.service', { activeState: 'inactive', job: null }, from);
    expect(recording.states('good.service', from)).toEqual(['active', 'deactivating', 'inactive']);
    expect(recording.events.slice(from).map(({ kind }) => kind)).not.toContain('disconnected');
  });

  it.each([
    ['the bus', 'systemctl restart dbus.service'],
    ['systemd itself', 'systemctl daemon-reexec'],
  ])('a job that ends after %s was away is still reported', async (_, script) => {
    const start = recording.manager.startUnit('slow.service', options);
    await recording.reading('slow.service', { activeState: 'activating' });
    const from = recording.events.length;
    await robot.shell(script);
    await recording.kind('disconnected', from);
    await recording.kind('connected', from);
    await robot.exec(['systemctl', 'stop', 'slow.service']);
    expect((await start).result).toBe('canceled');
  });

  it('a job that ends while the bus is away is answered from the state', async () => {
    const start = recording.manager.startUnit('slow.service', options);
    await recording.reading('slow.service', { activeState: 'activating' });
    // systemctl as root speaks to systemd without the bus.
    await robot.shell(
      'systemctl stop dbus.socket dbus.service; systemctl stop slow.service; systemctl start dbus.socket dbus.service',
    );
    const outcome = await start;
    expect(outcome).toMatchObject({ result: 'lost', reading: { activeState: 'inactive' } });
  });

  it.each([
    ['watched', ['slow.service']],
    ['not watched', []],
  ])('a job whose announcement was lost with the bus is found and waited for: %s', async (_, units) => {
    await using relay = new BusRelay(robot.systemBusAddress);
    await relay.listen();
    await using far = await Recording.of(robot, units, relay.address);
    relay.mute();
    const start = far.manager.startUnit('slow.service', options);
    const from = recording.events.length;
    await recording.reading('slow.service', { activeState: 'activating' });
    relay.cut();
    const [, back] = await Promise.all([far.kind('disconnected'), far.kind('connected', far.events.length)]);
    expect(back.kind).toBe('connected');
    // It waits for the end that comes later, instead of answering while the unit is on its way.
    const early = await Promise.race([start, recording.manager.readUnits(['slow.service'], options)]);
    expect(early).toMatchObject([{ activeState: 'activating' }]);
    // Asked after what it asks to find the job, on the same connection: with this answer it has found it.
    await far.manager.readUnits(['slow.service'], options);
    await robot.exec(['systemctl', 'stop', 'slow.service']);
    // The stop cancels the start's job before it touches the unit: the reading that comes with it may be of either.
    expect((await start).result).toBe('canceled');
    expect(await recording.manager.readUnits(['slow.service'], options)).toMatchObject([
      { activeState: 'inactive' },
    ]);
    await recording.reading('slow.service', { activeState: 'inactive', job: null }, from);
  });

  it('without a bus every call fails at once, and start() resolves all the same', async () => {
    const from = recording.events.length;
    await robot.exec(['systemctl', 'stop', 'dbus.socket', 'dbus.service']);
    await recording.kind('disconnected', from);
    await expect(recording.manager.startUnit('good.service', options)).rejects.toMatchObject({
      code: 'bus-unavailable',
    });
    await expect(recording.manager.readUnits(['good.service'], options)).rejects.toMatchObject({
      code: 'bus-unavailable',
    });
    await using late = await Recording.of(robot, ['good.service']);
    expect(late.events.map(({ kind }) => kind)).toEqual(['disconnected']);
    await robot.exec(['systemctl', 'start', 'dbus.socket', 'dbus.service']);
    await late.kind('connected');
    await late.reading('good.service', { activeState: 'inactive' });
    await recording.kind('connected', from);
  });

  it('a frozen systemd runs into the deadline, and all goes on when it thaws', async () => {
    process.kill(robot.leader, 'SIGSTOP');
    try {
      const read = recording.manager.readUnits(['good.service'], { deadlineMs: 300 });
      await expect(read).rejects.toMatchObject({ code: 'bus-timeout' });
      const start = recording.manager.startUnit('good.service', { deadlineMs: 300 });
      await expect(start).rejects.toMatchObject({ code: 'bus-timeout' });
    } finally {
      process.kill(robot.leader, 'SIGCONT');
    }
    // The start was sent: it happens, late.
    await recording.reading('good.service', { activeState: 'active' });
    const [reading] = await recording.manager.readUnits(['good.service'], options);
    expect(reading?.activeState).toBe('active');
  });

  it('a bus that hangs is noticed when a process ends: what was known is not shown as if it were so now', async () => {
    await recording.manager.startUnit('many.service', options);
    await recording.processes('many.service', ['many.sh', 'planner_server', 'sleep']);
    const from = recording.events.length;
    const bus = (await robot.exec(['systemctl', 'show', '-P', 'MainPID', 'dbus.service'])).stdout.trim();
    await robot.exec(['kill', '-STOP', bus]);
    try {
      // systemctl as root speaks to systemd without the bus.
      await robot.exec(['systemctl', 'kill', '--signal=KILL', 'many.service']);
      expect(await recording.kind('disconnected', from)).toMatchObject({
        error: expect.stringContaining('did not answer on the message bus') as string,
      });
    } finally {
      await robot.exec(['kill', '-CONT', bus]);
    }
    await recording.kind('connected', from);
    await recording.reading('many.service', { activeState: 'failed' }, from);
  });

  it('ten reconnections leave one connection with two match rules, and no listener behind', async () => {
    for (let round = 0; round < 10; round += 1) {
      const from = recording.events.length;
      await robot.shell('systemctl reset-failed dbus.service; systemctl restart dbus.service');
      await recording.kind('disconnected', from);
      await recording.kind('connected', from);
    }
    const { stdout } = await robot.exec([
      'busctl',
      'call',
      '--json=short',
      'org.freedesktop.DBus',
      '/org/freedesktop/DBus',
      'org.freedesktop.DBus.Debug.Stats',
      'GetAllMatchRules',
    ]);
    const [rules] = (JSON.parse(stdout) as { data: [Record<string, string[]>] }).data;
    const ours = Object.values(rules).filter((list) => list.some((rule) => rule.includes('path_namespace')));
    expect(ours.map((list) => list.length)).toEqual([2]);
    await recording.manager.startUnit('good.service', options);
    const told = recording.events.filter(
      (event) => event.kind === 'unit' && event.reading.activeState === 'active',
    );
    const texts = told.map((event) => JSON.stringify(event));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
