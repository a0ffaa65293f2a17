import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rig, type Rig } from '../api/rig.js';
import { rovictl, startOnTerminal } from './rovictl.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(() => robot[Symbol.asyncDispose]());

const run = (...args: string[]) => rovictl(args, { socket: robot.socketPath });

describe('rovictl plan', () => {
  it('shows what a switch would stop and start, and does nothing', async () => {
    await run('stack', 'start', 'teleop');
    const { code, stdout } = await run('plan', 'switch', 'nav');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^switch nav: stops teleop \(running, 1 of 1 processes\), then starts nav\n/);
    expect(stdout).toMatch(/● {2}stops +teleop +RUNNING .* 2 +[0-9a-f]{32}\n○ {2}starts +nav +STOPPED/);
    expect(robot.conductor.snapshot().active).toBe('teleop');
  });

  it('says why a start would be refused', async () => {
    await run('stack', 'start', 'teleop');
    expect((await run('plan', 'start', 'nav')).stdout).toMatch(
      /^start nav: nothing: refused while teleop .* holds the robot; a switch would replace it\n$/,
    );
    const { stdout } = await run('plan', 'stop-all', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ command: 'stop-all', affects: [{ name: 'teleop' }] });
  });

  it.each([
    [['plan', 'fly', 'nav'], 2, 'fly'],
    [['plan', 'start'], 2, 'start of which stack'],
    [['plan', 'stop-all', 'nav'], 2, 'stop-all takes no stack'],
    [['plan', 'start', 'nowhere'], 2, '[stack-unknown]'],
  ])('%j exits with %i', async (words, expected, text) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(expected);
    expect(stderr).toContain(text);
  });
});

describe('rovictl stack switch --ask', () => {
  const onTerminal = () =>
    startOnTerminal(['stack', 'switch', 'nav', '--ask'], { socket: robot.socketPath, columns: 160 });

  it('switches after a yes', async () => {
    await run('stack', 'start', 'teleop');
    const asking = onTerminal();
    await asking.until(/stops teleop .*switch to nav\? \[y\/N\] /s);
    asking.child.stdin?.write('y\n');
    expect((await asking.ended).code).toBe(0);
    expect(robot.conductor.snapshot().active).toBe('nav');
  });

  it('does nothing after anything else', async () => {
    await run('stack', 'start', 'teleop');
    const asking = onTerminal();
    await asking.until(/\[y\/N\] /);
    asking.child.stdin?.write('\n');
    const { code, stdout } = await asking.ended;
    expect(code).toBe(3);
    expect(stdout).toContain('nothing was done');
    expect(robot.conductor.snapshot().active).toBe('teleop');
  });

  it('does nothing where the robot is in another situation by the time of the yes', async () => {
    await run('stack', 'start', 'teleop');
    const asking = onTerminal();
    await asking.until(/\[y\/N\] /);
    await robot.client.switchTo('mapping');
    asking.child.stdin?.write('yes\n');
    const { code, stdout } = await asking.ended;
    expect(code).toBe(3);
    expect(stdout).toMatch(/nothing was done\. Now: stops mapping .*\[situation-changed\]/);
    expect(robot.conductor.snapshot().active).toBe('mapping');
  });

  it('is for people: without a terminal it is a usage error', async () => {
    await run('stack', 'start', 'teleop');
    expect(await run('stack', 'switch', 'nav', '--ask')).toMatchObject({ code: 2 });
    expect(robot.conductor.snapshot().active).toBe('teleop');
  });
});
