import { describe, expect, it } from 'vitest';
import { Demonstration } from './demonstration.js';

// They boot and install a robot, which takes minutes on a busy machine.
describe('the tour', { timeout: 500_000 }, () => {
  it.each([
    { told: '--once', args: ['--once'] },
    { told: 'no terminal', args: [] },
  ])('comes out as told, and leaves nothing behind ($told)', async ({ args }) => {
    const demo = new Demonstration(args, { terminal: false });
    const code = await demo.end();
    expect({ code, shown: demo.shown }).toMatchObject({ code: 0 });
    for (const line of [
      '✓ rovi-gateway.service started',
      '✓ nav running, 4 of 4 processes',
      '[stack-busy]',
      'teleop did not get the stack lock within 5 s: held by rovi-nav.service',
      '✓ switched from nav to teleop: running, 3 of 3 processes',
      'running, 2 of 3 processes, twist_mux missing',
      'failed: killed by SIGKILL',
      'went back to nav, which is running again [switch-rolled-back]',
      'gateway not reachable: read from systemd directly',
      '✓ nav stopped',
      '✓ all 10 scenes came out as told',
    ]) {
      expect(demo.shown).toContain(line);
    }
    demo.expectNothingLeft();
  });

  it.each([
    { signal: 'SIGINT', code: 130, when: /has booted in/ },
    { signal: 'SIGTERM', code: 143, when: /rovictl stack start nav/ },
  ] as const)('$signal ends it at once, and leaves nothing behind', async ({ signal, code, when }) => {
    const demo = new Demonstration(['--once'], { terminal: false });
    await demo.shows(when);
    demo.signal(signal);
    expect(await demo.end()).toBe(code);
    expect(demo.shown).toMatch(/removing what was set up\n$/);
    demo.expectNothingLeft();
  });

  it('is ended by Ctrl-C, and leaves nothing behind', async () => {
    const demo = new Demonstration(['--once'], { terminal: true });
    await demo.shows(/rovictl stack switch mapping/);
    demo.type('\x03');
    expect(await demo.end()).toBe(130);
    demo.expectNothingLeft();
  });
});

describe('the shell on the robot', { timeout: 600_000 }, () => {
  it('lets a person drive, with job control, completion and a crash', async () => {
    const demo = new Demonstration([], { terminal: true });
    await demo.shows(/You are olga, an operator/);
    await demo.shows(/Its page.*http:\/\/127\.0\.0\.1:\d+\/services\//);
    const [page = ''] = /http:\/\/127\.0\.0\.1:\d+\/services\//.exec(demo.shown) ?? [];
    expect(await (await fetch(page)).text()).toContain('<div id="page">');
    await demo.shows(/olga@robot\$ /);
    demo.type('id -nG\n');
    await demo.shows(/olga rovi-ops/);
    demo.type('rovictl stack start n\t\n');
    await demo.shows(/✓ nav running, 4 of 4 processes/);
    demo.type('rovictl stack start teleop; echo "it said $?"\n');
    await demo.shows(/\[stack-busy\]/);
    await demo.shows(/it said 3/);
    // The gateway may see it later than the command line asks.
    demo.type(
      "su -c 'pkill -9 -x planner_server'\nuntil rovictl active --json | grep '3 of 4'; do sleep 1; done\n",
    );
    await demo.shows(/running, 3 of 4 processes, planner_server missing/);
    demo.type('rovictl logs -f\n');
    await demo.shows(/planner_server-3\]: process has died/);
    demo.type('\x03');
    await demo.shows(/olga@robot\$ /);
    demo.type('rovictl ticket create scan --dry-run --execute\n');
    await demo.shows(/✓ tick-\d{8}-[0-9a-f]{8} completed/);
    demo.type('rovictl estop && rovictl estop reset --yes\n');
    await demo.shows(/nav runs on[^]*the e-stop is not active/);
    demo.type('hints\n');
    await demo.shows(/rovictl status --watch/);
    // A service is healthy some time after it has started.
    const healthy = 'rovictl service list | grep "movement_ws_server  *RUNNING  *healthy"';
    demo.type(`rovictl stop-all && services && until ${healthy}; do sleep 1; done\n`);
    await demo.shows(/movement_ws_server +RUNNING +healthy/);
    demo.type('exit\n');
    await demo.shows(/is removed, and all that was on it/);
    expect(await demo.end()).toBe(0);
    demo.expectNothingLeft();
  });
});

describe('its command line', () => {
  it('is explained by --help', async () => {
    const demo = new Demonstration(['--help'], { terminal: false });
    expect(await demo.end()).toBe(0);
    expect(demo.shown).toContain('npm run demo');
  });

  it.each([[['--twice']], [['tour']], [['--record', 'x.svg']]])('refuses %j', async (args) => {
    const demo = new Demonstration(args, { terminal: false });
    expect(await demo.end()).toBe(2);
  });
});
