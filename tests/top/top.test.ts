import { expect, test } from 'vitest';
import { TwoRobots } from '../hosts/two-robots.js';
import { TmuxScreen } from './tmux-screen.js';

/** `rovictl top` in a real terminal: what is on the screen, and what the keys do to two robots. */
const robots = new TwoRobots('top');
const screen = new TmuxScreen(robots.here, 'one');

/** A unit's line. */
const row = (name: string, rest: string): RegExp => new RegExp(`^. ${name} .*${rest}`, 'm');

const state = async (name: string): Promise<string> => (await robots.here.api.stack(name)).stack.state;

test('without a terminal it says what to use instead', async () => {
  const { code, stderr } = await robots.rovictl(['top']);
  expect(code).toBe(2);
  expect(stderr).toContain('rovictl status --watch');
  expect(stderr).toContain('rovictl status --json');
});

test('it shows every unit of this robot, and how it is', async () => {
  expect((await robots.here.rovictl(['service', 'start', 'web'])).code).toBe(0);
  await screen.open(140, 30);
  await screen.type('rovictl top', 'Enter');
  const shown = await screen.until(row('web', 'service .* RUNNING +healthy'));
  expect(shown).toMatch(row('gateway', 'gateway .* RUNNING'));
  expect(shown).toMatch(row('bus', 'service .* RUNNING'));
  for (const stack of ['teleop', 'mapping', 'localization', 'nav', 'camera']) {
    expect(shown).toMatch(row(stack, 'stack .*○ STOPPED'));
  }
  expect(shown).toMatch(/● local +no stack active .*link alive, last event \d+ s ago/);
  await screen.until(row('web', 'healthy +\\d+ (?:s|min) +[\\d.]+ +[\\d.]+ MiB'));
});

test('the filter leaves what it names, and Esc brings all back', async () => {
  await screen.type('/tele', 'Enter');
  const shown = await screen.until(/filter "tele" +1 shown/);
  expect(shown).not.toMatch(row('web', ''));
  await screen.type('s');
  await screen.until(row('teleop', '● RUNNING'));
  await screen.until(/✓ start teleop on local: teleop running/);
  expect(await state('teleop')).toBe('RUNNING');
  await screen.type('', 'Escape');
  await screen.until(row('web', 'RUNNING'));
});

test('a stop shows what it hits and asks; n, and any other key, does nothing', async () => {
  for (const answer of ['n', 'q', 'x']) {
    await screen.type('x');
    const asked = await screen.until(/stop teleop on local\? \[y\/N\]/);
    expect(asked).toMatch(/stop teleop: stops teleop \(running/);
    await screen.type(answer);
    await screen.until(/nothing was done/);
  }
  // Whoever types on does not see the question: the y is a letter of a filter, and no answer.
  await screen.type('x/yonder');
  await screen.until(/\/yonder/);
  await screen.type('', 'Enter');
  await screen.until(/no unit is as asked for/);
  await screen.type('', 'Escape');
  expect(await state('teleop')).toBe('RUNNING');
});

test('a start of another stack asks for the switch; a stop that is said yes to stops', async () => {
  await screen.type('/camera', 'Enter', 's');
  await screen.until(/switch teleop → camera on local\? \[y\/N\]/);
  await screen.type('y');
  await screen.until(row('camera', '● RUNNING'));
  await screen.until(/✓ switch teleop → camera on local/);
  await screen.type('x');
  await screen.until(/stop camera on local\? \[y\/N\]/);
  await screen.type('y');
  await screen.until(/✓ stop camera on local/);
  expect([await state('teleop'), await state('camera')]).toEqual(['STOPPED', 'STOPPED']);
  await screen.type('', 'Escape');
});

test('a stop of what another needs says which, and stops both', async () => {
  await screen.type('/service bus', 'Enter', 'x');
  const asked = await screen.until(/stop bus on local\? \[y\/N\]/);
  expect(asked).toMatch(/stops +web +RUNNING|stops +web/);
  await screen.type('y');
  await screen.until(row('bus', '○ STOPPED'));
  await screen.type('', 'Escape');
  await screen.until(row('web', '○ STOPPED'));
  await screen.type('/service web', 'Enter', 's');
  await screen.until(row('web', '● RUNNING +healthy'));
  await screen.type('', 'Escape');
});

test('the journal of a unit, and what it writes, never reaches the terminal as a command', async () => {
  await screen.type('/service bus', 'Enter', 'l');
  await screen.until(/journal of bus on local +● follows[^]*bus is up/);
  // Lines of that very unit, by a process that lives on while the journal looks whose they are: clear the screen, another title, a colour, a bell, and the way back to the first screen.
  const hostile = '\\033[2J\\033]0;owned\\007\\033[31mred \\033[?1049l end';
  await robots.here.robot.shell(
    `cg=$(systemctl show --value -p ControlGroup rovi-bus.service)
sh -c 'echo $$ > /sys/fs/cgroup'"$cg"'/cgroup.procs; for i in 1 2 3 4 5; do printf "${hostile}\\n"; sleep 1; done | systemd-cat -t hostile' >/dev/null 2>&1 &`,
  );
  const shown = await screen.until(/hostile: .*red .*end/);
  expect(shown).toContain('bus is up');
  expect(await screen.modes()).toEqual({ other: true, cursor: false });
  await screen.type('', 'q');
  await screen.until(row('bus', 'RUNNING'));
  await screen.type('', 'Escape');
});

test('what somebody wrote as a reason is shown, and not obeyed', async () => {
  await robots.here.api.beginMaintenance('mapping', { reason: 'lens \u001b[2J\u001b[?1049l\u0007 off' });
  await screen.type('/mapping', 'Enter', 'd');
  await screen.until(/mapping on local/);
  await screen.type('', 'q', 'Escape');
  await screen.until(row('mapping', '⚒ MAINTENANCE'));
  expect(await screen.modes()).toEqual({ other: true, cursor: false });
  await robots.here.api.endMaintenance('mapping');
  await screen.until(row('mapping', '○ STOPPED'));
});

test('a gateway that dies leaves nothing that looks current; it comes back by itself', async () => {
  await robots.here.api.start('nav');
  await screen.until(row('nav', '● RUNNING'));
  await robots.here.systemctl(['kill', '--signal=KILL', '--kill-whom=main', 'rovi-gateway']);
  // Drawn from the top: the last row shows that the others are those of now.
  const lost = await screen.until(/✗ local +link lost, last seen \d+ s ago[^]*^. web .*\? UNKNOWN/m);
  expect(lost).toMatch(row('web', '\\? UNKNOWN .*last seen \\d+ s ago, then RUNNING'));
  expect(lost).not.toMatch(/●|◐/);
  // Grey, and no other colour, in every row.
  const rows = (await screen.styled())
    .split('\n')
    .filter((line) => line.includes('last seen') && !line.includes('local'));
  expect(rows.length).toBeGreaterThan(6);
  // eslint-disable-next-line no-control-regex
  for (const line of rows) expect(line).not.toMatch(/\u001b\[[0-9;]*\b3[1-6]\b/);
  await screen.type('', 'Home', 'Down', 's');
  await screen.until(/local is not reached now: nothing was sent/);
  await screen.type('', 'Escape');
  await screen.type('/stack nav', 'Enter', 'x');
  await screen.until(/it is stopped past the gateway, with systemctl[^]*stop nav on local\? \[y\/N\]/);
  await screen.type('y');
  await screen.until(/✓ stop nav on local: nav stopped with systemctl, past the gateway/);
  expect(await robots.here.property('rovi-nav.service', 'ActiveState')).toBe('inactive');
  await screen.type('', 'Escape');
  // A start while systemd has not yet seen the death does nothing.
  await robots.here.waitForUnit('rovi-gateway.service', 'failed');
  await robots.here.systemctl(['start', 'rovi-gateway']);
  await screen.until(row('web', '● RUNNING'));
  await screen.until(/● local .*link alive/);
});

test('in 60 columns what matters stays', async () => {
  await screen.resize(60, 16);
  // What was drawn for 140 columns may still stand there, cut off.
  const shown = await screen.until(/NAME +STATE +NOTE[^]*q quit/);
  expect(shown.split('\n').every((line) => line.length <= 60)).toBe(true);
  await screen.type('', 'End');
  await screen.until(/^▸ web +● RUNNING/m);
  await screen.resize(140, 30);
  await screen.until(/NAME +KIND +STATE +HEALTH +UPTIME +CPU % +MEMORY +RESTARTS +NOTE/);
});

test('Ctrl-Z gives the terminal back, and fg takes it again', async () => {
  await screen.type('', 'C-z');
  await screen.until(/Stopped +rovictl top/);
  expect(await screen.modes()).toEqual({ other: false, cursor: true });
  await screen.type('fg', 'Enter');
  await screen.until(row('web', '● RUNNING'));
});

test.each([
  ['q', () => screen.type('q')],
  ['Ctrl-C', () => screen.type('', 'C-c')],
  ['SIGTERM', () => screen.signal('TERM')],
  ['SIGHUP', () => screen.signal('HUP')],
])('%s: the terminal is as it was', async (_name, end) => {
  await screen.type('', 'q');
  await screen.until(/ready>\s*$/);
  const before = await settings();
  await screen.type('clear; rovictl top', 'Enter');
  await screen.until(row('web', '● RUNNING'));
  expect(await screen.modes()).toEqual({ other: true, cursor: false });
  await end();
  await screen.until(/ready>\s*$/);
  expect(await screen.modes()).toEqual({ other: false, cursor: true });
  expect(await settings()).toBe(before);
  await screen.type('clear; rovictl top', 'Enter');
  await screen.until(row('web', '● RUNNING'));
});

test('a defect ends the program, and leaves the terminal as it was', async () => {
  await screen.type('', 'q');
  await screen.until(/ready>\s*$/);
  const before = await settings();
  const boom = '/tmp/boom.cjs';
  const now = '/tmp/boom.now';
  await robots.here.robot.writeFile(
    boom,
    `setInterval(() => { if (require('node:fs').existsSync('${now}')) throw new Error('a defect'); }, 50);`,
  );
  await screen.type(`clear; NODE_OPTIONS=--require=${boom} rovictl top`, 'Enter');
  await screen.until(row('web', '● RUNNING'));
  await robots.here.robot.writeFile(now, '');
  await screen.until(/Error: a defect[^]*ready>\s*$/);
  expect(await screen.modes()).toEqual({ other: false, cursor: true });
  expect(await settings()).toBe(before);
  await screen.type('clear; rovictl top', 'Enter');
  await screen.until(row('web', '● RUNNING'));
});

test('two robots in one table; a command goes to the one of its row alone', async () => {
  await screen.type('', 'q');
  await screen.until(/ready>\s*$/);
  await screen.type('clear; rovictl --host local,over-https top', 'Enter');
  // Either may be there first.
  await screen.until(/2 of 2 hosts reached/);
  await screen.until(/^. over-https +teleop .*STOPPED/m);
  await screen.until(/^. local +teleop .*STOPPED/m);
  await screen.type('/over-https teleop', 'Enter', 's');
  await screen.until(/✓ start teleop on over-https/);
  expect((await robots.there.api.stack('teleop')).stack.state).toBe('RUNNING');
  expect(await state('teleop')).toBe('STOPPED');
  await screen.type('x');
  await screen.until(/stop teleop on over-https\? \[y\/N\]/);
  await screen.type('n', 'Escape');
});

test('without the cable only the rows of that robot are grey', async () => {
  await robots.cable('down');
  const lost = await screen.until(/1 of 2 hosts reached[^]*^. over-https +teleop .*\? UNKNOWN/m);
  expect(lost).toMatch(/✗ over-https +link lost, last seen \d+ s ago/);
  expect(lost).toMatch(/^. over-https +teleop .*\? UNKNOWN .*last seen \d+ s ago, then RUNNING/m);
  expect(lost).toMatch(/^. local +web .*● RUNNING/m);
  // The other one goes on as if nothing were.
  await screen.type('/local camera', 'Enter', 's');
  await screen.until(/✓ start camera on local/);
  await screen.type('', 'Escape');
  await robots.cable('up');
  await screen.until(/2 of 2 hosts reached/);
  await screen.until(/^. over-https +teleop .*● RUNNING/m);
});

async function settings(): Promise<string> {
  await screen.type('clear; stty -a | md5sum', 'Enter');
  return /[0-9a-f]{32}/.exec(await screen.until(/[0-9a-f]{32} +-\n/))?.[0] ?? '';
}
