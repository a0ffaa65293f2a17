import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rig, until, type Rig } from '../api/rig.js';
import { rovictl, start, startOnTerminal } from './rovictl.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(() => robot[Symbol.asyncDispose]());

const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });

describe('rovictl stack', () => {
  it('starts a stack: the result on stdout, each step on stderr', async () => {
    const { code, stdout, stderr } = await run('stack', 'start', 'nav', '--reason', 'a test');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^✓ nav running, 1 of 1 processes \([\d.]+ m?s\)\n$/) as string,
    });
    expect(stderr).toMatch(/^· start rovi-nav\.service [\d.]+ m?s\n· wait for nav_node [\d.]+ m?s\n$/);
    expect(robot.conductor.operations()[0]).toMatchObject({ reason: 'a test', actor: { face: 'cli' } });
  });

  it('refuses a second stack with exit code 3 and names the holder', async () => {
    await run('stack', 'start', 'nav');
    const { code, stdout, stderr } = await run('stack', 'start', 'teleop');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      // The model's units do not say since when.
      /^rovictl: nav holds the robot \(running, 1 of 1 processes, PID \d+\) \[stack-busy\]\n {2}mend: /,
    );
  });

  it('switches, restarts, stops, and says so', async () => {
    await run('stack', 'start', 'nav');
    expect(await run('stack', 'switch', 'teleop')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('switched from nav to teleop') as string,
    });
    expect(await run('stack', 'restart', 'teleop')).toMatchObject({ code: 0 });
    expect(await run('active')).toMatchObject({ code: 0, stdout: 'teleop\n' });
    expect(await run('stack', 'stop', 'teleop')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('teleop stopped') as string,
    });
    expect(await run('active')).toMatchObject({ code: 0, stdout: 'none\n' });
    expect(await run('stop-all')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no stack was running') as string,
    });
  });

  it('fails with exit code 1, the facts and the mend', async () => {
    robot.model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 1 });
    const { code, stderr } = await run('stack', 'start', 'nav');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /rovictl: nav did not start: .*\[start-failed\]\n {2}cause: .*\n {2}mend: Read the log/s,
    );
    expect(stderr).not.toMatch(/ at .*\.(?:js|mjs):\d/);
  });

  it('prints the record with --json, of a failure too', async () => {
    robot.hangs('nav');
    const { code, stdout } = await run('stack', 'start', 'nav', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', problem: { code: 'processes-missing' } });
  });

  it('does not know a stack that the catalog has not: exit code 2', async () => {
    expect(await run('stack', 'start', 'nvv')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[stack-unknown]') as string,
    });
  });

  it('on Ctrl-C says that the operation goes on and how to stop it', async () => {
    // Longer than a busy machine takes to bring the signal.
    await using slow = await rig({}, { startSeconds: 10 });
    slow.hangs('nav');
    const starting = start(['stack', 'start', 'nav'], { socket: slow.socketPath });
    await starting.until(/start rovi-nav.service/, 'stderr');
    starting.child.kill('SIGINT');
    const { code, stderr } = await starting.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/the start of nav goes on.*\n {2}mend: stop it with `rovictl stack stop nav`/);
    // It comes to its own end, when the time to start in is over.
    await until('its end', () => slow.conductor.operations()[0]?.outcome !== 'running');
    expect(slow.conductor.operations()[0]).toMatchObject({
      kind: 'start',
      stack: 'nav',
      outcome: 'failed',
      problem: { code: 'processes-missing' },
    });
  });

  it('redraws the running step on a terminal', async () => {
    // Longer than a busy machine takes to draw.
    await using slow = await rig({}, { startSeconds: 10 });
    slow.hangs('nav');
    const starting = startOnTerminal(['stack', 'start', 'nav'], { socket: slow.socketPath, columns: 60 });
    // eslint-disable-next-line no-control-regex
    await starting.until(/\r\u001b\[K.*◐.* wait for nav_node .*\d\.\d s/);
    expect((await starting.ended).code).toBe(1);
  });
});

describe('rovictl status', () => {
  it('shows gateway, active stack, all stacks and the last operation', async () => {
    await run('stack', 'start', 'nav');
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toContain('version 1.2.3');
    expect(stdout).toMatch(/┃ ● NAV {2}RUNNING {2}The nav stack/);
    expect(stdout).toMatch(/┃ ✓ nav_node \d+/);
    expect(stdout).toMatch(/invocation [0-9a-f]{32}/);
    expect(stdout).toMatch(/○ {2}teleop {3}STOPPED/);
    expect(stdout).toMatch(/last operation ✓ start nav by \S+ .*: nav running/);
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the snapshot of the API with --json', async () => {
    const { stdout } = await run('status', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      robot: 'testbed',
      boot_id: robot.conductor.snapshot().boot_id,
      active: null,
      known: true,
    });
  });

  it.each([40, 60, 80, 120])('fits %i columns', async (columns) => {
    await run('stack', 'start', 'nav');
    const { stdout } = await startOnTerminal(['stack', 'list'], { socket: robot.socketPath, columns }).ended;
    // eslint-disable-next-line no-control-regex
    const lines = stdout.replace(/\u001b\[[0-9;]*m/g, '').split(/\r?\n/);
    expect(lines.some((line) => line.includes('mapping'))).toBe(true);
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
  });

  it('obeys NO_COLOR on a terminal', async () => {
    const { stdout } = await startOnTerminal(['stack', 'list'], {
      socket: robot.socketPath,
      env: { NO_COLOR: '1' },
    }).ended;
    expect(stdout).not.toContain('\u001b[3');
  });

  it('watches: one line an event, and the loss and return of the gateway', async () => {
    const watching = start(['status', '--watch'], { socket: robot.socketPath });
    await watching.until(/connected to the gateway: active stack none/);
    await robot.client.start('nav');
    await watching.until(/● nav RUNNING: running, 1 of 1 processes/);
    await robot.face.stop();
    await watching.until(/link lost: .*; waiting for the gateway/, 'stderr');
    const again = robot.makeFace();
    await again.start();
    try {
      await watching.until(/link restored/, 'stderr');
      await robot.client.stop('nav');
      await watching.until(/○ nav STOPPED/);
    } finally {
      watching.child.kill('SIGINT');
      expect((await watching.ended).code).toBe(0);
      await again.stop();
    }
  });

  it('watches: no line says again what the line before it said', async () => {
    const watching = start(['status', '--watch'], { socket: robot.socketPath });
    await watching.until(/connected to the gateway/);
    for (let round = 0; round < 2; round += 1) {
      await robot.client.start('nav');
      await robot.client.stop('nav');
    }
    await watching.until(/(stop nav by .*: succeeded[\s\S]*){2}/);
    watching.child.kill('SIGINT');
    const lines = (await watching.ended).stdout.split('\n').map((line) => line.slice('hh:mm:ss '.length));
    const ofNav = lines.filter((line) => / nav [A-Z]+: /.test(line));
    expect(ofNav.filter((line, index) => line === ofNav[index - 1])).toEqual([]);
    expect(ofNav.filter((line) => line.includes('RUNNING: running, 1 of 1 processes'))).toHaveLength(2);
    const ofStarts = lines.filter((line) => line.startsWith('start nav by '));
    expect(ofStarts.filter((line, index) => line === ofStarts[index - 1])).toEqual([]);
  });

  it('watches with --json: one event a line', async () => {
    const watching = start(['status', '--watch', '--json'], { socket: robot.socketPath });
    await watching.until(/\n/);
    await robot.client.start('nav');
    await watching.until(/"state":"RUNNING"/);
    watching.child.kill('SIGTERM');
    const events = (await watching.ended).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; seq: number });
    expect(events[0]?.type).toBe('snapshot');
    const numbers = events.map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });

  it('on a terminal keeps the last state, with its age, when the gateway is gone', async () => {
    await robot.client.start('nav');
    const watching = startOnTerminal(['status', '--watch'], { socket: robot.socketPath });
    await watching.until(/NAV/);
    await robot.face.stop();
    await watching.until(/link lost, \d+ s old/);
    watching.child.stdin?.write('\u0003');
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    expect(stdout.endsWith('\u001b[?1049l')).toBe(true);
  });
});

describe('rovictl logs and operations', () => {
  it('prints the journal of the active stack, without control codes of others', async () => {
    await robot.client.start('nav');
    robot.journal.append('rovi-nav.service', 'hello \u001b[31mred\u001b[0m \u0007');
    const { code, stdout } = await run('logs');
    expect(code).toBe(0);
    expect(stdout).toMatch(/ros2\[1\]: hello red \u{FFFD}\n/u);
    expect(stdout).not.toContain('\u001b');
  });

  it('follows', async () => {
    const following = start(['logs', 'nav', '-f', '-n', '0', '--json'], { socket: robot.socketPath });
    await expect.poll(() => robot.journal.followers).toBe(1);
    robot.journal.append('rovi-nav.service', 'first');
    await following.until(/"message":"first"/);
    following.child.kill('SIGINT');
    expect((await following.ended).code).toBe(0);
  });

  it('lists operations and shows one', async () => {
    await run('stack', 'start', 'nav');
    expect((await run('operations')).stdout).toMatch(/✓ {2}op-\S+ .* start nav .* nav running/);
    const id = robot.conductor.operations()[0]?.id ?? '';
    expect((await run('operations', id)).stdout).toMatch(/start nav – succeeded.*· start rovi-nav.service/s);
    expect(await run('operations', 'op-none')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[not-found]') as string,
    });
  });
});

describe('the command line', () => {
  it.each([
    [['stack', 'start'], 'missing required argument'],
    [['nonsense'], 'unknown command'],
    [['logs', 'nav', '-n', 'many'], 'expected a whole number'],
    [['status', '--nonsense'], 'unknown option'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['logs'], 'no stack is active'],
    [['generate', '--user', 'x'], '--user needs --out'],
  ])('%j is a wrong one: exit code 2', async (args, text) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  it('completes verbs, stack names from the gateway, and from the catalog without it', async () => {
    expect((await run('__complete', '--', 'st')).stdout).toMatch(/^status\t.*\nstack\t.*\nstop-all\t.*\n$/);
    // It waits for a second at most: nobody at a shell would wait for longer. A busy machine may take that.
    await expect
      .poll(async () => (await run('__complete', '--', 'stack', 'start', '')).stdout)
      .toBe('teleop\t\nmapping\t\nnav\t\n');
    expect((await run('__complete', '--', 'logs', '--priority', 'e')).stdout).toBe('emerg\t\nerr\t\n');
    expect((await run('__complete', '--', 'generate', '--catalog', '')).stdout).toBe(':file\n');
    const catalog = join(robot.folder, 'rovi.yaml');
    await writeFile(
      catalog,
      'version: 1\nworkspace: /w\nenv_file: /e\nstacks:\n  dock:\n    description: Dock\n    launch: { package: aa, file: a.py }\n',
    );
    const offline = await rovictl(['--catalog', catalog, '__complete', '--', 'stack', 'stop', ''], {
      socket: '/nonexistent',
    });
    expect(offline.stdout).toBe('dock\t\n');
  });
});
