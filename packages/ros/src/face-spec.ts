import type { Catalog, RosQos } from '@rovi/contract';
import { rosToken } from '@rovi/contract';
import type { RosSpec, ServiceSpec, TopicSpec } from './ros-transport.js';

/** What of the catalog the face is made from. */
export type FacePolicy = Pick<Catalog, 'robot' | 'stacks' | 'ros' | 'streams'>;

/** For state: a late joiner has the last message at once. */
const latched: RosQos = { reliability: 'reliable', durability: 'transient_local', depth: 1 };
/** For diagnostics: as every ROS tool subscribes. */
const periodic: RosQos = { reliability: 'reliable', durability: 'volatile', depth: 10 };
const events: RosQos = { reliability: 'reliable', durability: 'volatile', depth: 100 };

/** The unit name of the gateway in topics and diagnostics. */
export const GATEWAY = 'gateway';

/** The full name of every topic the face publishes. */
export interface TopicNames {
  readonly diagnostics: string;
  readonly state: string;
  readonly events: string;
  readonly unitState: (unit: string) => string;
  readonly process: (unit: string, process: string) => string;
  readonly statusFields: string;
  readonly statusFieldsProtobuf: string;
  /** Typed, with `rovi_interfaces` only. */
  readonly stackStates: string;
}

/** The topics below this namespace. */
export function topicNames(namespace: string): TopicNames {
  const unit = (name: string): string => `${namespace}/units/${rosToken(name)}`;
  return {
    diagnostics: '/diagnostics',
    state: `${namespace}/state`,
    events: `${namespace}/events`,
    unitState: (name) => `${unit(name)}/state`,
    process: (name, process) => `${unit(name)}/processes/${rosToken(process)}`,
    statusFields: `${namespace}/status_fields`,
    statusFieldsProtobuf: `${namespace}/status_fields/protobuf`,
    stackStates: `${namespace}/stack_states`,
  };
}

/** What a service does when it is called. `stack` of null: the request names it. */
export type ServiceAction =
  | { readonly kind: 'start' | 'stop' | 'switch'; readonly stack: string | null; readonly typed: boolean }
  | { readonly kind: 'stop-all' | 'get-state'; readonly stack: null; readonly typed: boolean };

/** The full name of every service the face serves, and what it does. */
export function serviceActions(policy: FacePolicy): Map<string, ServiceAction> {
  const { namespace } = policy.ros;
  const actions = new Map<string, ServiceAction>();
  for (const stack of Object.keys(policy.stacks)) {
    for (const kind of ['start', 'stop', 'switch'] as const) {
      actions.set(`${namespace}/stacks/${rosToken(stack)}/${kind}`, { kind, stack, typed: false });
    }
  }
  actions.set(`${namespace}/stop_all`, { kind: 'stop-all', stack: null, typed: false });
  actions.set(`${namespace}/get_state`, { kind: 'get-state', stack: null, typed: false });
  for (const kind of ['start', 'stop', 'switch'] as const) {
    actions.set(`${namespace}/${kind}_stack`, { kind, stack: null, typed: true });
  }
  actions.set(`${namespace}/stop_all_stacks`, { kind: 'stop-all', stack: null, typed: true });
  actions.set(`${namespace}/get_stack_states`, { kind: 'get-state', stack: null, typed: true });
  return actions;
}

const typedServices = {
  start: 'StartStack',
  stop: 'StopStack',
  switch: 'SwitchStack',
  'stop-all': 'StopAll',
  'get-state': 'GetState',
} as const;

/** Everything the face offers for this catalog: topics and services with their types and QoS. */
export function faceSpec(policy: FacePolicy): RosSpec {
  const names = topicNames(policy.ros.namespace);
  const topic = (name: string, type: string, qos: RosQos): TopicSpec => ({
    name,
    type,
    qos,
    optional: false,
  });
  const topics: TopicSpec[] = [
    topic(names.diagnostics, 'diagnostic_msgs/msg/DiagnosticArray', periodic),
    topic(names.state, 'std_msgs/msg/String', latched),
    topic(names.events, 'std_msgs/msg/String', events),
    topic(names.unitState(GATEWAY), 'std_msgs/msg/String', latched),
  ];
  for (const [stack, { processes }] of Object.entries(policy.stacks)) {
    topics.push(topic(names.unitState(stack), 'std_msgs/msg/String', latched));
    for (const process of processes) {
      topics.push(topic(names.process(stack, process), 'std_msgs/msg/Bool', latched));
    }
  }
  if (policy.streams.status.fields.length > 0) {
    topics.push(
      topic(names.statusFields, 'std_msgs/msg/String', latched),
      topic(names.statusFieldsProtobuf, 'std_msgs/msg/UInt8MultiArray', latched),
    );
  }
  topics.push({
    name: names.stackStates,
    type: 'rovi_interfaces/msg/StackStates',
    qos: latched,
    optional: true,
  });
  const services = [...serviceActions(policy)].map(([name, { kind, typed }]): ServiceSpec => ({
    name,
    type: typed ? `rovi_interfaces/srv/${typedServices[kind]}` : 'std_srvs/srv/Trigger',
    optional: typed,
  }));
  return { namespace: policy.ros.namespace, node: 'conductor', topics, services };
}
