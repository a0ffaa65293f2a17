import { logEntrySchema } from '@rovi/contract';
import { installRovi, Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let robot: Robot;
beforeAll(async () => {
  robot = await Robot.boot({ name: 'no-gateway' });
  await installRovi(robot);
  await robot.exec(['useradd', '--groups', 'rovi-ops', 'olga']);
  await robot.exec(['useradd', '--groups', 'rovi-ops,systemd-journal', 'otto']);
  await robot.exec(['useradd', 'stan']);
});
afterAll(() => robot.shutdown());

const run = (user: string, ...args: string[]) => robot.exec(['rovictl', ...args], { user, check: false });
const gatewayPid = async () =>
  (
    await robot.exec(['systemctl', 'show', '--property=MainPID', '--value', 'rovi-gateway.service'])
  ).stdout.trim();
const state = async (unit: string) =>
  (await robot.exec(['systemctl', 'is-active', unit], { check: false })).stdout.trim();
const startGateway = () => robot.exec(['systemctl', 'start', 'rovi-gateway.service']);

/** What `logs --json` prints of the last start. */
const logEntries = async (name: string): Promise<unknown[]> => {
  const { stdout } = await robot.exec(['rovictl', 'logs', name, '--json', '--invocation', 'latest'], {
    check: false,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
};

/** The gateway dies; the stack lives on. */
async function withDeadGateway(): Promise<void> {
  await run('olga', 'stack', 'start', 'nav');
  await robot.exec(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'rovi-gateway.service']);
  await robot.waitFor('a failed gateway', async () => (await state('rovi-gateway.service')) === 'failed');
  expect(await state('rovi-nav.service')).toBe('active');
}

describe('rovictl without its gateway', () => {
  it('an operator starts a stack while it is there', async () => {
    const { code, stdout } = await run('olga', 'stack', 'start', 'nav', '--reason', 'test');
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/✓ nav running/) as string,
    });
    expect((await run('olga', 'status')).stdout).toMatch(/version .* user rovi/);
    expect((await run('olga', 'stack', 'stop', 'nav')).code).toBe(0);
  });

  it('status reads systemd, says so, and exits with 5', async () => {
    await withDeadGateway();
    const { code, stdout, stderr } = await run('olga', 'status');
    expect(code).toBe(5);
    expect(stderr).toMatch(/gateway not reachable: read from systemd directly/);
    expect(stdout).toMatch(/gateway.*✗ failed/);
    expect(stdout).toMatch(/NAV {2}RUNNING/);
    expect(stdout).toMatch(/\? controller_server/);
    const json = await run('olga', 'status', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ active: 'nav', bus: { connected: false } });
    expect(await run('olga', 'active')).toMatchObject({ code: 5, stdout: 'nav\n' });
  });

  it('logs come from journalctl, in the form the gateway gives them, and exit with 5', async () => {
    const { code, stdout, stderr } = await robot.exec(['rovictl', 'logs', 'nav'], { check: false });
    expect(code).toBe(5);
    expect(stderr).toContain('read with journalctl');
    expect(stdout).toContain('rovi-nav.service');
    const entries = await logEntries('nav');
    await startGateway();
    await robot.waitFor('the gateway', async () => (await run('olga', 'active')).code === 0);
    expect(await logEntries('nav')).toEqual(entries);
    expect(entries.length).toBeGreaterThan(2);
    for (const entry of await logEntries('gateway')) expect(logEntrySchema.parse(entry)).toEqual(entry);
    await withDeadGateway();
  });

  it('the gateway’s own journal is read by who may, as words and not as JSON', async () => {
    const { code, stdout, stderr } = await run('otto', 'logs', 'gateway');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d rovi-gateway\[\d+\]: info gateway ready bus=true$/m);
    expect(stdout).toMatch(/info operation begun op=op-\S+ kind=start stack=nav actor\.name=olga /);
    expect(stdout).toContain('systemd[1]: Started rovi-gateway.service');
    expect(stdout).not.toContain('{"level"');
    const json = await run('otto', 'logs', 'gateway', '--json');
    expect(json.stdout).toContain('\\"msg\\":\\"gateway ready\\"');
  });

  it.each([['gateway'], ['gateway', '--follow'], ['nav']])(
    'who may not read the journal is told so, and what to do: logs %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await run('olga', 'logs', ...args);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toMatch(
        /rovictl: you may not read the journal of rovi-\S+\.service \[journal-unavailable\]\n {2}mend: .*usermod -aG systemd-journal/,
      );
      expect(stderr).not.toMatch(/No journal files|Hint:/);
    },
  );

  it('start fails with exit code 5: exclusivity is the gateway’s', async () => {
    expect(await run('olga', 'stack', 'start', 'teleop')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[gateway-unreachable]') as string,
    });
  });

  it('a stop gets through for an operator', async () => {
    const { code, stdout, stderr } = await run('olga', 'stack', 'stop', 'nav');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '✓ nav stopped with systemctl, past the gateway\n' });
    expect(stderr).toContain('past the gateway');
    expect(await state('rovi-nav.service')).toBe('inactive');
  });

  it('stop never touches the gateway or what is no stack', async () => {
    await startGateway();
    const signal = (word: string) =>
      robot.exec(['systemctl', 'kill', '--kill-who=main', `--signal=${word}`, 'rovi-gateway.service']);
    for (const name of ['gateway', 'ssh', '../x']) {
      // Never for as long as its watchdog waits.
      await signal('STOP');
      expect((await robot.exec(['rovictl', 'stack', 'stop', name], { check: false })).code).toBe(2);
      await signal('CONT');
      expect(await state('rovi-gateway.service')).toBe('active');
      await robot.waitFor('the gateway', async () => (await run('olga', 'active')).code === 0);
    }
  });

  it('a stop gets through past a gateway that hangs', async () => {
    await robot.waitFor('the gateway', async () => (await run('olga', 'active')).code === 0);
    await run('olga', 'stack', 'start', 'nav');
    await robot.exec(['kill', '-STOP', await gatewayPid()]);
    try {
      const status = await run('olga', 'status');
      expect(status.code).toBe(5);
      expect(status.stdout).toMatch(/NAV {2}RUNNING/);
      // Both together may take as long as its watchdog waits.
      await robot.exec(['kill', '-CONT', await gatewayPid()]);
      await robot.waitFor('the gateway', async () => (await run('olga', 'active')).code === 0);
      await robot.exec(['kill', '-STOP', await gatewayPid()]);
      const { code, stdout, stderr } = await run('olga', 'stop-all');
      expect(code).toBe(0);
      expect(stderr).toContain('does not answer (waited 3 s)');
      expect(stdout).toContain('all 5 stacks stopped with systemctl');
      expect(await state('rovi-nav.service')).toBe('inactive');
    } finally {
      await robot.exec(['kill', '-CONT', await gatewayPid()]);
    }
  });

  it('a stranger is told what is missing, and may not stop past the gateway either', async () => {
    // The gateway that hung may have olga's stop-all still to do.
    await robot.waitFor('nav', async () => (await run('olga', 'stack', 'start', 'nav')).code === 0, 30_000);
    expect(await run('stan', 'stack', 'start', 'nav')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/cannot be told.*\[socket-denied\][\s\S]*usermod -aG rovi-ops/) as string,
    });
    expect(await run('stan', 'stack', 'stop', 'nav')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[not-authorized]') as string,
    });
    expect(await state('rovi-nav.service')).toBe('active');
    await run('olga', 'stop-all');
  });

  it('a stop gets through from a session that began before the membership', async () => {
    await run('olga', 'stack', 'start', 'nav');
    const asOld = ['setpriv', '--reuid=olga', '--regid=olga', '--clear-groups'];
    const stopped = await robot.exec([...asOld, 'rovictl', 'stack', 'stop', 'nav'], { check: false });
    expect(stopped).toMatchObject({ code: 0, stdout: '✓ nav stopped with systemctl, past the gateway\n' });
  });

  it('watch survives a restart of the gateway', async () => {
    const watching = robot.spawn(['rovictl', 'status', '--watch'], { user: 'olga' });
    let out = '';
    let err = '';
    watching.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    watching.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise((resolve) => watching.once('close', resolve));
    await robot.waitFor('the first snapshot', () => out.includes('connected to the gateway'));
    await robot.exec(['systemctl', 'restart', 'rovi-gateway.service']);
    await robot.waitFor('the loss', () => err.includes('link lost'));
    await robot.waitFor('the return', () => err.includes('link restored'));
    watching.kill('SIGINT');
    await ended;
  });
});
