import { z } from 'zod';
import { lineOfText } from './line-of-text.js';
import { processName } from './names.js';

/** A number of seconds between `min` and `max`, fractions allowed. */
const within = (min: number, max: number) =>
  z
    .number(`expected a number of seconds from ${min} to ${max}`)
    .min(min, `expected at least ${min} s`)
    .max(max, `expected at most ${max} s`);

/** What a health check is for, as in Kubernetes. */
export const probeRoleSchema = z.enum(['startup', 'readiness', 'liveness']);

const host = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/, 'expected a host name or an IP address')
  .default('127.0.0.1');

/** A port number, or the name of one of the service's `ports`: then each instance is asked at its own. */
const portOf = z.union([
  z.int().min(1).max(65_535),
  z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,30}$/,
      'expected a port number, or the name of one of the ports of the service',
    ),
]);

const rosName = z
  .string()
  .regex(/^\/?[A-Za-z_][A-Za-z0-9_/]*$/, 'expected a ROS name')
  .max(250);

const topicName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[!"$-*,-~]+$/, 'expected an MQTT topic without wildcards');

/** What is looked at, by `type`: the kinds of packages/probes. */
export const probeKindSchema = z.discriminatedUnion('type', [
  /** The unit is active and has processes; with `process`, one of them has this name. */
  z.strictObject({ type: z.literal('process'), process: processName.optional() }),
  /** Somebody accepts connections there. */
  z.strictObject({ type: z.literal('tcp'), host, port: portOf }),
  z.strictObject({
    type: z.literal('http'),
    scheme: z.enum(['http', 'https']).default('http'),
    host,
    port: portOf,
    path: z
      .string()
      .regex(/^\/[\u0021-\u007e]*$/, 'expected a path that begins with "/"')
      .max(500)
      .default('/'),
    /** The status that is good; without it any from 200 to 399. */
    status: z.int().min(100).max(599).optional(),
    /** Text that the answer must hold, in its first 64 KiB. */
    body: lineOfText(200).min(1).optional(),
    /** Seconds after which an answer counts as failed though it came. */
    max_latency: within(0.001, 600).optional(),
  }),
  /** Runs as the gateway's user, inside the gateway's confinement; exit code 0 is good. */
  z.strictObject({
    type: z.literal('command'),
    command: z.array(lineOfText(1000).min(1)).min(1).max(50),
  }),
  /** ROS is there; with `node`, that node is in its graph; with `topic`, it has at least `min_rate` messages a second. */
  z.strictObject({
    type: z.literal('ros'),
    node: rosName.optional(),
    topic: rosName.optional(),
    /** Messages a second. */
    min_rate: z.number().positive().max(10_000).optional(),
  }),
  /** A device answers on an I2C bus; without `address` the bus is there. */
  z.strictObject({
    type: z.literal('i2c'),
    /** Number of /dev/i2c-N. */
    bus: z.int().min(0).max(255),
    /** 7-bit address, 3 to 119 (0x03 to 0x77). */
    address: z.int().min(0x03).max(0x77).optional(),
  }),
  /** The catalog's MQTT broker is connected; with `topic`, its last message is at most `max_age` seconds old. */
  z.strictObject({
    type: z.literal('mqtt'),
    topic: topicName.optional(),
    max_age: within(0.1, 86_400).default(60),
  }),
  /** The health check of the container, asked of its engine. For services with `container:` only. */
  z.strictObject({ type: z.literal('container') }),
  /** Another service is ready, or a stack runs whole. */
  z.strictObject({ type: z.literal('dependency'), service: z.string() }),
]);
export type ProbeKind = z.output<typeof probeKindSchema>;
export type ProbeType = ProbeKind['type'];

/** One entry of `health:`: what is looked at, what for, and how often. */
export const healthCheckSchema = z.strictObject({
  probe: probeKindSchema,
  /** `startup`: until it passes the service is STARTING. `readiness`: what needs it waits. `liveness`: what is done is `on_unhealthy`. */
  role: probeRoleSchema.default('liveness'),
  /** Shown on faces; by default `<role> <type>`. */
  name: lineOfText(60).min(1).optional(),
  /** Seconds from the end of one look to the next. */
  interval: within(0.2, 3_600).default(10),
  /** Seconds after which a look has failed. */
  timeout: within(0.05, 300).default(2),
  /** Failed looks in a row until the check counts as failed. */
  failures: z.int().min(1).max(1_000).default(3),
  /** Good looks in a row until it counts as passed. */
  successes: z.int().min(1).max(100).default(1),
  /** Seconds from the start of the instance in which failed looks do not count. */
  start_period: within(0, 3_600).default(0),
});
export type HealthCheck = z.output<typeof healthCheckSchema>;

/** How a check is called on faces. */
export function healthCheckName({ name, role, probe }: HealthCheck): string {
  return name ?? `${role} ${probe.type}`;
}
