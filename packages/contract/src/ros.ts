import { z } from 'zod';
import { faceStatusSchema } from './faces.js';

/** Quality of service of a topic, in ROS's own words (rmw_qos_profile_t). */
export const rosQosSchema = z.object({
  reliability: z.enum(['reliable', 'best_effort']),
  durability: z.enum(['transient_local', 'volatile']),
  /** Keep-last depth. */
  depth: z.int().min(1),
});
export type RosQos = z.output<typeof rosQosSchema>;

/** A topic the face publishes. */
export const rosTopicSchema = z.object({
  /** The full name: `/rovi/state`. */
  name: z.string(),
  /** `package/msg/Name`. */
  type: z.string(),
  qos: rosQosSchema,
});
export type RosTopic = z.output<typeof rosTopicSchema>;

/** A service the face serves. */
export const rosServiceSchema = z.object({
  name: z.string(),
  /** `package/srv/Name`. */
  type: z.string(),
});
export type RosService = z.output<typeof rosServiceSchema>;

/** Answer of `GET /api/ros`: how the face is, and what it offers while it is on. */
export const rosStatusSchema = z.object({
  face: faceStatusSchema,
  topics: z.array(rosTopicSchema),
  services: z.array(rosServiceSchema),
});
export type RosStatus = z.output<typeof rosStatusSchema>;

export const rosName = z
  .string()
  .regex(/^(?:\/[A-Za-z_][A-Za-z0-9_]*)+$/, 'expected a full ROS name such as "/scan"')
  .max(255);

/** What can be asked about the ROS graph. */
export const rosProbeSchema = z.discriminatedUnion('kind', [
  /** Is the ROS face on. */
  z.strictObject({ kind: z.literal('available') }),
  /** Is a node of this full name in the graph. */
  z.strictObject({ kind: z.literal('node'), name: rosName }),
  /** Do messages arrive on this topic, `min_rate` a second or more, counted over `window_ms`. */
  z.strictObject({
    kind: z.literal('topic'),
    name: rosName,
    window_ms: z.coerce
      .number()
      .int()
      .min(100)
      .max(30_000)
      .default(2000)
      .describe('Milliseconds to listen; it ends early where nobody publishes.'),
    min_rate: z.coerce
      .number()
      .min(0)
      .max(10_000)
      .default(0)
      .describe('Messages a second; 0: one message is enough.'),
  }),
]);
export type RosProbe = z.output<typeof rosProbeSchema>;

/** What a probe found. */
export const rosProbeResultSchema = z.object({
  ok: z.boolean(),
  /** One sentence for people. */
  text: z.string(),
  /** Topic: messages a second over the time listened; null where not measured. */
  rate: z.number().nullable(),
  /** Topic: how many publish it; null where not looked at. */
  publishers: z.int().nullable(),
  /** Topic: its type; null where it has none. */
  type: z.string().nullable(),
});
export type RosProbeResult = z.output<typeof rosProbeResultSchema>;

/** A look around, as it came on a topic. */
export const rosScanSchema = z.object({
  frame_id: z.string(),
  /** Radians. */
  angle_min: z.number(),
  angle_increment: z.number(),
  /** Metres. */
  range_min: z.number(),
  range_max: z.number(),
  /** Metres; null where nothing was seen within the bounds. */
  ranges: z.array(z.number().nullable()),
});
export type RosScan = z.output<typeof rosScanSchema>;

/** How a drive of the ROS process came to its end. */
export const rosDriveEndSchema = z.object({
  /**
   * `done`: its time was over. `halted`: it was told to. `silent`: the gateway said nothing for too long. `fault`: it
   * could not go on. `refused`: it never began, and nothing was published.
   */
  ended: z.enum(['done', 'halted', 'silent', 'fault', 'refused']),
  /** One clause for people. */
  text: z.string(),
  /** Metres; null unless measured. */
  distance: z.number().nullable(),
  measured: z.boolean(),
});
export type RosDriveEnd = z.output<typeof rosDriveEndSchema>;

/** What the ROS process says to the gateway (packages/ros, process/protocol.ts). Anything else is a fault of that process. */
export const fromRosProcessSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    /** What is there: all that is not optional, and the optional ones whose package was found. */
    topics: z.array(z.string()),
    services: z.array(z.string()),
    /** Of the messages of motion, the types that this ROS has. */
    types: z.array(z.string()).default([]),
    detail: z.record(z.string(), z.string()),
  }),
  /** It cannot serve on this machine as it is, and ends. */
  z.object({ type: z.literal('unavailable'), text: z.string(), mend: z.string() }),
  z.object({ type: z.literal('pong'), id: z.int() }),
  z.object({
    type: z.literal('call'),
    id: z.int(),
    service: z.string(),
    request: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal('probed'), id: z.int(), result: rosProbeResultSchema }),
  /** It goes on with this drive. Answer to each `keep`. */
  z.object({ type: z.literal('kept'), id: z.int() }),
  /** That drive is over: the base has been told to stop. */
  z.object({ type: z.literal('drove'), id: z.int(), ...rosDriveEndSchema.shape }),
  /** What a look around has found; `scan` of null: nothing, and `text` says why. */
  z.object({ type: z.literal('scanned'), id: z.int(), scan: rosScanSchema.nullable(), text: z.string() }),
  /** Something went wrong that did not end it: a message it could not publish. */
  z.object({ type: z.literal('fault'), text: z.string() }),
]);
export type FromRosProcess = z.output<typeof fromRosProcessSchema>;
