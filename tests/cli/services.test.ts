import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERVICES } from '../api/sample-services.js';
import { rig, type Rig } from '../api/rig.js';
import { rovictl, startOnTerminal } from './rovictl.js';

/** What people type, and what is sent for it; what comes of it on a robot is in tests/services. */
let robot: Rig;
beforeEach(async () => {
  robot = await rig({}, { services: SERVICES });
});
afterEach(() => robot[Symbol.asyncDispose]());

const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });
const stateOf = (name: string): string =>
  robot.conductor.snapshot().services.find((service) => service.name === name)?.state ?? 'none';

describe('rovictl service', () => {
  it('starts, stops, scales and restarts', async () => {
    const started = await run('service', 'start', 'recorder');
    expect(started.code).toBe(0);
    const order = [...started.stderr.matchAll(/^· start rovi-(\w+)\.service/gm)].map(([, name]) => name);
    expect(order).toEqual(['bus', 'video', 'recorder']);
    expect(stateOf('bus')).toBe('RUNNING');
    expect((await run('service', 'stop', 'recorder')).code).toBe(0);
    expect(stateOf('recorder')).toBe('STOPPED');
    expect((await run('service', 'scale', 'camera', '3')).code).toBe(0);
    const rolling = await run('service', 'restart', 'camera', '--rolling', '--json');
    expect(JSON.parse(rolling.stdout)).toMatchObject({ kind: 'rolling-restart', service: 'camera' });
    const list = await run('service', 'list');
    expect(list.stdout).toMatch(/● +camera +RUNNING +\S+ +3\/3/);
  });

  it('refuses to stop what others need where nobody can be asked, and takes --yes', async () => {
    await run('service', 'start', 'recorder');
    const refused = await run('service', 'stop', 'bus');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /in this order:\n +1\. stops +recorder\n +2\. stops +video\n +3\. stops +bus\n/,
    );
    expect(refused.stderr).toContain('[confirmation-required]');
    expect(stateOf('bus')).toBe('RUNNING');
    expect((await run('service', 'stop', 'bus', '--yes')).code).toBe(0);
    expect(stateOf('recorder')).toBe('STOPPED');
  });

  it.each([
    ['y', 0, 'STOPPED'],
    ['n', 3, 'RUNNING'],
    ['', 3, 'RUNNING'],
  ])('asks on a terminal: after "%s" it exits with %i', async (answer, code, state) => {
    await run('service', 'start', 'video');
    const asking = startOnTerminal(['service', 'stop', 'bus'], { socket: robot.socketPath });
    await asking.until(/2\. stops +bus.*stop bus\? \[y\/N\] /s);
    asking.child.stdin?.write(`${answer}\n`);
    expect((await asking.ended).code).toBe(code);
    expect(stateOf('bus')).toBe(state);
  });

  it('does nothing where what would be hit has changed by the time of the yes', async () => {
    await run('service', 'start', 'recorder');
    const asking = startOnTerminal(['service', 'stop', 'bus'], { socket: robot.socketPath });
    await asking.until(/\[y\/N\] /);
    await run('service', 'stop', 'recorder');
    asking.child.stdin?.write('y\n');
    const { code, stdout } = await asking.ended;
    expect(code).toBe(3);
    expect(stdout).toContain('[situation-changed]');
    expect(stateOf('bus')).toBe('RUNNING');
  });

  it('shows one service, its checks and why it is so', async () => {
    await run('service', 'start', 'recorder');
    const { stdout } = await run('service', 'status', 'video');
    expect(stdout).toMatch(/port 8090/);
    expect(stdout).toMatch(/✓ liveness http {2}HTTP 200 /);
    expect(stdout).toMatch(/requires +● bus\n +required by +● recorder\n/);
    expect((await run('service', 'health', 'video')).stdout).toMatch(/\d+ looks?, median \d/);
    expect((await run('service', 'why', 'video')).stdout).toContain('nothing is wrong with it');
  });

  it('reads the journal of an instance and of an output', async () => {
    robot.journal.append('rovi-camera@2.service', 'fine', { stream: 'stdout', identifier: 'camera' });
    robot.journal.append('rovi-camera@2.service', 'oops', { stream: 'stderr', identifier: 'camera' });
    const { stdout } = await run('logs', 'camera', '--instance', '2', '--stderr');
    expect(stdout).toMatch(/camera\[1\] stderr: oops\n$/);
    expect(stdout).not.toContain('fine');
    expect((await run('service', 'logs', 'camera', '--instance', '2')).stdout).toContain('fine');
  });

  it.each([
    [['service', 'stop', 'nowhere'], 2, '[service-unknown]'],
    [['service', 'start', 'nowhere'], 2, '[service-unknown]'],
    [['service', 'start', 'nav'], 2, '[service-unknown]'],
    [['service', 'status', 'nav'], 2, '[service-unknown]'],
    [['service', 'scale', 'camera', '9'], 3, '[scale-refused]'],
    [['service', 'scale', 'camera', 'many'], 2, 'whole number'],
    [['service', 'restart', 'bus', '--cascade', '--rolling'], 2, 'not both'],
    [['logs', 'nav', '--stderr'], 2, '[bad-request]'],
    [['logs', '--stderr'], 2, 'name one'],
    [['logs', 'camera', '--stderr', '--stdout'], 2, 'cannot be used with'],
    [['plan', 'scale', 'camera'], 2, 'how many'],
    [['plan', 'start', 'camera', '2'], 2, 'nothing else does'],
    [['plan', 'scale', 'camera', '2', '--instances', '2'], 2, 'twice'],
    [['plan', 'switch', 'video'], 2, '[stack-unknown]'],
    [['maintenance', 'begin', 'video'], 2, '--reason'],
    [['maintenance', 'begin', 'nowhere', '--reason', 'x'], 2, '[not-found]'],
    [['maintenance', 'end', 'video'], 2, '[not-found]'],
  ])('%j exits with %i', async (words, expected, text) => {
    const { code, stderr } = await run(...words);
    expect(stderr).toContain(text);
    expect(code).toBe(expected);
  });
});

describe('rovictl plan of a service', () => {
  it('shows the order, and does nothing', async () => {
    const { code, stdout } = await run('plan', 'start', 'recorder');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /in this order:\n +1\. starts +bus\n +2\. starts +video\n +3\. starts +recorder\n$/,
    );
    expect(stateOf('bus')).toBe('STOPPED');
    for (const many of [['2'], ['--instances', '2']]) {
      const scale = await run('plan', 'scale', 'camera', ...many, '--json');
      expect(JSON.parse(scale.stdout)).toMatchObject({ command: 'scale', service: 'camera' });
    }
  });
});

describe('rovictl maintenance', () => {
  it('begins, is told by everything that shows state, and ends', async () => {
    const begun = await run('maintenance', 'begin', 'video', '--reason', 'a new lens', '--for', '2h');
    expect(begun.stdout).toMatch(/⚒ video in maintenance until .*: a new lens/);
    const refused = await run('service', 'start', 'video');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('a new lens') as string });
    expect((await run('status')).stdout).toContain('⚒ video in maintenance until');
    const { stdout: list } = await run('service', 'list');
    expect(list).toMatch(/⚒ +video +MAINTENANCE/);
    // Also of what runs on.
    expect(list).toMatch(/^⚒ video in maintenance until .*: a new lens/);
    expect((await run('maintenance', 'list')).stdout).toContain('a new lens');
    expect((await run('maintenance', 'end', 'video')).code).toBe(0);
    expect((await run('maintenance', 'list')).stdout).toBe('nothing is in maintenance\n');
    const whole = await run('maintenance', 'begin', '--reason', 'moving house');
    expect(whole.stdout).toContain('the whole robot in maintenance until somebody ends it');
  });
});

it('recovers and reloads', async () => {
  expect((await run('recover', '--reason', 'again')).stdout).toBe('✓ nothing was to be set right\n');
  expect((await run('reload')).stdout).toBe('✓ the catalog file says what is in force already\n');
});
