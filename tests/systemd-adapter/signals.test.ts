import { Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Recording } from './recording.js';
import { installUnits } from './units.js';

const options = { deadlineMs: 20_000 };

describe('what happens without us', () => {
  let robot: Robot;
  let recording: Recording;

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-signals' });
    await installUnits(robot);
  });
  afterAll(() => robot.shutdown());
  beforeEach(async () => {
    recording = await Recording.of(robot, [
      'good.service',
      'brief.service',
      'many.service',
      'slow.service',
      'new.service',
    ]);
  });
  afterEach(async () => {
    await recording.manager.stop();
    await robot.exec(['systemctl', 'stop', 'good.service', 'many.service', 'slow.service']);
    await robot.exec(['systemctl', 'reset-failed']);
  });

  it('an operator starts, kills and resets a unit: every state is told in order', async () => {
    await robot.exec(['systemctl', 'start', 'good.service']);
    await recording.reading('good.service', { activeState: 'active', job: null });
    await robot.exec(['systemctl', 'kill', '--signal=KILL', 'good.service']);
    const failed = await recording.reading('good.service', { activeState: 'failed' });
    expect(failed).toMatchObject({ result: 'signal', execMainCode: 2, execMainStatus: 9, controlGroup: '' });
    await robot.exec(['systemctl', 'reset-failed', 'good.service']);
    const from = recording.events.findIndex(
      (event) => event.kind === 'unit' && event.reading.activeState === 'failed',
    );
    await recording.reading('good.service', { activeState: 'inactive', result: 'success' }, from);
    expect(recording.states('good.service')).toEqual(['inactive', 'active', 'failed', 'inactive']);
  });

  it('a reading never mixes two moments: no inactive unit with a main process', async () => {
    for (let round = 0; round < 5; round += 1) {
      await robot.exec(['systemctl', 'restart', 'good.service']);
      await robot.exec(['systemctl', 'stop', 'good.service']);
    }
    await recording.manager.readUnits(['good.service'], options);
    const mixed = recording.events.filter(
      (event) =>
        event.kind === 'unit' &&
        event.reading.activeState === 'inactive' &&
        event.reading.job === null &&
        (event.reading.mainPid !== null || event.reading.controlGroup !== ''),
    );
    expect(mixed).toEqual([]);
  });

  it('how a run ended is known though systemd unloads the unit between two answers', async () => {
    const ends: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      await recording.manager.startUnit('brief.service', options);
      // Whoever waits for the end of a unit reads it while it ends; systemd forgets it as soon as it has ended.
      let [reading] = await recording.manager.readUnits(['brief.service'], options);
      while (reading?.activeState !== 'inactive') {
        [reading] = await recording.manager.readUnits(['brief.service'], options);
      }
      ends.push(`${reading.execMainCode} ${reading.execMainStatus} ${reading.result}`);
    }
    expect(ends).toEqual(ends.map(() => '1 7 success'));
  });

  it('a foreign job is told with its type', async () => {
    await robot.exec(['systemctl', 'start', '--no-block', 'slow.service']);
    const matches = (event: (typeof recording.events)[number]): event is typeof event =>
      event.kind === 'unit' && event.reading.unit === 'slow.service' && event.reading.job?.type === 'start';
    await recording.event(matches);
  });

  it('processes are seen coming, dying inside a running unit, and going', async () => {
    await robot.exec(['systemctl', 'start', 'many.service']);
    await recording.processes('many.service', ['many.sh', 'planner_server', 'sleep']);
    await recording.reading('many.service', { activeState: 'active', job: null });
    // With the answer all is here that systemd had told before.
    await recording.manager.readUnits(['many.service'], options);
    const [, planner] = await names();
    const from = recording.events.length;
    await robot.exec(['kill', '-9', String(planner)]);
    await recording.processes('many.service', ['many.sh', 'sleep'], from);
    expect(recording.events.slice(from).filter(({ kind }) => kind === 'unit')).toEqual([]);
    await robot.exec(['systemctl', 'stop', 'many.service']);
    await recording.processes('many.service', [], from);
  });

  it('a unit file that appears and disappears is told after the reload', async () => {
    await robot.writeFile('/etc/systemd/system/new.service', '[Service]\nExecStart=/bin/sleep 1000\n');
    await robot.exec(['systemctl', 'daemon-reload']);
    await recording.reading('new.service', { loadState: 'loaded' });
    const from = recording.events.length;
    await robot.shell('rm /etc/systemd/system/new.service && systemctl daemon-reload');
    await recording.reading('new.service', { loadState: 'not-found' }, from);
  });

  it('a unit that is started as soon as its file is there is told as loaded', async () => {
    await robot.writeFile('/etc/systemd/system/new.service', '[Service]\nExecStart=/bin/sleep 1000\n');
    await robot.exec(['systemctl', 'start', 'new.service']);
    await recording.reading('new.service', { loadState: 'loaded', activeState: 'active' });
    await robot.shell(
      'systemctl stop new.service; rm /etc/systemd/system/new.service; systemctl daemon-reload',
    );
  });

  it('sends and receives nothing while nothing changes, a running stack included', async () => {
    await recording.manager.startUnit('many.service', options);
    await recording.processes('many.service', ['many.sh', 'planner_server', 'sleep']);
    // The one question that the change itself is followed by: whether systemd is still there.
    const { sent } = recording.manager.busMessages;
    await robot.waitFor('the answer to it', () => {
      const now = recording.manager.busMessages;
      return now.sent > sent && now.received >= now.sent;
    });
    const before = recording.manager.busMessages;
    const monitor = await robot.exec(['timeout', '6', 'dbus-monitor', '--system', '--profile'], {
      check: false,
    });
    // The monitor's own connection is announced to it; everything else would be ours or systemd's.
    const messages = monitor.stdout.split('\n').filter((line) => /^(?:mc|mr|sig|err)\b/.test(line));
    expect(messages.length).toBeGreaterThan(0);
    expect(messages.filter((line) => !/Name(?:Acquired|Lost)|NameOwnerChanged/.test(line))).toEqual([]);
    expect(recording.manager.busMessages).toEqual(before);
  });

  it('a signal that another sender makes up is not believed', async () => {
    await recording.manager.startUnit('good.service', options);
    await robot.addUser('stranger');
    await saidNothingForAWhile();
    const from = recording.events.length;
    const before = recording.manager.busMessages;
    // Past any match rule: sent to every connection by its unique name.
    const forged = `for n in $(busctl list --unique --no-legend | awk '{print $1}'); do
      busctl emit --destination=$n /org/freedesktop/systemd1/unit/good_2eservice org.freedesktop.DBus.Properties \
        PropertiesChanged 'sa{sv}as' org.freedesktop.systemd1.Unit 1 ActiveState s failed 0
      dbus-send --system --dest=$n --type=signal /org/freedesktop/DBus org.freedesktop.DBus.NameOwnerChanged \
        string:org.freedesktop.systemd1 string: string:
    done; true`;
    for (const user of ['stranger', 'root']) await robot.shell(forged, { user });
    // They did arrive: two signals from each of two users, and nothing was sent because of them.
    await robot.waitFor(
      'the forged signals',
      () => recording.manager.busMessages.received >= before.received + 4,
    );
    expect(recording.manager.busMessages.sent).toBe(before.sent);
    const [reading] = await recording.manager.readUnits(['good.service'], options);
    expect(reading?.activeState).toBe('active');
    expect(recording.events.slice(from)).toEqual([]);
  });

  it('a stranger cannot end the connection, whatever it sends', async () => {
    await recording.manager.startUnit('good.service', options);
    await robot.addUser('vandal');
    await saidNothingForAWhile();
    const from = recording.events.length;
    const before = recording.manager.busMessages;
    await robot.exec(['node', '--input-type=module', '-'], { user: 'vandal', input: vandal(1000) });
    await robot.waitFor(
      'the messages',
      () => recording.manager.busMessages.received >= before.received + 2000,
    );
    expect(recording.manager.busMessages.sent).toBe(before.sent);
    const [reading] = await recording.manager.readUnits(['good.service'], options);
    expect(reading?.activeState).toBe('active');
    expect(recording.events.slice(from)).toEqual([]);
  });

  /** Two seconds after a process came or went systemd is asked for a sign of life: what is sent after that has another cause. */
  async function saidNothingForAWhile(): Promise<void> {
    let { sent } = recording.manager.busMessages;
    let since = performance.now();
    await robot.waitFor('silence', () => {
      if (recording.manager.busMessages.sent !== sent) since = performance.now();
      ({ sent } = recording.manager.busMessages);
      return performance.now() - since > 3_000;
    });
  }

  /** PIDs of many.service as the robot counts them: shell, planner_server, sleep. */
  async function names(): Promise<number[]> {
    const { stdout } = await robot.shell('cat /sys/fs/cgroup/system.slice/many.service/cgroup.procs');
    return stdout.trim().split('\n').map(Number);
  }
});

/** Sends to every connection so many signals with a descriptor that is not there, and as many with a large body. */
function vandal(times: number): string {
  return `
    import { once } from 'node:events';
    import { connect } from 'node:net';
    const bus = connect('/run/dbus/system_bus_socket');
    const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
    const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
    let serial = 0;
    const message = (type, fields, body = Buffer.alloc(0)) => {
      serial += 1;
      let header = Buffer.alloc(0);
      for (const [code, kind, value] of fields) {
        const length = kind === 'g' ? Buffer.from([value.length]) : number(value.length);
        header = Buffer.concat([padded(header), Buffer.from([code, 1]), Buffer.from(kind + '\\0'), length, Buffer.from(value + '\\0')]);
      }
      const fixed = Buffer.concat([Buffer.from([0x6c, type, 0, 1]), number(body.length), number(serial), number(header.length)]);
      return Buffer.concat([fixed, padded(header), body]);
    };
    const driver = 'org.freedesktop.DBus';
    const ask = (member) => message(1, [[1, 'o', '/org/freedesktop/DBus'], [2, 's', driver], [3, 's', member], [6, 's', driver]]);
    bus.write('\\0AUTH EXTERNAL ' + Buffer.from(String(process.getuid())).toString('hex') + '\\r\\n');
    await once(bus, 'data');
    bus.write(Buffer.concat([Buffer.from('BEGIN\\r\\n'), ask('Hello'), ask('ListNames')]));
    let answers = '';
    while (!/ListNames|:1\\.\\d+\\0[^]*:1\\.\\d+\\0[^]*org\\.freedesktop\\.systemd1\\0/.test(answers)) answers += String((await once(bus, 'data'))[0]);
    const names = new Set(answers.match(/:1\\.\\d+/g));
    bus.resume();
    const large = Buffer.concat([number(20_000), Buffer.alloc(20_000)]);
    for (let round = 0; round < ${times}; round += 1) {
      for (const name of names) {
        const signal = [[1, 'o', '/a'], [2, 's', 'a.b'], [3, 's', 'C'], [6, 's', name]];
        bus.write(message(4, [...signal, [8, 'g', 'h']], number(0)));
        if (!bus.write(message(4, [...signal, [8, 'g', 'ay']], large))) await once(bus, 'drain');
      }
    }
    bus.end();
    await once(bus, 'close');
  `;
}
