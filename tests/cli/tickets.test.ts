import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TicketDetail } from '@rovi/contract';
import { rig, until, type Rig } from '../api/rig.js';
import { rovictl, start, startOnTerminal } from './rovictl.js';

/** What people type, and what becomes of it at the real desk; nothing moves: the rig's base is the simulator. */
let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(() => robot[Symbol.asyncDispose]());

const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });
const DRIVE = ['drive', '--param', 'speed=1', '--dry-run'];
const stored = (id: string) => robot.store.tickets.get(id);

async function created(seconds: number, ...more: string[]): Promise<string> {
  const { stdout } = await run(
    ...['ticket', 'create', ...DRIVE, '--param', `duration_seconds=${String(seconds)}`, '--json', ...more],
  );
  return (JSON.parse(stdout) as { id: string }).id;
}

describe('rovictl ticket', () => {
  it('creates, lists, shows and executes', async () => {
    const made = await run(
      // Long enough that each step is told before the next.
      ...['ticket', 'create', ...DRIVE, '--param', 'duration_seconds=0.8', '--priority', 'high'],
      ...['--timeout', '5', '--metadata', 'operator=user-001'],
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const [, id = ''] = /^○ (tick-\d{8}-[0-9a-f]{8}) pending: drive speed=1 /.exec(made.stdout) ?? [];
    expect(stored(id)).toMatchObject({
      priority: 'high',
      timeout_seconds: 5,
      metadata: { operator: 'user-001' },
      actor: { face: 'cli' },
    });
    const executed = await run('ticket', 'execute', id);
    expect(executed.code).toBe(0);
    expect(executed.stderr).toMatch(/^· queued: drive .*\n· executing: drive .*\n$/);
    expect(executed.stdout).toMatch(
      new RegExp(`^✓ ${id} completed \\([\\d.]+ m?s\\)\\n {2}.*distance_traveled=0\\.\\d+.*simulated`),
    );
    expect((await run('ticket', 'list')).stdout).toMatch(
      new RegExp(`✓ +${id} +completed +high +\\S+ +\\S+ +drive speed=1 .*\\(dry run\\)`),
    );
    expect((await run('ticket', 'list', '--status', 'failed')).stdout).toBe('there are no such tickets\n');
    const { stdout } = await run('ticket', 'show', id);
    for (const step of ['pending', 'pending → queued', 'queued → executing', 'executing → completed'])
      expect(stdout).toMatch(new RegExp(` \\d\\d:\\d\\d:\\d\\d +${step} `));
    expect(stdout).toMatch(/ATTEMPT .*\n +1 +\d\d:\d\d:\d\d +[\d.]+ m?s +✓ completed/);
    expect(stdout).not.toMatch(/T\d\d:\d\d:\d\d/);
  });

  it('creates and executes at once, as JSON too', async () => {
    const { code, stdout } = await run(
      ...['ticket', 'create', ...DRIVE, '--param', 'duration_seconds=0.05', '--execute', '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', result: { executed: true } });
  });

  it('exports all, oldest first, and exits with another code than 0 where that is cut off', async () => {
    const ids = [
      await created(0.1),
      await created(0.1, '--metadata', 'note=\u009b\u202e'),
      await created(0.1),
    ];
    await run('ticket', 'execute', ids[1] ?? '');
    const all = await run('ticket', 'export');
    expect(all).toMatchObject({ code: 0, stderr: '' });
    expect(all.stdout).toContain('\\u009b\\u202e');
    const tickets = all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TicketDetail);
    expect(tickets).toEqual(ids.map((id) => stored(id)));
    const some = await run('ticket', 'export', '--status', 'completed');
    expect(some.stdout.split('\n')).toEqual([all.stdout.split('\n')[1], '']);
    robot.store.exporting = 2;
    const cut = await run('ticket', 'export');
    expect(cut).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[tickets-unavailable]') as string,
    });
    expect(cut.stdout).toBe(all.stdout.split('\n').slice(0, 2).join('\n').concat('\n'));
    expect(await run('ticket', 'export', '--status', 'done')).toMatchObject({ code: 2 });
  });

  it('says of a scan and of a stack what a person reads', async () => {
    const scan = await run('ticket', 'create', 'scan', '--dry-run', '--execute');
    expect(scan.stdout).toMatch(
      /\n {2}360 rays · nearest 5 m at -?\d+° · simulated=true · frame_id=laser\n$/,
    );
    const words = ['ticket', 'create', 'stack.start', '--param', 'stack=nav', '--execute'];
    expect((await run(...words)).stdout).toMatch(/ completed .*\n {2}nav running, \d of \d processes\n$/);
  });

  it('says what there is to do', async () => {
    const { stdout } = await run('ticket', 'commands');
    // Within what the catalog allows, so that nobody has to learn it from a refusal.
    expect(stdout).toMatch(
      /^drive moves the robot\n.*\n {4}speed m\/s \[more than 0, at most 3\]\n {4}direction .*\[at least -360, at most 360\] \(default: 0\)\n {4}duration_seconds .*\[at least 0\.05, at most 60\]\n/m,
    );
    expect(stdout).toMatch(/^stack\.start\n.*\n {4}stack A stack of the catalog\. \[.*nav.*\]\n/m);
  });

  it.each([
    [['create', 'fly'], 2, '[ticket-invalid]'],
    [['create', 'drive', '--param', 'speed=9', '--param', 'duration_seconds=1'], 2, '[ticket-invalid]'],
    [['create', 'drive', '--param', 'speed=1e999', '--param', 'duration_seconds=1'], 2, 'number of m/s'],
    [['create', 'drive', '--param', 'speed'], 2, 'KEY=VALUE'],
    [['create', 'drive', '--param', 'duration=1'], 2, 'drive has no "duration"'],
    [['create', 'drive'], 2, '`rovictl ticket commands`'],
    [['create', 'drive', '--timeout', 'NaN'], 2, 'expected seconds'],
    [['create', 'drive', '--priority', 'urgent'], 2, 'critical'],
    [['list', '--status', 'done'], 2, 'completed'],
    [['show', 'tick-20251108-a3f7e9c0'], 2, '[ticket-unknown]'],
    [['watch', 'tick-20251108-a3f7e9c0'], 2, '[ticket-unknown]'],
    [['cancel', '../etc'], 2, '[bad-request]'],
  ])('%j exits with %i', async (words, expected, text) => {
    const { code, stderr } = await run('ticket', ...words);
    expect(stderr).toContain(text);
    expect(code).toBe(expected);
  });

  it('refuses what the robot may not do now with 3, and the ticket stays as it was', async () => {
    const { stdout } = await run(
      ...['ticket', 'create', 'drive', '--param', 'speed=1', '--param', 'duration_seconds=1', '--json'],
    );
    const { id } = JSON.parse(stdout) as { id: string };
    const { code, stderr } = await run('ticket', 'execute', id);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/\[motion-refused\]\n {2}mend: /) as string,
    });
    expect(stored(id)?.status).toBe('pending');
  });

  it('ends with 1 for a failed and for a cancelled one, and runs a failed one again by force', async () => {
    const id = await created(0.1);
    await run('ticket', 'execute', id);
    expect(await run('ticket', 'execute', id)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('[ticket-state]') as string,
    });
    const long = await created(30);
    const executing = start(['ticket', 'execute', long], { socket: robot.socketPath });
    await executing.until(/executing/, 'stderr');
    expect((await run('ticket', 'cancel', long, '--reason', 'a person in the way')).stdout).toBe(
      `– ${long} is cancelled\n`,
    );
    expect(await executing.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/– \S+ cancelled .*a person in the way.*\[ticket-cancelled\]/) as string,
    });
    expect((await run('ticket', 'cancel', id)).stdout).toBe(
      `✓ ${id} is completed: it had come to its end already\n`,
    );
  });

  it('on Ctrl-C says that it goes on, and how to end it', async () => {
    const id = await created(30);
    const executing = start(['ticket', 'execute', id], { socket: robot.socketPath });
    await executing.until(/executing/, 'stderr');
    executing.child.kill('SIGINT');
    const { code, stderr } = await executing.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`end it with \`rovictl ticket cancel ${id}\``);
    expect(stored(id)?.status).toBe('executing');
  });

  it('shows the time while it runs on a terminal', async () => {
    const id = await created(8);
    const executing = startOnTerminal(['ticket', 'execute', id], { socket: robot.socketPath });
    await executing.until(/executing: drive .*(?<!\d)[0-7]\.\d s/);
    expect((await executing.ended).code).toBe(0);
  });

  it('watches one until its end, and all until Ctrl-C', async () => {
    const id = await created(0.5);
    const all = start(['ticket', 'watch'], { socket: robot.socketPath });
    await all.until(/connected to the gateway/);
    const one = start(['ticket', 'watch', id], { socket: robot.socketPath });
    await one.until(/pending/);
    await run('ticket', 'execute', id);
    expect(await one.ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/pending\n.*queued\n.*executing\n.*completed\n$/) as string,
    });
    await all.until(new RegExp(`${id} drive completed`));
    all.child.kill('SIGINT');
    expect((await all.ended).code).toBe(0);
  });
});

describe('rovictl estop', () => {
  it('ends what executes, is shown loudly, and is lifted only by a yes', async () => {
    const id = await created(30);
    const executing = start(['ticket', 'execute', id], { socket: robot.socketPath });
    await executing.until(/executing/, 'stderr');
    const { code, stdout } = await run('estop', '--reason', 'a child on the field');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^■ E-STOP by /) as string });
    expect((await executing.ended).code).toBe(1);
    const status = await run('status');
    expect(status.stdout).toMatch(/^■ E-STOP by \S+ since .*: a child on the field\n/);
    expect(status.stdout).toMatch(/^tickets 1 cancelled$/m);
    const refused = await run('ticket', 'execute', await created(1));
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('[estop-active]') as string });
    expect(await run('estop', 'reset')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('[confirmation-required]') as string,
    });
    expect(robot.desk.status.estop.active).toBe(true);
    const reset = await run('estop', 'reset', '--yes', '--reason', 'the field is clear');
    expect(reset).toMatchObject({ code: 0, stdout: '✓ the e-stop is not active\n' });
    expect(reset.stderr).toContain('nothing is queued');
    expect(robot.desk.status.estop).toMatchObject({ active: false, reason: 'the field is clear' });
    expect(await run('estop', 'reset')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is said to whoever waits for a ticket that does not begin for it', async () => {
    // Executes for as long as five programs need that begin one after the other.
    const first = start(['ticket', 'execute', await created(60)], { socket: robot.socketPath });
    await first.until(/executing/, 'stderr');
    const words = ['ticket', 'execute', await created(0.8)];
    const piped = start(words, { socket: robot.socketPath });
    await piped.until(/queued/, 'stderr');
    const seen = startOnTerminal(['ticket', 'execute', await created(0.1)], { socket: robot.socketPath });
    await seen.until(/queued: drive/);
    await run('estop');
    await piped.until(/^· e-stopped until `rovictl estop reset`$/m, 'stderr');
    await seen.until(/queued, e-stopped until `rovictl estop reset`: drive/);
    await run('estop', 'reset', '--yes');
    expect((await piped.ended).stderr).toMatch(/the e-stop is reset\n· executing/);
    expect((await seen.ended).code).toBe(0);
  });

  it('says which stack it does not end, at once and for as long as that runs', async () => {
    await robot.client.start('nav');
    const runsOn = '  nav runs on: what it drives by itself ends with `rovictl stop-all`\n';
    const { stdout } = await run('estop');
    expect(stdout).toMatch(/^■ E-STOP by /);
    expect(stdout.endsWith(runsOn)).toBe(true);
    expect((await run('status')).stdout).toContain(runsOn);
    expect((await run('estop', 'reset', '--yes')).stderr).toContain(runsOn);
    await robot.client.stopAll();
    expect((await run('estop')).stdout).not.toContain('runs on');
  });

  it.each([
    ['y', 0, false],
    ['n', 3, true],
    ['', 3, true],
  ])('shows what is queued, and after "%s" exits with %i', async (answer, code, active) => {
    const { actor, origin } = {
      actor: { name: 'ann', face: 'cli', verified: false } as const,
      origin: ORIGIN,
    };
    const first = await created(30);
    const second = await created(0.1);
    await robot.client.tickets.execute(first, { async: true });
    await robot.client.tickets.execute(second, { async: true });
    await robot.desk.estop({ actor, origin, reason: '' });
    const asking = startOnTerminal(['estop', 'reset'], { socket: robot.socketPath });
    await asking.until(new RegExp(`1 queued, which begin by their turn:.*${second}.*\\[y/N\\] `, 's'));
    asking.child.stdin?.write(`${answer}\n`);
    expect((await asking.ended).code).toBe(code);
    expect(robot.desk.status.estop.active).toBe(active);
    if (!active) await until('the second to be done', () => stored(second)?.status === 'completed');
  });

  it('says what does stop the robot where the gateway is away', async () => {
    await robot.face.stop();
    for (const words of [['estop'], ['ticket', 'cancel', 'tick-20251108-a3f7e9c0']]) {
      const { code, stderr } = await run(...words);
      expect(code).toBe(5);
      expect(stderr).toMatch(/mend: Use the e-stop of the machine.*`rovictl stop-all`/);
    }
  });

  it('acts with a reason of any length', async () => {
    expect((await run('estop', '--reason', 'x'.repeat(5_000))).code).toBe(0);
    expect(robot.desk.status.estop.active).toBe(true);
  });

  it('does nothing for a word that it does not know', async () => {
    expect((await run('estop', 'resett')).code).toBe(2);
    expect(robot.desk.status.estop.active).toBe(false);
  });
});

const ORIGIN = { transport: 'unix', peer: null, via: 'socket', role: 'operator' } as const;
