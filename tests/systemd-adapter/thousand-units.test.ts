import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Recording } from './recording.js';

const names = Array.from({ length: 1000 }, (_, index) => `many-${index}.service`);
// Whether it hangs, not how long a busy machine takes.
const options = { deadlineMs: 60_000 };

describe('a thousand units', () => {
  let robot: Robot;

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-thousand' });
    await robot.shell(
      `for i in $(seq 0 999); do printf '[Service]\\nExecStart=/bin/sleep 1000\\n' > /etc/systemd/system/many-$i.service; done; systemctl daemon-reload`,
    );
  });
  afterAll(() => robot.shutdown());

  it('are read with a handful of messages, and each works', async () => {
    await using recording = await Recording.of(robot, names);
    // On a busy machine not with the first attempt: a thousand are to be read within five seconds.
    await recording.kind('connected');
    const told = recording.events.filter((event) => event.kind === 'unit');
    expect(told).toHaveLength(1000);
    expect(told.every((event) => event.reading.loadState === 'loaded')).toBe(true);
    expect(recording.manager.busMessages.sent).toBeLessThan(10);
    const sent = recording.manager.busMessages.sent;
    const { result, reading } = await recording.manager.startUnit('many-999.service', options);
    expect([result, reading.activeState]).toEqual(['done', 'active']);
    expect(recording.manager.busMessages.sent - sent).toBeLessThanOrEqual(2);
    await recording.processes('many-999.service', ['sleep']);
    const from = recording.events.length;
    await robot.exec(['systemctl', 'stop', 'many-999.service']);
    await recording.processes('many-999.service', [], from);
    await recording.reading(
      'many-999.service',
      { activeState: 'inactive', job: null, execMainStatus: 15 },
      from,
    );
    expect(recording.states('many-999.service')).toEqual(['inactive', 'active', 'deactivating', 'inactive']);
    const readings = await recording.manager.readUnits(names, options);
    expect(readings.map(({ unit }) => unit)).toEqual(names);
  });

  it('are read and stopped though hundreds run: never more calls than the bus lets one connection have open', async () => {
    const many = names.slice(0, 300);
    await robot.exec(['systemctl', 'start', ...many]);
    await using recording = await Recording.of(robot, many);
    await recording.kind('connected');
    const told = recording.events.flatMap((event) => (event.kind === 'unit' ? [event.reading] : []));
    expect(
      told.filter(({ invocationId, mainPid }) => invocationId !== null && mainPid !== null),
    ).toHaveLength(many.length);
    const stopped = await Promise.all(many.map((unit) => recording.manager.stopUnit(unit, options)));
    expect(
      stopped.filter(({ result, reading }) => result === 'done' && reading.activeState === 'inactive'),
    ).toHaveLength(many.length);
  });
});
