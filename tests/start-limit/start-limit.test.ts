import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, SESSION, shippedCatalog } from '../installed-robot.js';

const BURST = 3;
const installed = new InstalledRobot('start-limit', {
  catalog: shippedCatalog((catalog) => {
    for (const stack of Object.values(catalog.stacks)) stack.start_limit = { interval: 3600, burst: BURST };
  }),
});
const NAV = 'rovi-nav.service';
const nodes = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'].map((name) => ({ name }));

test('a stack that keeps failing is started as often as the catalog allows, then systemd refuses', async () => {
  await setStack(installed.robot, 'nav', { nodes: [], launchExit: { afterMs: 0, code: 3 } });
  for (let attempt = 1; attempt <= BURST; attempt += 1) {
    expect(await failureOf(installed.api.start('nav')), String(attempt)).toMatchObject({
      code: 'start-failed',
      context: { exit: { exit_status: 3, text: 'exit code 3' } },
    });
  }
  const run = await installed.run(NAV);
  const refused = await failureOf(installed.api.start('nav'));
  expect(refused).toMatchObject({
    code: 'start-limit',
    message: 'nav was started too often in a short time: systemd refuses',
    context: { stack: 'nav', unit: NAV },
  });
  expect(refused.mend).toContain(`systemctl reset-failed ${NAV}`);
  // Refused before anything was run.
  expect(await installed.run(NAV)).toEqual(run);
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.lockIsFree()).toBe(true);
  const { stack } = await installed.api.stack('nav');
  expect(stack).toMatchObject({ state: 'FAILED', verdict: { level: 'error' } });
  expect(await installed.api.state()).toMatchObject({ active: null, known: true });
});

test('rovictl says the same, with the mend', async () => {
  const { code, stderr } = await installed.rovictl(['stack', 'start', 'nav'], { user: OPERATOR });
  expect(code).toBe(1);
  expect(stderr).toContain('[start-limit]');
  expect(stderr).toContain(`systemctl reset-failed ${NAV}`);
});

test('nothing Rovi does lifts the limit: not a healed stack, not a stop, not a restarted gateway', async () => {
  await setStack(installed.robot, 'nav', { nodes });
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'start-limit' });
  await installed.api.stop('nav');
  expect(await failureOf(installed.api.restart('nav'))).toMatchObject({ code: 'start-limit' });
  await installed.systemctl(['restart', 'rovi-gateway']);
  await installed.robot.waitFor('the state to be known', async () => (await installed.api.state()).known);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'start-limit' });
});

test('a switch to it goes back to the stack that ran before, and says why', async () => {
  await installed.api.start('camera');
  const failure = await failureOf(installed.api.switchTo('nav'));
  expect(failure).toMatchObject({
    code: 'switch-rolled-back',
    context: { from: 'camera', to: 'nav', cause: { code: 'start-limit' } },
  });
  expect(await installed.api.state()).toMatchObject({ active: 'camera' });
  await installed.api.stop('camera');
});

test('the limit is of one stack; others start', async () => {
  expect(await installed.api.start('teleop')).toMatchObject({ outcome: 'succeeded' });
  await installed.api.stop('teleop');
});

test('an operator may not clear it; an admin may, and then the stack starts', async () => {
  for (const user of [OPERATOR, 'rovi']) {
    const cleared = await installed.systemctl(['reset-failed', NAV], { user });
    expect(cleared.code, user).not.toBe(0);
    expect(cleared.stderr, user).toMatch(/authentication|access denied/i);
  }
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'start-limit' });
  expect(await installed.systemctl(['reset-failed', NAV])).toMatchObject({ code: 0 });
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
  expect((await installed.api.stack('nav')).stack).toMatchObject({
    state: 'RUNNING',
    verdict: { level: 'ok' },
    failure: null,
  });
  await installed.api.stop('nav');
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[3\] systemd: Failed to start rovi-nav\.service/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Failed with result '(exit-code|start-limit-hit)'\.$/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Start request repeated too quickly\.$/,
);
