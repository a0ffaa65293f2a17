import { z } from 'zod';
import { externalVerbs, externalVerbSchema } from './external-unit.js';
import { probeRoleSchema } from './probe-spec.js';
import {
  exitCauseSchema,
  stackStateSchema,
  timestampSchema,
  unitProcessSchema,
  unitStatusSchema,
  verdictLevelSchema,
} from './state.js';
import { maintenanceSchema } from './maintenance.js';

/** `starting`: its startup checks have not passed yet. `none`: it does not run, or nothing checks it. */
export const healthWordSchema = z.enum(['healthy', 'degraded', 'unhealthy', 'starting', 'unknown', 'none']);
export type HealthWord = z.output<typeof healthWordSchema>;

/** One look of one probe. */
export const probeResultSchema = z.object({
  at: timestampSchema,
  /** Null where it could not be looked: that says nothing about the service. */
  ok: z.boolean().nullable(),
  /** What was seen, in one phrase: `HTTP 503 after 12 ms`, `no answer within 2 s`. */
  text: z.string(),
  duration_ms: z.number(),
  /** Figures of the kind of probe: `status`, `latency_ms`, `rate_hz`, `age_s`, `exit_status`. */
  figures: z.record(z.string(), z.number()).default({}),
});
export type ProbeResult = z.output<typeof probeResultSchema>;

/** One health check of one instance, as it stands. */
export const checkStatusSchema = z.object({
  name: z.string(),
  role: probeRoleSchema,
  type: z.string(),
  /** After the thresholds; null while it has not been decided. */
  passing: z.boolean().nullable(),
  /** Looks in a row that were like the last one. */
  streak: z.int(),
  last: probeResultSchema.nullable(),
});
export type CheckStatus = z.output<typeof checkStatusSchema>;

export const instanceHealthSchema = z.object({
  status: healthWordSchema,
  /** One phrase for people. */
  text: z.string(),
  /** When it became so; null before the first look. */
  since: timestampSchema.nullable(),
  /** Whether what needs it may start: it runs, and its startup and readiness checks pass. */
  ready: z.boolean(),
  checks: z.array(checkStatusSchema),
});
export type InstanceHealth = z.output<typeof instanceHealthSchema>;

/**
 * What is done about crashes and failed liveness checks. `watching`: nothing. `backoff`: an unhealthy instance is restarted
 * at `next_at`. `cooldown`: the start limit was hit, the next try is at `next_at`. `trying`: such a try is under way, or
 * runs but has not lasted yet. `gave-up`: the tries are spent; somebody has to start it.
 */
export const supervisionSchema = z.object({
  phase: z.enum(['watching', 'backoff', 'cooldown', 'trying', 'gave-up']),
  /** Why, in one sentence for people; empty while watching. */
  text: z.string(),
  /** Tries made, and how many there are. */
  tries: z.int(),
  tries_max: z.int(),
  next_at: timestampSchema.nullable(),
  /** Automatic starts that are left in the window of the start limit. */
  starts_left: z.int(),
  /** Why the last run ended; null where it did not end by itself. */
  cause: exitCauseSchema.nullable(),
  /** The last lines of that run, oldest first, at most 10. */
  lines: z.array(z.string()),
});
export type Supervision = z.output<typeof supervisionSchema>;

/** One instance of a service: one unit. */
export const serviceInstanceSchema = z.object({
  /** `1`, `2`, … */
  id: z.int(),
  /** What of it is not at rest, or is wanted, is shown; others are left out. */
  unit: unitStatusSchema,
  state: stackStateSchema,
  level: verdictLevelSchema,
  text: z.string(),
  health: instanceHealthSchema,
  supervision: supervisionSchema,
  processes: z.array(unitProcessSchema),
  /** Ports of the robot that this instance has. */
  ports: z.array(z.int()),
  /** The container's name at its engine; null where it is none. */
  container: z.string().nullable(),
  failure: exitCauseSchema.nullable(),
  /** Ends that nobody asked for, and automatic restarts by systemd or the conductor; both outlive a restart of the gateway. */
  crashes: z.int(),
  restarts: z.int(),
  /** When its present run began; null while it does not run. */
  started_at: timestampSchema.nullable(),
});
export type ServiceInstance = z.output<typeof serviceInstanceSchema>;

/** One service of the catalog, as every face shows it. */
export const supervisedServiceSchema = z.object({
  name: z.string(),
  description: z.string(),
  category: z.string(),
  priority: z.int(),
  critical: z.boolean(),
  /**
   * Whose unit it is. `rovi`: made and supervised by Rovi. `system`: there before Rovi, which watches it and does to it
   * what `allow` says, no more.
   */
  managed: z.enum(['rovi', 'system']).default('rovi'),
  /** What operators may do to it. */
  allow: z.array(externalVerbSchema).default([...externalVerbs]),
  autostart: z.boolean(),
  /** Of all instances: the least good of those that are wanted. */
  state: stackStateSchema,
  level: verdictLevelSchema,
  /** One phrase for people: `running, 2 of 3 instances`. */
  text: z.string(),
  health: healthWordSchema,
  instances: z.array(serviceInstanceSchema),
  /** Instances meant to run now; and the bounds of the catalog. */
  wanted: z.int(),
  min: z.int(),
  max: z.int(),
  requires: z.array(z.string()),
  wants: z.array(z.string()),
  conflicts: z.array(z.string()),
  /** Services that require it, directly. */
  required_by: z.array(z.string()),
  wanted_by: z.array(z.string()),
  /** Its own, else the robot's; null where there is none. */
  maintenance: maintenanceSchema.nullable(),
  as_of: timestampSchema.nullable(),
});
export type SupervisedService = z.output<typeof supervisedServiceSchema>;

/** A service that others run and tell of over MQTT: shown, never commanded. */
export const externalServiceSchema = z.object({
  name: z.string(),
  /** What it says of itself. */
  description: z.string(),
  version: z.string(),
  health: healthWordSchema,
  registered_at: timestampSchema,
  /** When anything was last heard of it. */
  last_seen: timestampSchema,
});
export type ExternalService = z.output<typeof externalServiceSchema>;

/** Answer of `GET /api/services/{name}/health-history`: the last looks of every check, newest last, by instance. */
export const healthHistorySchema = z.object({
  name: z.string(),
  instances: z.array(
    z.object({
      id: z.int(),
      health: instanceHealthSchema,
      history: z.array(z.object({ check: z.string(), results: z.array(probeResultSchema) })),
    }),
  ),
});
export type HealthHistory = z.output<typeof healthHistorySchema>;
