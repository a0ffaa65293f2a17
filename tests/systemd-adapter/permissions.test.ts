import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from './inside.js';
import { installUnits } from './units.js';

const tryBoth = `
  const manager = new adapter.DbusUnitManager({ logger: adapter.silentLogger });
  await manager.start(['good.service'], () => undefined);
  answer.read = (await manager.readUnits(['good.service'], options))[0].loadState;
  answer.start = await manager.startUnit('good.service', options).then(({ result }) => result, failure);
  answer.stop = await manager.stopUnit('good.service', options).then(({ result }) => result, failure);
  await manager.stop();
`;

const rule = `polkit.addRule(function (action, subject) {
  if (action.id != 'org.freedesktop.systemd1.manage-units') return;
  if (subject.user == 'friend') return polkit.Result.YES;
  if (subject.user == 'foe') return polkit.Result.NO;
});`;

describe('who may', () => {
  let robot: Robot;

  beforeAll(async () => {
    robot = await Robot.boot({
      name: 'adapter-polkit',
      files: { '/etc/polkit-1/rules.d/10-test.rules': rule },
    });
    await installUnits(robot);
    for (const user of ['friend', 'foe', 'stranger']) await robot.addUser(user);
  });
  afterAll(() => robot.shutdown());

  it.each([
    ['root', 'done'],
    ['friend', 'done'],
    ['foe', 'not-authorized'],
    ['stranger', 'authorization-required'],
  ])('%s: %s', async (user, word) => {
    expect(await inside(robot, user, tryBoth)).toEqual({ read: 'loaded', start: word, stop: word });
  });

  it('polkit that cannot be started is not taken for a refusal, nor for a masked stack', async () => {
    await robot.exec(['systemctl', 'stop', 'polkit.service']);
    await robot.shell('ln -s /dev/null /etc/systemd/system/polkit.service; systemctl daemon-reload');
    const answers = await inside(robot, 'friend', tryBoth);
    expect(answers).toEqual({ read: 'loaded', start: 'polkit-unavailable', stop: 'polkit-unavailable' });
  });

  it('polkit that is not installed is not taken for a refusal', async () => {
    await robot.shell(
      'rm /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service; systemctl reload dbus',
    );
    const answers = await inside(robot, 'friend', tryBoth);
    expect(answers).toEqual({ read: 'loaded', start: 'polkit-unavailable', stop: 'polkit-unavailable' });
  });
});
