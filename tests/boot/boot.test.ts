import { stackUnit } from '@rovi/contract';
import { expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, SESSION, STRANGER } from '../installed-robot.js';

const installed = new InstalledRobot('boot');
const stacks = ['teleop', 'mapping', 'localization', 'nav', 'camera'];

async function assertGatewayUpAndStacksDown(): Promise<void> {
  const { robot, api } = installed;
  expect((await installed.systemctl(['is-active', 'rovi-gateway'])).stdout.trim()).toBe('active');
  expect((await installed.systemctl(['is-enabled', 'rovi-gateway'])).stdout.trim()).toBe('enabled');
  const units = stacks.map(stackUnit);
  expect((await installed.systemctl(['is-active', ...units])).stdout.trim().split('\n')).toEqual(
    stacks.map(() => 'inactive'),
  );
  expect((await installed.systemctl(['is-enabled', ...units])).stdout.trim().split('\n')).toEqual(
    stacks.map(() => 'disabled'),
  );
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.lockIsFree()).toBe(true);
  const state = await robot.waitFor('the state to be known, and the gateway to be seen up', async () => {
    const snapshot = await api.state();
    return snapshot.known && snapshot.gateway?.sub_state === 'running' ? snapshot : null;
  });
  expect(state.active).toBeNull();
  expect(state.stacks.map(({ name, state: word }) => [name, word])).toEqual(
    stacks.map((name) => [name, 'STOPPED']),
  );
  expect(state.gateway).toMatchObject({ active_state: 'active', sub_state: 'running' });
}

test('after the installation and after a reboot: the gateway is up, no stack is', async () => {
  await assertGatewayUpAndStacksDown();
  await installed.api.start('nav');
  expect(await installed.exists(SESSION)).toBe(true);
  await installed.robot.reboot();
  await assertGatewayUpAndStacksDown();
});

test('after a power cut in the midst of a drive: the same, and the stale session is gone', async () => {
  await installed.api.start('nav');
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  await installed.robot.exec(['sync', SESSION]);
  await installed.robot.reboot({ cutPower: true });
  await assertGatewayUpAndStacksDown();
  await installed.api.start('nav');
  await installed.api.stop('nav');
});

test('the gateway runs as rovi, without any capability and without a way to new privileges', async () => {
  const pid = await installed.property('rovi-gateway', 'MainPID');
  const status = await installed.robot.readFile(`/proc/${pid}/status`);
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  const uid = (await installed.robot.exec(['id', '-u', 'rovi'])).stdout.trim();
  expect(uid).not.toBe('0');
  expect(field('Uid')?.split('\t')).toEqual([uid, uid, uid, uid]);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    expect(field(set), set).toMatch(/^0+$/);
  expect(field('NoNewPrivs')).toBe('1');
  expect((await installed.api.health()).pid).toBe(Number(pid));
  expect((await installed.robot.readFile(`/proc/${pid}/comm`)).trim()).toMatch(/^(node|rovi-gateway)$/);
});

test('a stack runs as rovi too', async () => {
  await installed.api.start('teleop');
  const { processes } = (await installed.api.stack('teleop')).stack;
  expect(processes.length).toBeGreaterThan(3);
  for (const { pid } of processes) {
    const status = await installed.robot.readFile(`/proc/${pid}/status`);
    const uid = (await installed.robot.exec(['id', '-u', 'rovi'])).stdout.trim();
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'));
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  }
  await installed.api.stop('teleop');
});

test('the socket is for the operators: a member reads the state, a stranger is turned away', async () => {
  const { robot } = installed;
  expect((await robot.exec(['stat', '-c', '%F %a %U:%G', '/run/rovi/conductor.sock'])).stdout.trim()).toBe(
    'socket 660 rovi:rovi-ops',
  );
  expect((await robot.exec(['stat', '-c', '%a %U:%G', '/run/rovi', '/run/rovi/stack.lock'])).stdout).toBe(
    '2750 rovi:rovi-ops\n600 rovi:rovi\n',
  );
  expect(await installed.rovictl(['active'], { user: OPERATOR })).toMatchObject({ code: 0 });
  const stranger = await installed.rovictl(['stack', 'start', 'nav'], { user: STRANGER });
  expect(stranger.stderr).toContain('[socket-denied]');
  expect(stranger.code).toBe(4);
  expect(await installed.property('rovi-nav', 'ActiveState')).toBe('inactive');
  for (const path of ['/run/rovi/stack.lock', '/run/rovi/conductor.sock']) {
    expect((await robot.exec(['rm', '-f', path], { user: OPERATOR, check: false })).code, path).not.toBe(0);
  }
});

installed.expectNoWarningsBut();
