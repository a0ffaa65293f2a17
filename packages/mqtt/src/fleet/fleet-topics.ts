/** Where the robots of a fleet and its consoles meet. */
export interface FleetTopics {
  /** Retained: how a robot is. */
  state(robot: string): string;
  /** Retained: whether it is connected; its last will. */
  link(robot: string): string;
  /** What is asked of it. */
  request(robot: string): string;
  /** Where it answers a console. */
  reply(robot: string, console: string): string;
}

/** The topics below a prefix; `+` for a robot stands for all. */
export function fleetTopics(prefix: string): FleetTopics {
  return {
    state: (robot) => `${prefix}/${robot}/state`,
    link: (robot) => `${prefix}/${robot}/link`,
    request: (robot) => `${prefix}/${robot}/request`,
    reply: (robot, console) => `${prefix}/${robot}/reply/${console}`,
  };
}

/** Whether a robot may answer there: a topic of its own, which no other subscriber takes for something else. */
export function isReplyTopic(prefix: string, robot: string, topic: string): boolean {
  const start = fleetTopics(prefix).reply(robot, '');
  return topic.startsWith(start) && /^[A-Za-z0-9_-]{1,100}$/.test(topic.slice(start.length));
}
