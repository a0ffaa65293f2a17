/** Commands on services, carried out by a conductor of the test's own on a robot's systemd. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InstalledRobot } from '../installed-robot.js';
import { conductorOn, refusalOf } from './conductor-on-robot.js';

/**
 * Runs until it is stopped, but ends at once with 3 where `/run/rovi/bad-<service>-<instance>` is there. It is not ready
 * while `/run/rovi/hold-<service>-<instance>` is there.
 */
const program = [
  '/bin/bash',
  '-c',
  'if test -e "/run/rovi/bad-$ROVI_SERVICE-$ROVI_INSTANCE"; then echo broken on purpose; exit 3; fi; while test -e "/run/rovi/hold-$ROVI_SERVICE-$ROVI_INSTANCE"; do sleep 0.05; done; if test -n "$NOTIFY_SOCKET"; then systemd-notify --ready; fi; exec sleep infinity',
];
const service = (more: object = {}) => ({
  description: 'Sleeps',
  command: program,
  restart: 'never',
  crash_loop: { starts: 100, window: 10 },
  timeouts: { start: 30, stop: 5 },
  ...more,
});
const NEVER_READY = [{ probe: { type: 'process', process: 'nowhere' }, role: 'readiness', interval: 0.2 }];
const catalog = {
  version: 1,
  workspace: '/home/rovi/ws',
  env_file: '/etc/rovi/.env.robot',
  ros: { face: false },
  stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
  services: {
    bus: service(),
    store: service({ requires: ['bus'], type: 'notify' }),
    camera: service({ requires: ['bus'], restart: 'unless-stopped' }),
    web: service({ requires: ['store'], wants: ['camera'] }),
    rival: service({ conflicts: ['bus'] }),
    blind: service({ timeouts: { start: 3, stop: 5 }, health: NEVER_READY }),
    patient: service({ health: NEVER_READY }),
    pool: service({ type: 'notify', instances: { min: 1, max: 4 } }),
  },
};
const unit = (name: string): string => `rovi-${name}.service`;

const installed = new InstalledRobot('service-commands', { catalog: stringify(catalog) });

describe('commands on services', () => {
  let hand: Awaited<ReturnType<typeof conductorOn>>;

  const active = async (): Promise<string[]> => {
    const { stdout } = await installed.systemctl([
      'list-units',
      '--plain',
      '--no-legend',
      '--state=active',
      'rovi-*.service',
    ]);
    return stdout
      .split('\n')
      .flatMap((line) => line.split(' ')[0] ?? [])
      .filter((name) => name !== '' && name !== 'rovi-gateway.service')
      .sort();
  };
  const bad = (name: string): Promise<void> => installed.robot.writeFile(`/run/rovi/bad-${name}`, '');
  /** When each unit came up, in microseconds since boot. */
  const upSince = async (name: string): Promise<number> =>
    Number(await installed.property(unit(name), 'ActiveEnterTimestampMonotonic'));

  beforeAll(async () => {
    hand = await conductorOn(installed.robot, catalog);
    await installed.robot.waitFor('the states of services', () =>
      hand.conductor.snapshot().services.every(({ state }) => state === 'STOPPED') ? true : null,
    );
  });
  afterEach(async () => {
    await installed.robot.shell(
      'rm -f /run/rovi/{bad,hold}-*; systemctl stop "rovi-*@*.service" rovi-bus.service rovi-blind.service rovi-patient.service',
    );
    await installed.robot.waitFor('all services to be at rest, and known so', () =>
      hand.conductor
        .snapshot()
        .services.every(({ state, instances }) =>
          [state, ...instances.map((one) => one.state)].every((each) => ['STOPPED', 'FAILED'].includes(each)),
        )
        ? true
        : null,
    );
  });
  afterAll(() => hand.stop());

  test('a start brings up what is needed in order, and a second one changes nothing', async () => {
    const operation = await hand.through({ kind: 'start', service: 'web' });
    expect(operation).toMatchObject({ outcome: 'succeeded', changed: true, warnings: [] });
    expect(await active()).toEqual(['bus', 'camera', 'store', 'web'].map(unit));
    expect(await upSince('bus')).toBeLessThan(await upSince('store'));
    expect(await upSince('store')).toBeLessThan(await upSince('web'));
    expect(await hand.through({ kind: 'start', service: 'web' })).toMatchObject({
      outcome: 'succeeded',
      changed: false,
    });
    expect(hand.conductor.operation(operation.id)).toEqual(operation);
  });

  test('a dependency that fails ends the start: named, with what it said', async () => {
    await bad('store-1');
    const { problem } = await hand.through({ kind: 'start', service: 'web' });
    expect(problem).toMatchObject({
      code: 'dependency-failed',
      context: {
        service: 'web',
        dependency: 'store',
        problem: { code: 'start-failed', context: { exit: { exit_status: 3 } } },
      },
    });
    expect(JSON.stringify(problem)).toContain('broken on purpose');
    expect(await active()).not.toContain(unit('web'));
  });

  test('one that ends after it came up ends the start too, with the reason', async () => {
    await bad('bus-1');
    // Or it may be ready, and the start over, before the bus has ended.
    await installed.robot.writeFile('/run/rovi/hold-store-1', '');
    const start = hand.through({ kind: 'start', service: 'store' });
    await installed.waitForUnit(unit('bus'), 'failed');
    await installed.robot.exec(['rm', '/run/rovi/hold-store-1']);
    const { problem } = await start;
    expect(problem).toMatchObject({
      code: 'dependency-failed',
      context: { service: 'store', dependency: 'bus', problem: { context: { exit: { exit_status: 3 } } } },
    });
  });

  test('one that is up but never ready is left running', async () => {
    const operation = await hand.through({ kind: 'start', service: 'blind' });
    expect(operation.problem?.code).toBe('not-ready');
    expect(await active()).toEqual([unit('blind')]);
  });

  test('what conflicts is refused, and nothing is stopped for it', async () => {
    await hand.through({ kind: 'start', service: 'bus' });
    expect(refusalOf(() => hand.command({ kind: 'start', service: 'rival' }))).toBe('service-conflict');
    expect(await active()).toEqual([unit('bus')]);
  });

  test('a stop of what others need is refused, confirmed, and refused again where a change came first', async () => {
    await hand.through({ kind: 'start', service: 'store' });
    expect(refusalOf(() => hand.command({ kind: 'stop', service: 'bus' }))).toBe('confirmation-required');
    const { token, affects } = hand.conductor.serviceImpact({ kind: 'stop', service: 'bus' });
    expect(affects.map(({ name }) => name)).toEqual(['store', 'bus']);
    await hand.through({ kind: 'start', service: 'camera' });
    expect(refusalOf(() => hand.command({ kind: 'stop', service: 'bus', confirm: token }))).toBe(
      'situation-changed',
    );
    expect(await active()).toEqual(['bus', 'camera', 'store'].map(unit));
    const stopped = await hand.confirmed({ kind: 'stop', service: 'bus' });
    expect(stopped).toMatchObject({ outcome: 'succeeded', warnings: [] });
    expect(await active()).toEqual([]);
  });

  test('a stop ends a start that is under way', async () => {
    const start = hand.command({ kind: 'start', service: 'patient' });
    await installed.waitForUnit(unit('patient'), 'active', 'activating');
    const stop = await hand.through({ kind: 'stop', service: 'patient' });
    expect(stop.outcome).toBe('succeeded');
    expect((await start.finished).problem?.code).toBe('operation-cancelled');
    expect(await active()).toEqual([]);
  });

  test('a stop of an `unless-stopped` service leaves the mark that systemd looks for, a start takes it away', async () => {
    expect((await hand.through({ kind: 'start', service: 'camera' })).outcome).toBe('succeeded');
    expect(await hand.through({ kind: 'stop', service: 'camera' })).toMatchObject({
      outcome: 'succeeded',
      warnings: [],
    });
    expect(await installed.exists('/var/lib/rovi/stopped/camera')).toBe(true);
    expect((await hand.through({ kind: 'start', service: 'camera' })).outcome).toBe('succeeded');
    expect(await installed.exists('/var/lib/rovi/stopped/camera')).toBe(false);
  });

  test('a restart with `cascade` brings back exactly what ran', async () => {
    await hand.through({ kind: 'start', service: 'store' });
    const before = await installed.run(unit('store'));
    const operation = await hand.confirmed({ kind: 'restart', service: 'bus', cascade: true });
    expect(operation).toMatchObject({ outcome: 'succeeded', message: 'bus restarted; store started again' });
    expect(await active()).toEqual(['bus', 'store'].map(unit));
    expect((await installed.run(unit('store')))['InvocationID']).not.toBe(before['InvocationID']);
  });

  test('scales 1 to 4 to 2, the oldest end first', async () => {
    await hand.through({ kind: 'start', service: 'pool' });
    expect(await hand.through({ kind: 'scale', service: 'pool', instances: 4 })).toMatchObject({
      outcome: 'succeeded',
    });
    expect(await active()).toEqual([1, 2, 3, 4].map((id) => unit(`pool@${id}`)));
    const ages = await Promise.all(
      [1, 2, 3, 4].map(async (id) => ({ id, since: await upSince(`pool@${id}`) })),
    );
    const youngest = ages
      .sort((a, b) => b.since - a.since)
      .slice(0, 2)
      .map(({ id }) => unit(`pool@${id}`));
    await hand.through({ kind: 'scale', service: 'pool', instances: 2 });
    expect(await active()).toEqual(youngest.sort());
    expect(refusalOf(() => hand.command({ kind: 'scale', service: 'pool', instances: 5 }))).toBe(
      'scale-refused',
    );
  });

  test('a rolling restart ends at the first bad instance, and does not touch those after it', async () => {
    await hand.through({ kind: 'scale', service: 'pool', instances: 3 });
    const before = await Promise.all([1, 2, 3].map((id) => installed.run(unit(`pool@${id}`))));
    await bad('pool-2');
    const { problem } = await hand.through({ kind: 'rolling-restart', service: 'pool' });
    expect(problem).toMatchObject({
      code: 'rolling-stopped',
      context: { done: [1], failed: 2, untouched: [3] },
    });
    const after = await Promise.all([1, 3].map((id) => installed.run(unit(`pool@${id}`))));
    expect(after[0]?.['InvocationID']).not.toBe(before[0]?.['InvocationID']);
    expect(after[1]).toEqual(before[2]);
  });
});
