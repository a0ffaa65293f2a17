/** What a robot says in ROS: topics with their QoS, and what is on them while stacks start, crash and stop. */
import { eventSchema, snapshotSchema, statusFieldsSchema } from '@rovi/contract';
import type { RoviEvent, Snapshot } from '@rovi/contract';
import type { Diagnostics } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { shippedCatalog } from '../installed-robot.js';
import { GATEWAY, NODE, RobotInRos } from './robot-in-ros.js';
import { readStatusFields } from './status-fields-wire.js';

const PROCESSES = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'];
const installed = new RobotInRos('ros-topics', {
  catalog: shippedCatalog((catalog) => {
    const nav = { provider: 'system', type: 'service', service: 'rovi-nav' };
    const controller = {
      provider: 'system',
      type: 'process',
      process: 'controller_server',
      service: 'rovi-nav',
    };
    if (catalog.stacks['nav'] !== undefined) catalog.stacks['nav'].processes = PROCESSES;
    Object.assign(catalog, {
      streams: {
        status: {
          fields: [
            { id: 'svc_nav', type: 'text', source: nav },
            { id: 'nav_up', unit: '', min: 0, max: 1, target: 1, source: nav },
            { id: 'controller', type: 'text', source: controller },
          ],
        },
      },
    });
  }),
});

const NAV = '/rovi/units/nav';
const text = (message: Readonly<Record<string, unknown>> | undefined): string => String(message?.['data']);

/** The words of a topic from one message on, in order. */
const wordsSince = (topic: string, since: number): string =>
  installed.graph
    .published(topic)
    .slice(since)
    .map(({ message }) => String(message['data']))
    .join(' ');

/** The diagnostics that say this of nav, from one message on. */
const diagnosedSince = (since: number, message: RegExp) =>
  installed.graph
    .published('/diagnostics')
    .slice(since)
    .find(({ message: array }) =>
      (array as unknown as Diagnostics).status.some(
        (status) => status.name === 'rovi: nav' && message.test(status.message),
      ),
    );

test('the node is there with every topic and service, each as its readers need it', async () => {
  await installed.on();
  const [node] = installed.graph.nodes;
  expect(node?.name).toBe(NODE);
  const told = await installed.api.ros();
  const offered = told.topics.filter(({ type }) => !type.startsWith('rovi_interfaces/'));
  expect(told.topics.length - offered.length).toBe(1);
  expect(Object.fromEntries(node?.topics ?? [])).toEqual(
    Object.fromEntries(offered.map(({ name, type, qos }) => [name, { type, qos }])),
  );
  const latched = { reliability: 'reliable', durability: 'transient_local', depth: 1 };
  expect(Object.fromEntries(node?.topics ?? [])).toMatchObject({
    '/diagnostics': {
      type: 'diagnostic_msgs/msg/DiagnosticArray',
      qos: { reliability: 'reliable', durability: 'volatile' },
    },
    '/rovi/state': { type: 'std_msgs/msg/String', qos: latched },
    '/rovi/events': {
      type: 'std_msgs/msg/String',
      qos: { reliability: 'reliable', durability: 'volatile', depth: 100 },
    },
    [`${NAV}/state`]: { type: 'std_msgs/msg/String', qos: latched },
    [`${NAV}/processes/controller_server`]: { type: 'std_msgs/msg/Bool', qos: latched },
  });
  expect([...(node?.services.keys() ?? [])].filter((name) => name.startsWith('/rovi/stacks/nav/'))).toEqual([
    '/rovi/stacks/nav/start',
    '/rovi/stacks/nav/stop',
    '/rovi/stacks/nav/switch',
  ]);
  expect(node?.services.get('/rovi/stop_all')).toBe('std_srvs/srv/Trigger');
});

test('who comes late has the whole truth: every latched topic says something', async () => {
  const [node] = installed.graph.nodes;
  for (const [topic, { qos }] of node?.topics ?? []) {
    if (qos.durability !== 'transient_local') continue;
    await installed.graph.waitFor(`${topic} to say something`, () => installed.graph.latched(topic));
  }
  await installed.latched('/rovi/units/gateway/state', 'active');
  for (const stack of ['teleop', 'mapping', 'localization', 'nav', 'camera']) {
    await installed.latched(`/rovi/units/${stack}/state`, 'inactive');
  }
  for (const name of PROCESSES) await installed.latched(`${NAV}/processes/${name}`, false);
});

/** The state topic once it has caught up with the API, and the API's own. */
async function bothStates() {
  return installed.robot.waitFor('the state topic to be as new as the API', async () => {
    const api = await installed.api.state();
    const topic = snapshotSchema.parse(JSON.parse(text(installed.graph.latched('/rovi/state'))));
    return topic.seq === api.seq ? { api, topic } : null;
  });
}

/** All but the moments at which it was looked at. */
const timeless = ({ stacks, ...rest }: Snapshot): object => ({
  ...rest,
  at: null,
  stacks: stacks.map((stack) => ({ ...stack, as_of: null })),
});

test('/rovi/state is the snapshot of the API', async () => {
  const { api, topic } = await bothStates();
  expect(timeless(topic)).toEqual(timeless(api));
  expect(topic.boot_id).toMatch(/./);
});

test('a start is seen on every topic, in order', async () => {
  const { graph } = installed;
  const before = graph.published().length;
  const words = graph.published(`${NAV}/state`).length;
  const diagnostics = graph.published('/diagnostics').length;
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  await installed.latched(`${NAV}/state`, 'active');
  for (const name of PROCESSES) await installed.latched(`${NAV}/processes/${name}`, true);
  expect(wordsSince(`${NAV}/state`, words)).toMatch(/^(activating )?active$/);
  const since = graph.published().slice(before);
  for (const name of PROCESSES) {
    const seen = since.filter(({ topic }) => topic === `${NAV}/processes/${name}`);
    expect(seen.map(({ message }) => message['data'])).toEqual([true]);
  }
  await graph.waitFor('diagnostics of the whole stack', () =>
    diagnosedSince(diagnostics, /^RUNNING: running, 4 of 4 processes$/),
  );
  const array = graph.published('/diagnostics').at(-1)?.message as unknown as Diagnostics;
  expect(array.status.map(({ name, hardware_id }) => [name, hardware_id])).toEqual(
    ['gateway', 'teleop', 'mapping', 'localization', 'nav', 'camera'].map((name) => [
      `rovi: ${name}`,
      'rovi',
    ]),
  );
  expect(array.status.map(({ level }) => level)).toEqual([0, 0, 0, 0, 0, 0]);
  const values = Object.fromEntries(array.status[4]?.values.map(({ key, value }) => [key, value]) ?? []);
  expect(values).toMatchObject({
    ActiveState: 'active',
    SubState: 'running',
    Result: 'success',
    InvocationID: await installed.property('rovi-nav', 'InvocationID'),
    MainPID: await installed.property('rovi-nav', 'MainPID'),
    Restarts: '0',
    'Process controller_server': expect.stringMatching(/^running \(PID \d+\)$/) as string,
  });
  expect(values['Since']).toMatch(/^\d{4}-.*Z$/);
  await graph.waitFor('figures of CPU and memory', () => {
    const { status } = graph.published('/diagnostics').at(-1)?.message as unknown as Diagnostics;
    const nav = new Map(status[4]?.values.map(({ key, value }) => [key, value]));
    return Number(nav.get('Memory bytes')) > 0 && /^\d+\.\d$/.test(nav.get('CPU %') ?? '');
  });
  const { api, topic } = await bothStates();
  expect(timeless(topic)).toEqual(timeless(api));
  expect(topic).toMatchObject({ active: 'nav', known: true });
});

test('diagnostics come once a second while nothing happens', async () => {
  const { graph } = installed;
  const begin = graph.published('/diagnostics').length;
  await graph.waitFor('five more', () => graph.published('/diagnostics').length >= begin + 5, 60_000);
  const [first, ...rest] = graph.published('/diagnostics').slice(begin, begin + 5);
  const last = rest.at(-1);
  const stamp = (one: typeof first): number => {
    const { header } = one?.message as unknown as Diagnostics;
    return header.stamp.sec + header.stamp.nanosec / 1e9;
  };
  expect((stamp(last) - stamp(first)) / 4).toBeGreaterThan(0.9);
  // A machine under load may be late; it must not be half as slow.
  expect((stamp(last) - stamp(first)) / 4).toBeLessThan(2);
  expect(
    graph
      .published('/diagnostics')
      .slice(begin, begin + 5)
      .map(({ message }) => message['header']),
  ).toEqual(Array.from({ length: 5 }, () => expect.objectContaining({ frame_id: '' }) as unknown));
});

test('the loss of one process is seen at once', async () => {
  const { api, graph } = installed;
  // Not by the next period: with the change itself. The best of three, for a machine that is shared.
  let soonest = Infinity;
  for (let round = 0; round < 3 && soonest >= 500; round += 1) {
    // By systemd: a restart of ours would be an event.
    if (round > 0) await installed.systemctl(['restart', 'rovi-nav']);
    await installed.latched(`${NAV}/processes/planner_server`, true);
    await installed.latched(`${NAV}/state`, 'active');
    const { stack } = await api.stack('nav');
    const planner = stack.expected.find(({ name }) => name === 'planner_server');
    const diagnostics = graph.published('/diagnostics').length;
    await installed.signal(planner?.pid ?? 0, 'KILL');
    await installed.latched(`${NAV}/processes/planner_server`, false);
    await installed.latched(`${NAV}/processes/controller_server`, true);
    await installed.latched(`${NAV}/state`, 'active');
    const seen = graph.published(`${NAV}/processes/planner_server`).at(-1)?.at ?? 0;
    const warned = await graph.waitFor('a warning in diagnostics', () =>
      diagnosedSince(diagnostics, /planner_server missing/),
    );
    expect((warned.message as unknown as Diagnostics).status[4]?.level).toBe(1);
    soonest = Math.min(soonest, warned.at - seen);
  }
  expect(soonest).toBeLessThan(500);
});

test('a crash and a stop are seen, in order', async () => {
  const { graph } = installed;
  let words = graph.published(`${NAV}/state`).length;
  const diagnostics = graph.published('/diagnostics').length;
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-nav']);
  await installed.latched(`${NAV}/state`, 'failed');
  expect(wordsSince(`${NAV}/state`, words)).toMatch(/^(deactivating )?failed$/);
  for (const name of PROCESSES) await installed.latched(`${NAV}/processes/${name}`, false);
  const failed = await graph.waitFor('an error in diagnostics', () =>
    diagnosedSince(diagnostics, /^FAILED: /),
  );
  expect((failed.message as unknown as Diagnostics).status[4]?.level).toBe(2);
  words = graph.published(`${NAV}/state`).length;
  await installed.api.start('nav');
  await installed.latched(`${NAV}/state`, 'active');
  await installed.api.stop('nav');
  await installed.latched(`${NAV}/state`, 'inactive');
  expect(wordsSince(`${NAV}/state`, words)).toMatch(/^(activating )?active (deactivating )?inactive$/);
  for (const name of PROCESSES) await installed.latched(`${NAV}/processes/${name}`, false);
});

test('events are on their topic, each once and in sequence', async () => {
  await bothStates();
  const events = installed.graph
    .published('/rovi/events')
    .map(({ message }): RoviEvent => eventSchema.parse(JSON.parse(text(message))));
  const first = events[0]?.seq ?? 0;
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => first + index));
  const kinds = new Set(events.map(({ type }) => type));
  expect([...kinds]).toEqual(expect.arrayContaining(['stack', 'operation']));
  const operations = events.flatMap((event) => (event.type === 'operation' ? [event.operation] : []));
  expect(
    operations
      .filter(({ outcome }) => outcome !== 'running')
      .map(({ kind, outcome }) => `${kind} ${outcome}`),
  ).toEqual(['start succeeded', 'start succeeded', 'stop succeeded']);
});

test('the status stream has the fields of the catalog, as JSON and as protobuf', async () => {
  const json = () =>
    statusFieldsSchema.parse(JSON.parse(text(installed.graph.latched('/rovi/status_fields'))));
  const protobuf = () =>
    readStatusFields(installed.graph.latched('/rovi/status_fields/protobuf')?.['data'] as Buffer);
  const both = (svc_nav: string, nav_up: number, controller: string) =>
    installed.graph.waitFor(`the fields to say ${svc_nav}`, () =>
      [json(), protobuf()].every(
        ({ values }) =>
          values[0]?.text === svc_nav && values[1]?.value === nav_up && values[2]?.text === controller,
      ),
    );
  await both('inactive', 0, 'missing');
  await installed.api.start('nav');
  await both('active', 1, 'running');
  expect(protobuf()).toEqual(json());
  expect(json().meta).toEqual([
    { id: 'svc_nav', type: 'text' },
    { id: 'nav_up', type: 'float', unit: '', min: 0, max: 1, target: 1 },
    { id: 'controller', type: 'text' },
  ]);
  await installed.api.stop('nav');
  await both('inactive', 0, 'missing');
});

test('the graph can be asked about: nodes, and topics alive at a rate', async () => {
  installed.graph.pretend({
    nodes: ['/amcl'],
    topics: [{ name: '/scan', type: 'sensor_msgs/msg/LaserScan', hertz: 40 }],
  });
  const probe = (...words: string[]) => installed.rovictl(['ros', 'probe', ...words]);
  await installed.robot.waitFor('/amcl', async () => (await probe('node', '/amcl')).code === 0);
  expect(await probe('node', '/nowhere')).toMatchObject({
    code: 1,
    stdout: '✗ node /nowhere is not there\n',
  });
  expect((await probe('topic', '/scan', '--window', '2')).stdout).toMatch(/^✓ \/scan: \d+ messages in /);
  expect((await probe('topic', '/scan', '--window', '0.5', '--min-rate', '900')).code).toBe(1);
  expect((await probe('topic', '/odom')).stdout).toBe('✗ nobody publishes /odom\n');
});

test('the gateway goes: its last words are that nothing is known', async () => {
  await installed.api.start('nav');
  await installed.latched(`${NAV}/state`, 'active');
  const { graph } = installed;
  expect((await installed.systemctl(['stop', GATEWAY])).code).toBe(0);
  await graph.waitFor('the node to leave', () => graph.nodes.length === 0);
  for (const unit of ['gateway', 'nav', 'teleop']) {
    expect(text(graph.published(`/rovi/units/${unit}/state`).at(-1)?.message)).toBe('unknown');
  }
  for (const name of PROCESSES) {
    expect(graph.published(`${NAV}/processes/${name}`).at(-1)?.message['data']).toBe(false);
  }
  const last = snapshotSchema.parse(JSON.parse(text(graph.published('/rovi/state').at(-1)?.message)));
  expect(last).toMatchObject({ active: null, known: false, bus: { connected: false } });
  expect(new Set(last.stacks.map(({ state }) => state))).toEqual(new Set(['UNKNOWN']));
  const { status } = graph.published('/diagnostics').at(-1)?.message as unknown as Diagnostics;
  expect(status.map(({ level }) => level)).toEqual([3, 3, 3, 3, 3, 3]);
  expect(text(graph.published('/rovi/status_fields').at(-1)?.message)).toContain('"unknown"');
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  await installed.on();
  await installed.latched(`${NAV}/state`, 'inactive');
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Failed with result 'signal'\.$/,
);
