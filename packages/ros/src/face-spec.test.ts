import type { Catalog } from '@rovi/contract';
import { catalogSchema, rosStatusSchema } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faceSpec, serviceActions, topicNames } from './face-spec.js';
import { unitValues } from './messages/unit-values.js';
import { sampleSnapshot, sampleStack } from './messages/sample-snapshot.fixture.js';

const base = { version: 1, workspace: '/home/rovi/ws', env_file: '/etc/rovi/.env.robot' };
const launch = { package: 'rovi_bringup', file: 'rovi.launch.py' };

function catalogOf(part: object): Catalog {
  return catalogSchema.parse({ ...base, ...part });
}

const plain = catalogOf({
  stacks: {
    nav: { description: 'Drive', launch, processes: ['controller_server', 'bt-navigator'] },
    'front-camera': { description: 'Watch', launch },
  },
});

/** Names as the catalog's grammar takes them, odd ones often. */
const stackName = fc.stringMatching(/^[a-z][a-z0-9]{0,3}(?:[_-][a-z0-9]{1,3}){0,3}$/);
const processName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,8}$/),
  fc.stringMatching(/^[a-b_][a-b_.-]{0,3}$/),
);
const namespace = fc.stringMatching(/^(?:\/[A-Za-z][A-Za-z0-9]{0,3}(?:_[A-Za-z0-9]{1,2}){0,2}){1,3}$/);

/** Catalogs that the schema takes; those whose names are one in ROS it has refused. */
const legalCatalog = fc
  .record({
    ros: fc.record({ namespace: fc.oneof(fc.constant('/rovi'), fc.constant('/diagnostics'), namespace) }),
    stacks: fc.dictionary(
      stackName,
      fc.record({
        description: fc.constant('x'),
        launch: fc.constant(launch),
        processes: fc.uniqueArray(processName, { maxLength: 5 }),
      }),
      { maxKeys: 5 },
    ),
    field: fc.boolean(),
  })
  .map(({ field, ...part }) => {
    const source = { provider: 'system', type: 'service', service: 'rovi-gateway' };
    const fields = field ? [{ id: 'gateway', type: 'text', source }] : [];
    return catalogSchema.safeParse({ ...base, ...part, streams: { status: { fields } } });
  })
  .filter((result) => result.success)
  .map((result) => result.data);

/** design.ros2.org, "Topic and Service name mapping"; RMW_TOPIC_MAX_NAME_LENGTH is 247. */
function expectLegal(name: string): void {
  expect(name).toMatch(/^(?:\/[A-Za-z][A-Za-z0-9_]*)+$/);
  expect(name).not.toContain('__');
  expect(name.length).toBeLessThanOrEqual(247);
}

describe('what the face offers', () => {
  it('has names that are legal in ROS and never two alike, for every catalog', () => {
    fc.assert(
      fc.property(legalCatalog, (catalog) => {
        const { topics, services } = faceSpec(catalog);
        for (const all of [topics, services]) {
          const names = all.map(({ name }) => name);
          names.forEach(expectLegal);
          expect(new Set(names).size).toBe(names.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('has names that middleware takes for the longest names of a catalog', () => {
    const long = `a${'b'.repeat(39)}`;
    const catalog = catalogOf({
      ros: { namespace: `/${'n'.repeat(59)}` },
      stacks: { [long]: { description: 'x', launch, processes: [`9${'p'.repeat(99)}`] } },
    });
    for (const { name } of [...faceSpec(catalog).topics, ...faceSpec(catalog).services]) expectLegal(name);
  });

  it('offers the topics of the issue, each with the QoS that its readers need', () => {
    const latched = { reliability: 'reliable', durability: 'transient_local', depth: 1 };
    expect(faceSpec(plain)).toMatchObject({ namespace: '/rovi', node: 'conductor' });
    expect(
      faceSpec(plain).topics.map(({ name, type, qos, optional }) => [name, type, qos, optional]),
    ).toEqual([
      [
        '/diagnostics',
        'diagnostic_msgs/msg/DiagnosticArray',
        { reliability: 'reliable', durability: 'volatile', depth: 10 },
        false,
      ],
      ['/rovi/state', 'std_msgs/msg/String', latched, false],
      [
        '/rovi/events',
        'std_msgs/msg/String',
        { reliability: 'reliable', durability: 'volatile', depth: 100 },
        false,
      ],
      ['/rovi/units/gateway/state', 'std_msgs/msg/String', latched, false],
      ['/rovi/units/nav/state', 'std_msgs/msg/String', latched, false],
      ['/rovi/units/nav/processes/controller_server', 'std_msgs/msg/Bool', latched, false],
      ['/rovi/units/nav/processes/bt_navigator', 'std_msgs/msg/Bool', latched, false],
      ['/rovi/units/front_camera/state', 'std_msgs/msg/String', latched, false],
      ['/rovi/stack_states', 'rovi_interfaces/msg/StackStates', latched, true],
    ]);
  });

  it('offers the services of the issue; the typed ones are optional', () => {
    const trigger = (name: string) => [name, 'std_srvs/srv/Trigger', false];
    expect(faceSpec(plain).services.map(({ name, type, optional }) => [name, type, optional])).toEqual([
      ...['start', 'stop', 'switch'].map((verb) => trigger(`/rovi/stacks/nav/${verb}`)),
      ...['start', 'stop', 'switch'].map((verb) => trigger(`/rovi/stacks/front_camera/${verb}`)),
      trigger('/rovi/stop_all'),
      trigger('/rovi/get_state'),
      ['/rovi/start_stack', 'rovi_interfaces/srv/StartStack', true],
      ['/rovi/stop_stack', 'rovi_interfaces/srv/StopStack', true],
      ['/rovi/switch_stack', 'rovi_interfaces/srv/SwitchStack', true],
      ['/rovi/stop_all_stacks', 'rovi_interfaces/srv/StopAll', true],
      ['/rovi/get_stack_states', 'rovi_interfaces/srv/GetState', true],
    ]);
  });

  it('offers the status stream only where the catalog has fields', () => {
    const names = ({ topics }: ReturnType<typeof faceSpec>) => topics.map(({ name }) => name);
    const source = { provider: 'system', type: 'service', service: 'rovi-nav' };
    const fields = [{ id: 'nav', type: 'text', source }];
    const with_ = catalogSchema.parse({ ...plain, streams: { status: { fields } } });
    const stream = ['/rovi/status_fields', '/rovi/status_fields/protobuf'];
    expect(names(faceSpec(with_)).filter((name) => !names(faceSpec(plain)).includes(name))).toEqual(stream);
  });

  it('keeps the stack’s own name for the command, whatever its token', () => {
    expect(serviceActions(plain).get('/rovi/stacks/front_camera/start')).toEqual({
      kind: 'start',
      stack: 'front-camera',
      typed: false,
    });
  });

  it('tells of itself in words that the contract knows', () => {
    const { topics, services } = faceSpec(plain);
    const face = {
      name: 'ros',
      state: 'on',
      text: '',
      mend: '',
      since: '2026-03-01T12:00:00.000Z',
      pid: 1,
      restarts: 0,
      detail: {},
    };
    expect(rosStatusSchema.safeParse({ face, topics, services }).success).toBe(true);
  });

  it('has a topic for every single value, and a value for every such topic', () => {
    fc.assert(
      fc.property(legalCatalog, (catalog) => {
        const snapshot = sampleSnapshot({
          stacks: Object.entries(catalog.stacks).map(([name, { processes }]) =>
            sampleStack(name, { expected: processes.map((name) => ({ name, present: true, pid: 1 })) }),
          ),
        });
        const single = faceSpec(catalog).topics.filter(({ name }) =>
          name.startsWith(`${catalog.ros.namespace}/units/`),
        );
        const values = unitValues(snapshot, topicNames(catalog.ros.namespace));
        expect([...values.keys()].sort()).toEqual(single.map(({ name }) => name).sort());
        for (const { name, type } of single) {
          expect(typeof values.get(name)?.['data']).toBe(type === 'std_msgs/msg/Bool' ? 'boolean' : 'string');
        }
      }),
    );
  });
});
