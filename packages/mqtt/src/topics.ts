/** Every topic of the face, below the catalog's prefix. docs/mqtt.md lists them for people. */
export interface TopicNames {
  /** All events, in order. */
  readonly events: string;
  /** `{error, service_name, timestamp}` for each `orchestration_error`. */
  readonly errors: string;
  /** Retained: whether the gateway of this robot is there, and who holds the robot. Also the last will's. */
  readonly robot: string;
  /** What others tell of their services. */
  readonly discovery: string;
  /** Events of one type. */
  event(type: string): string;
  /** Retained: one service. */
  service(name: string): string;
  /** Retained: one stack. */
  stack(name: string): string;
}

/** The topics of one robot. Two robots that share a prefix share the topics of units: give each a prefix of its own. */
export function topicNames(prefix: string, robot: string): TopicNames {
  return {
    events: `${prefix}/services/events`,
    errors: `${prefix}/services/orchestration_errors`,
    robot: `${prefix}/robot/${robot}/state`,
    discovery: `${prefix}/discovery/services`,
    event: (type) => `${prefix}/services/${type}`,
    service: (name) => `${prefix}/services/state/${name}`,
    stack: (name) => `${prefix}/stacks/state/${name}`,
  };
}
