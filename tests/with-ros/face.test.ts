import { snapshotSchema } from '@rovi/contract';
import { afterEach, describe, expect, test } from 'vitest';
import { shippedCatalog } from '../installed-robot.js';
import { hasRos, RosRobot } from './ros-robot.js';

describe.skipIf(!hasRos)('with a real ROS 2', () => {
  const installed = new RosRobot('with-ros', { catalog: shippedCatalog() });

  afterEach(async () => {
    // The last story stops the gateway, and the stacks with it.
    if ((await installed.property('rovi-gateway.service', 'ActiveState')) === 'active') {
      await installed.api.stopAll();
    }
  });

  test('the face is on, and says so', async () => {
    const { stdout } = await installed.rovictl(['status']);
    expect(stdout).toMatch(/ROS +● on since .* \/rovi\/conductor · domain 0 · rmw_cyclonedds_cpp/);
    const { face, topics, services } = await installed.api.ros();
    expect(face).toMatchObject({ state: 'on', detail: { interfaces: 'typed', distro: 'jazzy' } });
    const listed = (await installed.ros('ros2 topic list -t; ros2 service list -t')).stdout;
    for (const { name, type } of [...topics, ...services]) expect(listed).toContain(`${name} [${type}]`);
  });

  test('every topic has the QoS that is told', async () => {
    const { topics } = await installed.api.ros();
    for (const { name, qos } of topics.filter(({ name }) => !name.includes('/units/'))) {
      const { stdout } = await installed.ros(`ros2 topic info -v ${name}`);
      const publisher = stdout.slice(stdout.indexOf('Endpoint type: PUBLISHER'));
      expect(publisher, name).toContain(`Reliability: ${qos.reliability.toUpperCase()}`);
      expect(publisher, name).toContain(`Durability: ${qos.durability.toUpperCase()}`);
      expect(publisher, name).toContain(`KEEP_LAST (${qos.depth})`);
    }
  });

  test('services: the real outcome, and what a late joiner then has', async () => {
    expect(await installed.trigger('/rovi/stacks/nav/start')).toEqual({
      success: true,
      message: 'succeeded: nav running, 4 of 4 processes',
    });
    expect(await installed.latched('/rovi/units/nav/state')).toBe('active');
    expect(await installed.latched('/rovi/units/nav/processes/controller_server')).toBe('True');
    const snapshot = snapshotSchema.parse(JSON.parse(await installed.latched('/rovi/state')));
    const now = await installed.api.state();
    expect(snapshot).toMatchObject({ active: 'nav', known: true, boot_id: now.boot_id, seq: now.seq });

    const refused = await installed.trigger('/rovi/stacks/teleop/start');
    expect(refused.success).toBe(false);
    expect(refused.message).toMatch(/^stack-busy: nav holds the robot/);

    expect(await installed.trigger('/rovi/stacks/teleop/switch')).toMatchObject({ success: true });
    expect(await installed.latched('/rovi/units/nav/state')).toBe('inactive');
    expect(await installed.latched('/rovi/units/teleop/state')).toBe('active');
    const { success, message } = await installed.trigger('/rovi/get_state');
    expect(success).toBe(true);
    expect(snapshotSchema.parse(JSON.parse(message)).active).toBe('teleop');
    expect(await installed.trigger('/rovi/stop_all')).toEqual({
      success: true,
      message: 'succeeded: teleop stopped',
    });
  });

  test('typed: the same with rovi_interfaces', async () => {
    const call = (service: string, type: string, request: string) =>
      installed.ros(`timeout 60 ros2 service call ${service} rovi_interfaces/srv/${type} "${request}"`);
    const started = await call('/rovi/start_stack', 'StartStack', "{stack: nav, reason: 'a test'}");
    expect(started.stdout).toMatch(
      /success=True, changed=True, code='', message='nav running.*operation_id='op-/s,
    );
    expect((await installed.api.operations())[0]).toMatchObject({ reason: 'a test', actor: { face: 'ros' } });
    const unknown = await call('/rovi/start_stack', 'StartStack', '{stack: nix}');
    expect(unknown.stdout).toMatch(/success=False, changed=False, code='stack-unknown'/);
    const echo = await installed.ros('timeout 30 ros2 topic echo --once --full-length /rovi/stack_states');
    expect(echo.stdout).toMatch(/known: true\nactive: nav\n/);
    expect(echo.stdout).toMatch(/- name: controller_server\n +presence: 2\n/);
    const state = await call('/rovi/get_stack_states', 'GetState', '{}');
    expect(state.stdout).toContain("unit='rovi-gateway.service'");
    expect((await call('/rovi/stop_all_stacks', 'StopAll', '{}')).stdout).toContain('success=True');
  });

  test('diagnostics as rqt reads them: all units in one array, once a second', async () => {
    const { stdout } = await installed.ros('timeout 30 ros2 topic echo --once --full-length /diagnostics');
    const names = [...stdout.matchAll(/^ {2}name: '(rovi: \w+)'$/gm)].map(([, name]) => name);
    expect(names).toEqual(
      ['gateway', 'teleop', 'mapping', 'localization', 'nav', 'camera'].map((name) => `rovi: ${name}`),
    );
    const probe = await installed.api.rosProbe({
      kind: 'topic',
      name: '/diagnostics',
      window_ms: 5000,
      min_rate: 0.5,
    });
    expect(probe).toMatchObject({ ok: true, publishers: 1, type: 'diagnostic_msgs/msg/DiagnosticArray' });
    expect(probe.rate).toBeLessThan(3);
  });

  test('two stacks raced from ROS and the command line: one runs, the other is refused', async () => {
    const [byRos, byCli] = await Promise.all([
      installed.trigger('/rovi/stacks/mapping/start'),
      // ros2 itself needs a second to begin.
      installed.robot.shell('sleep 1.1; rovictl stack start localization', { check: false }),
    ]);
    const snapshot = await installed.api.state();
    expect([byRos.success, byCli.code === 0].filter(Boolean)).toHaveLength(1);
    expect(snapshot.active).toBe(byRos.success ? 'mapping' : 'localization');
    expect(snapshot.stacks.filter(({ state }) => state === 'RUNNING')).toHaveLength(1);
  });

  test('probes: a node, a topic at its rate, and what is not there', async () => {
    const publisher = installed.robot.spawn([
      'bash',
      '-c',
      `source /opt/rovi-src/test-output/ros/ws/install/setup.bash
       export RMW_IMPLEMENTATION=rmw_cyclonedds_cpp ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST HOME=/tmp/ros-home
       exec ros2 topic pub --rate 20 /scan std_msgs/msg/String "{data: x}"`,
    ]);
    try {
      const alive = ['ros', 'probe', 'topic', '/scan', '--window', '2', '--min-rate', '5'];
      await installed.robot.waitFor(
        '/scan alive',
        async () => (await installed.rovictl(alive)).code === 0,
        30_000,
      );
      const { code, stdout } = await installed.rovictl([...alive.slice(0, -1), '1000']);
      expect([code, stdout]).toEqual([1, expect.stringMatching(/^✗ \/scan: .* expected 1000 Hz/)]);
    } finally {
      publisher.kill('SIGINT');
    }
    expect((await installed.rovictl(['ros', 'probe', 'node', '/rovi/conductor'])).code).toBe(0);
    expect((await installed.rovictl(['ros', 'probe', 'node', '/nobody'])).code).toBe(1);
    expect((await installed.rovictl(['ros', 'probe', 'topic', '/nothing'])).stdout).toContain(
      'nobody publishes',
    );
  });

  test('the native process killed: the stack lives on, and ROS is served again', async () => {
    await installed.api.start('nav');
    const before = await installed.run('rovi-nav.service');
    const { pid } = (await installed.api.ros()).face;
    await installed.robot.exec(['kill', '-9', String(pid)]);
    await installed.robot.waitFor(
      'the face on again',
      async () => {
        const { face } = await installed.api.ros();
        return face.state === 'on' && face.pid !== pid;
      },
      30_000,
    );
    expect(await installed.run('rovi-nav.service')).toEqual(before);
    expect(await installed.latched('/rovi/units/nav/state')).toBe('active');
    expect(await installed.trigger('/rovi/stacks/nav/stop')).toMatchObject({ success: true });
  });

  test('another domain: after a restart of the face it is there, and no longer here', async () => {
    await installed.robot.shell("sed -i 's/^ROS_DOMAIN_ID=.*/ROS_DOMAIN_ID=7/' /etc/rovi/.env.robot");
    const { stdout } = await installed.rovictl(['ros', 'restart'], { timeoutMs: 90_000 });
    expect(stdout).toContain('domain 7');
    expect(await installed.latched('/rovi/units/nav/state', { domain: 7 })).toBe('inactive');
    const here = await installed.ros('ros2 topic list --no-daemon --spin-time 3');
    expect(here.stdout).not.toContain('/rovi/state');
  });

  test('a middleware that is not installed: off or failing with the reason, and mended without the gateway', async () => {
    const gateway = await installed.run('rovi-gateway.service');
    const setRmw = (name: string) =>
      installed.robot.shell(
        `sed -i 's/^RMW_IMPLEMENTATION=.*/RMW_IMPLEMENTATION=${name}/' /etc/rovi/.env.robot`,
      );
    await setRmw('rmw_nonsense_cpp');
    const broken = await installed.rovictl(['ros', 'restart'], { timeoutMs: 90_000 });
    expect([broken.code, broken.stdout]).toEqual([1, expect.stringMatching(/^ROS . (off|failing).*rmw/i)]);
    expect((await installed.api.health()).bus.connected).toBe(true);
    await setRmw('rmw_cyclonedds_cpp');
    expect((await installed.rovictl(['ros', 'restart'], { timeoutMs: 90_000 })).code).toBe(0);
    expect(await installed.run('rovi-gateway.service')).toEqual(gateway);
  });

  test('a gateway that stops says that nothing is known any more', async () => {
    const listener = installed.ros(
      'timeout 40 ros2 topic echo --full-length --field data /rovi/units/nav/state & ' +
        'timeout 40 ros2 topic echo --full-length --field data /rovi/units/gateway/state & wait',
      { domain: 7, check: false, timeoutMs: 60_000 },
    );
    await installed.robot.waitFor(
      'listeners',
      async () => {
        const { stdout } = await installed.ros(
          'ros2 topic info --no-daemon --spin-time 1 /rovi/units/nav/state',
          {
            domain: 7,
          },
        );
        return stdout.includes('Subscription count: 1');
      },
      30_000,
    );
    await installed.systemctl(['stop', 'rovi-gateway.service']);
    await installed.robot.shell("pkill -INT -f 'ros2 topic ech[o]'", { check: false });
    expect((await listener).stdout).toContain('unknown');
  });
});
