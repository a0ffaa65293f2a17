import { isTargetOver } from '@rovi/contract';
import type { FleetCommand, FleetRun, FleetTarget } from '@rovi/contract';
import { expect, test, vi } from 'vitest';
import { FleetRobots, names } from './fleet-robots.js';
import type { Name } from './fleet-robots.js';

const fleet = new FleetRobots('fleet');
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });
const { office, robots } = fleet;

const START = { kind: 'start', stack: 'nav' } as const;

/** Sends a command and resolves when it has come to its end on every robot. */
async function command(
  command: FleetCommand,
  on: readonly Name[] = names,
  more: { readonly stop_at_failure?: boolean; readonly at_once?: number; readonly wait_s?: number } = {},
): Promise<Record<string, FleetTarget>> {
  return ended(await begin(command, on, more));
}

function begin(
  command: FleetCommand,
  on: readonly Name[] = names,
  more: { readonly stop_at_failure?: boolean; readonly at_once?: number; readonly wait_s?: number } = {},
): Promise<FleetRun> {
  const targets = on.map((robot) => ({ robot, confirm: null }));
  return office.api.fleet.run({ command, targets, reason: 'a story', ...more });
}

async function ended(run: FleetRun): Promise<Record<string, FleetTarget>> {
  const { targets } = await office.robot.waitFor(
    'the run to end',
    async () => {
      const now = await office.api.fleet.runOf(run.id);
      return now.targets.every(({ state }) => isTargetOver(state)) ? now : null;
    },
    90_000,
  );
  return Object.fromEntries(targets.map((target) => [target.robot, target]));
}

const states = (targets: Record<string, FleetTarget>): Record<string, string> =>
  Object.fromEntries(Object.entries(targets).map(([robot, { state }]) => [robot, state]));

const active = async (): Promise<Record<string, string | null>> =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await robots[name].api.state()).active] as const)),
  );

/** Operations that a robot has ever been given over the fleet. */
async function commanded(name: Name): Promise<string[]> {
  const operations = await robots[name].api.operations();
  return operations.filter(({ actor }) => actor.face === 'mqtt').map(({ kind }) => kind);
}

test('a command on three robots starts three stacks; each robot’s audit has who, by which key', async () => {
  const impacts = await office.api.fleet.ask(names, START);
  expect(impacts.map(({ robot, impact }) => [robot, impact?.text])).toEqual(
    names.map((name) => [name, expect.stringContaining('starts nav') as string]),
  );
  expect(await active()).toEqual({ alpha: null, bravo: null, carla: null });
  expect(states(await command(START))).toEqual({
    alpha: 'succeeded',
    bravo: 'succeeded',
    carla: 'succeeded',
  });
  expect(await active()).toEqual({ alpha: 'nav', bravo: 'nav', carla: 'nav' });
  // What the audit has is in the journal a moment later.
  for (const name of names) {
    const entry = await office.robot.waitFor(`the audit of ${name}`, async () =>
      (await robots[name].api.audit(10)).find(({ command: what }) => what === 'start'),
    );
    expect(entry).toMatchObject({
      decision: 'accepted',
      actor: { name: 'story', face: 'mqtt', verified: false },
      origin: { transport: 'mqtt', peer: 'office', via: 'signature', role: 'operator' },
      reason: 'a story',
    });
  }
  const here = await office.robot.waitFor('the audit of the office', async () =>
    (await office.api.audit(10)).find(({ command: what }) => what === 'fleet-start'),
  );
  expect(here).toMatchObject({ decision: 'accepted', message: 'start nav on 3 robots: alpha, bravo, carla' });
});

test('what the office shows follows what the robots do', async () => {
  await robots.bravo.systemctl(['kill', '--signal=KILL', 'rovi-nav.service']);
  await office.robot.waitFor('the failure', async () => {
    const shown = await fleet.shown('bravo');
    return shown?.report?.level === 'error' && shown.report.active === null;
  });
  // A report may be half a second behind what a robot's own gateway says.
  const alpha = await office.robot.waitFor('the start', async () => {
    const shown = await fleet.shown('alpha');
    return shown?.report?.level === 'ok' && shown.report.active === 'nav' ? shown : null;
  });
  expect(alpha).toMatchObject({ presence: 'online', report: { active: 'nav' } });
  expect((await office.api.fleet.look('bravo')).stacks.find(({ name }) => name === 'nav')?.state).toBe(
    'FAILED',
  );
});

test('what one robot refuses does not hold up the others', async () => {
  const targets = await command({ kind: 'start', stack: 'teleop' });
  expect(states(targets)).toEqual({ alpha: 'refused', bravo: 'succeeded', carla: 'refused' });
  expect(targets['alpha']?.problem).toMatchObject({ code: 'stack-busy' });
  expect(await active()).toEqual({ alpha: 'nav', bravo: 'teleop', carla: 'nav' });
});

test('what a robot would refuse is a no with its code before anything is sent', async () => {
  const switched = { kind: 'switch', stack: 'camera' } as const;
  const { stdout } = await robots.carla.rovictl(['maintenance', 'begin', 'camera', '--reason', 'new lens']);
  expect(stdout).toContain('camera');
  const asked = async (command: FleetCommand) =>
    (await office.api.fleet.ask(['bravo', 'carla'], command)).map(
      ({ impact, problem }) => problem?.code ?? impact?.affects.map(({ effect }) => effect),
    );
  expect(await asked(switched)).toEqual([['stops', 'starts'], 'in-maintenance']);
  expect(await asked({ kind: 'start', stack: 'mapping' })).toEqual(['stack-busy', 'stack-busy']);
  await robots.carla.rovictl(['maintenance', 'end', 'camera']);
  expect(await asked(switched)).toEqual([
    ['stops', 'starts'],
    ['stops', 'starts'],
  ]);
});

test('one after the other, and none after the first that fails', async () => {
  const targets = await command({ kind: 'start', stack: 'nav' }, names, {
    at_once: 1,
    stop_at_failure: true,
  });
  expect(states(targets)).toEqual({ alpha: 'succeeded', bravo: 'refused', carla: 'left-out' });
});

test('a robot whose cable is out is offline, is not sent anything, and never does it later', async () => {
  await fleet.cable('carla', 'down');
  await office.robot.waitFor(
    'its last will',
    async () => (await fleet.shown('carla'))?.presence === 'offline',
    60_000,
  );
  const shown = await fleet.shown('carla');
  // What it said last is still shown, with how long ago that was.
  expect(shown?.report).toMatchObject({ active: 'nav' });
  expect(shown?.seen_s).toBeGreaterThan(1);
  const before = await commanded('carla');
  const targets = await command({ kind: 'stop-all' });
  expect(states(targets)).toEqual({ alpha: 'succeeded', bravo: 'succeeded', carla: 'expired' });
  expect(targets['carla']?.problem).toMatchObject({ code: 'robot-offline' });
  expect(await active()).toEqual({ alpha: null, bravo: null, carla: 'nav' });
  await fleet.cable('carla', 'up');
  await fleet.settled();
  // It is heard again, and what was meant for it while it was away is not among what it does.
  expect(states(await command({ kind: 'restart', stack: 'nav' }, ['carla']))).toEqual({ carla: 'succeeded' });
  expect((await commanded('carla')).slice(0, -before.length)).toEqual(['restart']);
  expect((await active())['carla']).toBe('nav');
});

test('a robot that is waited for does it when it is back in time', async () => {
  await robots.carla.systemctl(['stop', 'rovi-gateway.service']);
  await office.robot.waitFor('its word', async () => (await fleet.shown('carla'))?.presence === 'offline');
  expect((await fleet.shown('carla'))?.reason).toContain('the gateway was stopped');
  const run = await begin({ kind: 'stop-all' }, ['carla'], { wait_s: 60 });
  await robots.carla.systemctl(['start', 'rovi-gateway.service']);
  expect(states(await ended(run))).toEqual({ carla: 'succeeded' });
  expect((await active())['carla']).toBeNull();
});

test('a gateway that hangs is not commanded, and does nothing when it goes on', async () => {
  const before = await commanded('bravo');
  await robots.bravo.systemctl(['kill', '--signal=STOP', '--kill-whom=main', 'rovi-gateway.service']);
  const targets = await command(START, ['bravo']);
  expect(states(targets)).toEqual({ bravo: 'expired' });
  expect(targets['bravo']?.problem?.code).toMatch(/^robot-(silent|offline)$/);
  await robots.bravo.systemctl(['kill', '--signal=CONT', '--kill-whom=main', 'rovi-gateway.service']);
  await robots.bravo.waitForUnit('rovi-gateway.service', 'active');
  await fleet.settled();
  // The broker may have given it up the moment it went on: then nobody hears a question until it is there again.
  await office.robot.waitFor('its own answer', () => office.api.fleet.look('bravo'), 60_000);
  expect(await commanded('bravo')).toEqual(before);
  expect((await active())['bravo']).toBeNull();
});

test('without the broker all is shown as it was, and nothing is sent; with it all is as before', async () => {
  await fleet.brokerKilled();
  await office.robot.waitFor('the office to notice', async () => {
    const { broker, robots: shown } = await office.api.fleet.status();
    return !broker.connected && shown.every(({ presence }) => presence === 'stale');
  });
  await expect(begin(START, ['alpha'])).rejects.toMatchObject({ code: 'fleet-broker-away' });
  await fleet.brokerUp();
  await fleet.settled();
  expect(states(await command(START, ['alpha']))).toEqual({ alpha: 'succeeded' });
});

test('the e-stop reaches every robot', async () => {
  expect(states(await command({ kind: 'estop' }))).toEqual({
    alpha: 'succeeded',
    bravo: 'succeeded',
    carla: 'succeeded',
  });
  for (const name of names) {
    const { tickets } = await robots[name].api.state();
    expect(tickets?.estop).toMatchObject({ active: true });
  }
  await office.robot.waitFor('the reports', async () => (await fleet.shown('carla'))?.report?.estop === true);
});

test('a stranger in the network, and a robot, command nobody', async () => {
  const send = (user: string, topic: string): Promise<{ code: number | null; stderr: string }> =>
    robots.alpha.robot.exec(
      ['mosquitto_pub', '-V', 'mqttv5', '-h', 'broker', '-q', '1', '-u', user, '-P', `${user}-secret`, '-t', topic, '-m', '{}'], // prettier-ignore
      { check: false },
    );
  const before = await Promise.all(names.map(commanded));
  for (const [user, topic] of [
    ['stranger', 'fleet/bravo/request'],
    ['alpha', 'fleet/bravo/request'],
    ['alpha', 'fleet/bravo/state'],
    ['alpha', 'fleet/bravo/link'],
  ] as const) {
    expect((await send(user, topic)).stderr).toMatch(/not authorized/i);
  }
  expect(await Promise.all(names.map(commanded))).toEqual(before);
  expect((await fleet.shown('bravo'))?.presence).toBe('online');
});

test('a key that is withdrawn is refused from the reload on, and what runs, runs on', async () => {
  const { robot } = robots.carla;
  const run = await robots.carla.run('rovi-gateway.service');
  await robot.exec(['sed', '-i', '/^ *operators:/,/^ *key: /d', '/etc/rovi/rovi.yaml']);
  const { code, stdout } = await robots.carla.rovictl(['reload']);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('operators of the fleet: nobody') as string,
  });
  const targets = await command({ kind: 'stop-all' }, ['carla']);
  expect(states(targets)).toEqual({ carla: 'refused' });
  expect(targets['carla']?.problem).toMatchObject({ code: 'signature-refused' });
  expect(await robots.carla.run('rovi-gateway.service')).toEqual(run);
  await office.robot.waitFor(
    'the report',
    async () => (await fleet.shown('carla'))?.report?.commands === false,
  );
});

test('the gateway of a robot is killed in the middle: what it did is not known, and said so', async () => {
  const { robot } = robots.alpha;
  // It is not over before the gateway is dead.
  await robot.writeFile(
    '/run/systemd/system/rovi-nav.service.d/held.conf',
    `[Service]\nExecStartPre=/bin/sh -c 'until [ -e /opt/go ]; do sleep 0.1; done'\n`,
  );
  await robots.alpha.systemctl(['daemon-reload']);
  const run = await begin({ kind: 'restart', stack: 'nav' }, ['alpha']);
  await office.robot.waitFor('it to run', async () => {
    const [target] = (await office.api.fleet.runOf(run.id)).targets;
    return target?.state === 'running';
  });
  await robots.alpha.systemctl(['kill', '--signal=KILL', '--kill-whom=main', 'rovi-gateway.service']);
  // A start while systemd has not yet seen the death does nothing.
  await robots.alpha.waitForUnit('rovi-gateway.service', 'failed');
  await robot.exec(['touch', '/opt/go']);
  await robots.alpha.systemctl(['reset-failed', 'rovi-gateway.service']);
  await robots.alpha.systemctl(['start', 'rovi-gateway.service']);
  const targets = await ended(run);
  expect(states(targets)).toEqual({ alpha: 'unknown' });
  expect(targets['alpha']?.problem).toMatchObject({ code: 'robot-silent' });
});
