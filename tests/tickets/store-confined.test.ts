import { expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';

const rovi = new InstalledRobot('ticketstore');

/** How the gateway is run, not what it may do. */
const RUNS =
  /^(?:Exec|Type|NotifyAccess|Standard|Restart|Timeout|Watchdog|SyslogIdentifier|Kill|EnvironmentFile)/;

test('the process of the tickets keeps them as installed, under the confinement of the gateway', async () => {
  const { robot } = rovi;
  const unit = await robot.readFile('/etc/systemd/system/rovi-gateway.service');
  const [, service = ''] = /\[Service\]\n(.*?)\n\n/s.exec(unit) ?? [];
  const confinement = service.split('\n').filter((line) => /^\w+=/.test(line) && !RUNS.test(line));
  expect(confinement).toContain('ProtectSystem=strict');
  const [, node = ''] = /^exec (\S+) /m.exec(await robot.readFile('/usr/local/lib/rovi/rovi-gateway')) ?? [];
  const actor = { name: 'story', face: 'cli', verified: true };
  const estop = { active: true, since: '2026-03-01T10:00:00.000Z', actor, reason: 'smoke', stored: true };
  const path = '/var/lib/rovi/tickets-try.db';
  const ask = (...requests: readonly object[]) =>
    robot.exec(
      [
        'systemd-run',
        '--pipe',
        '--wait',
        '--quiet',
        '--collect',
        ...confinement.flatMap((line) => ['-p', line]),
      ].concat([node, '/usr/local/lib/rovi/rovi-tickets.mjs', path]),
      { input: requests.map((request) => `${JSON.stringify(request)}\n`).join('') },
    );
  const first = await ask(
    { id: 1, call: 'settle', at: estop.since, actor },
    { id: 2, call: 'setEstop', estop },
  );
  expect(first).toMatchObject({ stderr: '', stdout: '{"id":1,"value":[]}\n{"id":2}\n' });
  expect((await ask({ id: 3, call: 'estop' })).stdout).toBe(`${JSON.stringify({ id: 3, value: estop })}\n`);
  const stated = await robot.exec(['stat', '-c', '%U %a', path]);
  expect(stated.stdout).toBe('rovi 600\n');
});
