import { z } from 'zod';
import { problemSchema } from './errors.js';
import { roleSchema } from './access.js';
import { unitBaseName } from './names.js';
import { operationSchema } from './operation.js';
import { impactSchema } from './impact.js';
import { stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';
import { healthWordSchema } from './supervised-service.js';

/** Seconds that a broker keeps what a robot told last: 30 days. Told along as {@link fleetReportSchema}'s `kept_s`. */
export const FLEET_KEPT_S = 2_592_000;
/** Units of each kind that a report has at most. */
export const FLEET_UNITS = 200;

/** How a robot's service is, in short. */
export const fleetServiceSchema = z.object({
  name: z.string(),
  state: stackStateSchema,
  level: verdictLevelSchema,
  health: healthWordSchema,
});

/**
 * What a robot says of itself at `<prefix>/<robot>/state`, retained: on each change, and every `heartbeat_s` seconds. A
 * broker that tells a later subscriber how long it still keeps the message (MQTT 5: Message Expiry Interval) tells its age
 * by that, without anybody's clock.
 */
export const fleetReportSchema = z.object({
  v: z.literal(1),
  robot: unitBaseName,
  /** The run of the gateway. */
  boot_id: z.string().max(64),
  version: z.string().max(64),
  /** By the robot's clock. */
  at: timestampSchema,
  /** Seconds after which it says so again, whether or not something has changed. */
  heartbeat_s: z.int().min(1).max(3_600),
  /** Seconds that the broker was asked to keep it. */
  kept_s: z.int().min(1),
  /** How the robot is, in a word and in one phrase. */
  level: verdictLevelSchema,
  text: z.string().max(500),
  /** As in the snapshot. */
  active: z.string().max(64).nullable(),
  known: z.boolean(),
  estop: z.boolean(),
  /** The robot itself is in maintenance. */
  maintenance: z.boolean(),
  stacks: z
    .array(z.object({ name: z.string(), state: stackStateSchema, level: verdictLevelSchema }))
    .max(FLEET_UNITS),
  services: z.array(fleetServiceSchema).max(FLEET_UNITS),
  /** True where it has more units than are told. */
  cut: z.boolean(),
  /** Whether it takes commands from the fleet. */
  commands: z.boolean(),
});
export type FleetReport = z.output<typeof fleetReportSchema>;

/** Whether a robot is connected, at `<prefix>/<robot>/link`, retained; `online: false` is also its last will. */
export const fleetLinkSchema = z.object({
  v: z.literal(1),
  robot: unitBaseName,
  boot_id: z.string().max(64),
  online: z.boolean(),
  /** Why it is not; empty where it is. */
  reason: z.string().max(500),
});
export type FleetLink = z.output<typeof fleetLinkSchema>;

/** What may be asked of the robots of a fleet. */
export const fleetCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['start', 'stop', 'restart', 'switch']), stack: unitBaseName }),
  z.strictObject({
    kind: z.enum(['service-start', 'service-stop', 'service-restart', 'service-rolling-restart']),
    service: unitBaseName,
  }),
  z.strictObject({ kind: z.literal('stop-all') }),
  z.strictObject({ kind: z.literal('estop') }),
]);
export type FleetCommand = z.output<typeof fleetCommandSchema>;

/** Milliseconds that an offer may stand. */
export const OFFER_MS = { min: 1_000, default: 10_000, max: 60_000 } as const;

/** For whom the console that signed speaks: somebody whom it has let in itself. */
const onBehalfSchema = z.strictObject({
  name: z.string().min(1).max(100),
  role: roleSchema,
  /** False where the name is only what the client of that console said of itself. */
  verified: z.boolean(),
});

const requestHead = {
  /** The robot that is meant: no other obeys. */
  robot: unitBaseName,
  /** Of this request; its answers carry it. */
  id: z.uuid(),
  on_behalf: onBehalfSchema.nullable(),
};

/**
 * What a console sends to `<prefix>/<robot>/request`, as the text that is signed. A command takes two steps: `ask` is
 * answered with an offer, a random word that this run of this gateway made, that stands for this very command and this
 * key, once, for `offer_ms` by the robot's own clocks; `do` accepts it. What arrives late finds no offer.
 */
export const fleetRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...requestHead,
    kind: z.literal('ask'),
    command: fleetCommandSchema,
    reason: z.string().max(500),
    offer_ms: z.int().min(OFFER_MS.min).max(OFFER_MS.max),
  }),
  z.strictObject({
    ...requestHead,
    kind: z.literal('do'),
    offer: z.string().min(16).max(64),
    /** The `token` of the impact that somebody has seen; refused where the command would by now hit anything else. */
    confirm: z.string().max(100).nullable(),
  }),
  /** Everything, as `GET /api/state` has it. */
  z.strictObject({ ...requestHead, kind: z.literal('look') }),
  /** How an accepted command stands. */
  z.strictObject({ ...requestHead, kind: z.literal('operation'), operation: z.string().min(1).max(64) }),
]);
export type FleetRequest = z.output<typeof fleetRequestSchema>;

/** What a request is answered by, also where the rest of it is of a newer kind. */
export const fleetRequestIdSchema = z.object({ id: z.uuid() });

/** A public key as text: `ed25519:` and its 32 bytes in base64. */
export const fleetKeySchema = z
  .string()
  .regex(
    /^ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
    'expected "ed25519:" and 44 characters of base64, as `rovictl fleet key` prints it',
  );

/** A request as it is sent. */
export const fleetEnvelopeSchema = z.strictObject({
  v: z.literal(1),
  /** JSON of a {@link fleetRequestSchema}: the very bytes that are signed. */
  body: z.string().max(16_384),
  key: fleetKeySchema,
  /** Ed25519 over {@link fleetSigned} of the body, base64. */
  signature: z.string().length(88),
});
export type FleetEnvelope = z.output<typeof fleetEnvelopeSchema>;

/** What is signed of a body: a signature for Rovi's fleet is none for anything else. */
export function fleetSigned(body: string): string {
  return `rovi fleet request v1\n${body}`;
}

/** What a robot answers, at the response topic of the request and with its correlation data. */
export const fleetReplySchema = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    robot: unitBaseName,
    id: z.uuid(),
    kind: z.literal('offer'),
    offer: z.string(),
    offer_ms: z.int(),
    /** What the command would hit now; null for `estop`, and for a `stop-all` where that is not known. */
    impact: impactSchema.nullable(),
  }),
  /** The command is under way; null for `estop`, which is done. */
  z.object({
    v: z.literal(1),
    robot: unitBaseName,
    id: z.uuid(),
    kind: z.literal('accepted'),
    operation: operationSchema.nullable(),
  }),
  /** It has ended. */
  z.object({
    v: z.literal(1),
    robot: unitBaseName,
    id: z.uuid(),
    kind: z.literal('ended'),
    operation: operationSchema,
  }),
  z.object({
    v: z.literal(1),
    robot: unitBaseName,
    id: z.uuid(),
    kind: z.literal('refused'),
    problem: problemSchema,
  }),
  /** The snapshot; the client parses it as that of `GET /api/state`. */
  z.object({
    v: z.literal(1),
    robot: unitBaseName,
    id: z.uuid(),
    kind: z.literal('look'),
    snapshot: z.record(z.string(), z.unknown()),
  }),
]);
export type FleetReply = z.output<typeof fleetReplySchema>;

/**
 * How a robot's word is to be taken. `online`: of now. `stale`: nothing came for two and a half heartbeats, or this
 * gateway has lost the broker: what is shown is what was. `offline`: its last will, or it has said that it goes.
 */
export const fleetPresenceSchema = z.enum(['online', 'stale', 'offline']);
export type FleetPresence = z.output<typeof fleetPresenceSchema>;

/** One robot as a gateway that observes the fleet sees it. */
export const fleetRobotSchema = z.object({
  robot: z.string(),
  presence: fleetPresenceSchema,
  /** Why it is not online; empty where it is. */
  reason: z.string(),
  /** Seconds since its last word, at the moment of the answer or event; null where it is not known. */
  seen_s: z.number().nullable(),
  /** Its last report; null where only its link is known. */
  report: fleetReportSchema.nullable(),
});
export type FleetRobot = z.output<typeof fleetRobotSchema>;

/** Answer of `GET /api/fleet`. */
export const fleetStatusSchema = z.object({
  at: timestampSchema,
  /** This gateway's own connection to the fleet's broker; while it is not there, no robot is shown as online. */
  broker: z.object({
    address: z.string(),
    connected: z.boolean(),
    since: timestampSchema,
    /** Why not; empty while it is. */
    text: z.string(),
  }),
  /** This gateway's public key, which robots must have among their operators to take its commands; null: it can only look. */
  key: z.string().nullable(),
  /** By name. */
  robots: z.array(fleetRobotSchema),
});
export type FleetStatus = z.output<typeof fleetStatusSchema>;

/** Path parameter of `/api/fleet/robots/{robot}`. */
export const fleetRobotParamsSchema = z.object({ robot: unitBaseName.describe('The robot, by its name.') });

const fleetRobots = z
  .array(unitBaseName)
  .min(1, 'expected a robot')
  .max(1_000)
  .refine((names) => new Set(names).size === names.length, { message: 'expected each robot once' });

/** Body of `POST /api/fleet/ask`. */
export const fleetAskBodySchema = z.strictObject({
  robots: fleetRobots.describe('The robots that are meant, by name.'),
  command: fleetCommandSchema,
});
export type FleetAskBody = z.output<typeof fleetAskBodySchema>;

/** What a command would hit on one robot, or why it cannot be done there. */
export const fleetImpactSchema = z.object({
  robot: z.string(),
  impact: impactSchema.nullable(),
  problem: problemSchema.nullable(),
});
export type FleetImpact = z.output<typeof fleetImpactSchema>;

/** Answer of `POST /api/fleet/ask`: in the order of the request. Nothing has been done. */
export const fleetImpactListSchema = z.object({ impacts: z.array(fleetImpactSchema) });

/** Body of `POST /api/fleet/runs`. */
export const fleetRunBodySchema = z.strictObject({
  command: fleetCommandSchema,
  targets: z
    .array(
      z.strictObject({
        robot: unitBaseName,
        confirm: z
          .string()
          .max(100)
          .nullable()
          .default(null)
          .describe('The `token` of the impact that was shown.'),
      }),
    )
    .min(1)
    .max(1_000)
    .refine((targets) => new Set(targets.map(({ robot }) => robot)).size === targets.length, {
      message: 'expected each robot once',
    }),
  reason: z.string().max(500).default(''),
  wait_s: z
    .int()
    .min(0)
    .max(3_600)
    .default(0)
    .describe('Seconds within which a robot that is away may come back and be asked; then never.'),
  at_once: z.int().min(1).max(1_000).default(50).describe('Robots at a time; 1 is one after the other.'),
  stop_at_failure: z
    .boolean()
    .default(false)
    .describe('The first that fails ends it: what has not begun is left out.'),
});
export type FleetRunBody = z.output<typeof fleetRunBodySchema>;

/**
 * `waiting`: for its turn, or for the robot to come back. `asking`: nothing can have been done yet. `sent`: `do` is out,
 * and nothing has come back. `running`: accepted. `succeeded`, `failed`: its operation ended so. `refused`: by the robot,
 * nothing was done. `expired`: not in time, and never will be. `unknown`: sent, and no word of it. `left-out`: not begun.
 */
export const fleetTargetStateSchema = z.enum([
  'waiting',
  'asking',
  'sent',
  'running',
  'succeeded',
  'failed',
  'refused',
  'expired',
  'unknown',
  'left-out',
]);
export type FleetTargetState = z.output<typeof fleetTargetStateSchema>;

export const fleetTargetSchema = z.object({
  robot: z.string(),
  state: fleetTargetStateSchema,
  problem: problemSchema.nullable(),
  operation: operationSchema.nullable(),
});
export type FleetTarget = z.output<typeof fleetTargetSchema>;

/** One command to several robots, as it stands. This run of the gateway's memory: robots keep their own records. */
export const fleetRunSchema = z.object({
  id: z.string(),
  command: fleetCommandSchema,
  actor: z.string(),
  reason: z.string(),
  started_at: timestampSchema,
  ended_at: timestampSchema.nullable(),
  targets: z.array(fleetTargetSchema),
});
export type FleetRun = z.output<typeof fleetRunSchema>;

/** Answer of `GET /api/fleet/runs`: newest first. */
export const fleetRunListSchema = z.object({ runs: z.array(fleetRunSchema) });
export const fleetRunParamsSchema = z.object({ id: z.string().max(64).describe('The `id` of the run.') });

/**
 * What `GET /api/fleet/events` sends: `fleet` first, and again where all may be different; then `robots` with what has
 * changed, gathered for a fifth of a second; and `run` for each step of a run, gathered too.
 */
export const fleetEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fleet'), fleet: fleetStatusSchema, runs: z.array(fleetRunSchema) }),
  z.object({
    type: z.literal('robots'),
    at: timestampSchema,
    robots: z.array(fleetRobotSchema),
    removed: z.array(z.string()),
  }),
  z.object({ type: z.literal('run'), run: fleetRunSchema }),
]);
export type FleetEvent = z.output<typeof fleetEventSchema>;

/** Whether a target has come to its end. */
export function isTargetOver(state: FleetTargetState): boolean {
  return !(['waiting', 'asking', 'sent', 'running'] as FleetTargetState[]).includes(state);
}
