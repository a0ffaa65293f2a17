import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from './inside.js';

const program = `
import { SystemdNotifier, silentLogger } from '/opt/rovi-src/packages/systemd/dist/index.js';
const notifier = new SystemdNotifier({ logger: silentLogger });
// Before it is ready: who starts it may signal it as soon as it is.
process.on('SIGUSR1', () => void notifier.status('second'));
process.on('SIGUSR2', () => notifier.stopWatchdog());
process.on('SIGTERM', () => void notifier.stopping().then(() => process.exit(0)));
await notifier.ready('first\\nline');
notifier.startWatchdog();
setInterval(() => undefined, 1e6);
`;

const unit = `[Service]
Type=notify
NotifyAccess=all
WatchdogSec=6
Restart=no
User=daemon
ExecStart=/usr/bin/node /opt/notifying.mjs
`;

describe('readiness and watchdog', () => {
  let robot: Robot;
  const show = async (property: string): Promise<string> =>
    (await robot.exec(['systemctl', 'show', '-P', property, 'notifying.service'])).stdout.trim();

  beforeAll(async () => {
    robot = await Robot.boot({
      name: 'adapter-notify',
      files: { '/etc/systemd/system/notifying.service': unit, '/opt/notifying.mjs': program },
    });
  });
  afterAll(() => robot.shutdown());

  it('is ready with a status, outlives its watchdog time, and is killed when it goes quiet', async () => {
    await robot.exec(['systemctl', 'start', 'notifying.service']);
    expect(await show('ActiveState')).toBe('active');
    expect(await show('StatusText')).toBe('first line');
    await robot.exec(['systemctl', 'kill', '--signal=USR1', '--kill-whom=main', 'notifying.service']);
    await robot.waitFor('the second status', async () => (await show('StatusText')) === 'second');
    const first = await show('WatchdogTimestampMonotonic');
    const later = await robot.waitFor('pings for twice the time', async () => {
      const now = await show('WatchdogTimestampMonotonic');
      return Number(now) - Number(first) > 12_000_000 ? now : null;
    });
    expect(Number(later)).toBeGreaterThan(Number(first));
    await robot.exec(['systemctl', 'kill', '--signal=USR2', '--kill-whom=main', 'notifying.service']);
    await robot.waitFor('the watchdog', async () => (await show('Result')) === 'watchdog');
  });

  it('does nothing, and fails at nothing, outside a unit', async () => {
    const code = `
      const notifier = new adapter.SystemdNotifier({ logger: { ...adapter.silentLogger, warn: () => { answer.warned = true; } } });
      await notifier.ready('x'); await notifier.status('y'); notifier.startWatchdog(); notifier.stopWatchdog(); await notifier.stopping();
      answer.ended = true;`;
    expect(await inside(robot, 'nobody', code)).toEqual({ ended: true });
  });
});
