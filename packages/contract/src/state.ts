import { z } from 'zod';

/**
 * The state of a stack or service as an operator reads it (docs/states.md maps systemd's states to these). `MAINTENANCE`:
 * it is at rest, and nothing starts it until its maintenance has ended.
 */
export const stackStates = [
  'STOPPED',
  'STARTING',
  'RUNNING',
  'STOPPING',
  'FAILED',
  'MAINTENANCE',
  'UNKNOWN',
] as const;
export const stackStateSchema = z.enum(stackStates);
export type StackState = z.output<typeof stackStateSchema>;

/** A moment as RFC 3339 text in UTC. */
export const timestampSchema = z.iso.datetime();

/** A process in a unit's cgroup. Never its command line: that can hold secrets. */
export const unitProcessSchema = z.object({ pid: z.int(), comm: z.string() });
export type UnitProcess = z.output<typeof unitProcessSchema>;

/** One expected process and whether it is in the unit's cgroup; `null` where that is not known. */
export const expectedProcessSchema = z.object({
  name: z.string(),
  present: z.boolean().nullable(),
  pid: z.int().nullable(),
});
export type ExpectedProcess = z.output<typeof expectedProcessSchema>;

/** `ok`: as intended. `warn`: runs, but not whole, or in transition too long. `error`: failed. `stale`: not known. */
export const verdictLevelSchema = z.enum(['ok', 'warn', 'error', 'stale']);
export type VerdictLevel = z.output<typeof verdictLevelSchema>;

/** Why a unit's main process last ended, in systemd's words. */
export const exitCauseSchema = z.object({
  /** The unit's `Result`: success, exit-code, signal, timeout, start-limit-hit, … */
  result: z.string(),
  /** Exit status of the main process, where it exited by itself. */
  exit_status: z.int().nullable(),
  /** The signal that ended it, for example `SIGKILL`. */
  signal: z.string().nullable(),
  /** One sentence for people. */
  text: z.string(),
});
export type ExitCause = z.output<typeof exitCauseSchema>;

/** What is known of one unit, straight from systemd. */
export const unitStatusSchema = z.object({
  unit: z.string(),
  load_state: z.string(),
  active_state: z.string(),
  sub_state: z.string(),
  result: z.string(),
  invocation_id: z.string().nullable(),
  main_pid: z.int().nullable(),
  /** When the unit entered its present state. */
  since: timestampSchema.nullable(),
  /** systemd's automatic restarts of this unit. */
  restarts: z.int(),
  job: z.object({ id: z.int(), type: z.string() }).nullable(),
});
export type UnitStatus = z.output<typeof unitStatusSchema>;

/** One stack: systemd's state, its expected processes, and the verdict that combines both. */
export const stackStatusSchema = z.object({
  name: z.string(),
  description: z.string(),
  fixed_frame: z.string().nullable(),
  state: stackStateSchema,
  verdict: z.object({ level: verdictLevelSchema, text: z.string() }),
  unit: unitStatusSchema,
  expected: z.array(expectedProcessSchema),
  /** All processes in the unit's cgroup, by PID. */
  processes: z.array(unitProcessSchema),
  /** Set while the last end of the stack was a failure. */
  failure: exitCauseSchema.nullable(),
  /** Ends that nobody asked for, seen since the conductor started: neither failed starts nor stops. */
  crashes: z.int(),
  /** When what is shown here was last confirmed by systemd; older than the snapshot only while the bus is lost. */
  as_of: timestampSchema.nullable(),
});
export type StackStatus = z.output<typeof stackStatusSchema>;

/** What a unit's processes use. `null`: neither kernel nor systemd gives the figure. */
export const resourcesSchema = z.object({
  cpu_seconds: z.number().nullable(),
  memory_bytes: z.number().nullable(),
  /** Where the figures come from: the cgroup's own accounting, or summed over its processes. */
  source: z.enum(['cgroup', 'processes', 'none']),
});
export type Resources = z.output<typeof resourcesSchema>;

/** The connection to systemd. */
export const busStatusSchema = z.object({
  connected: z.boolean(),
  since: timestampSchema,
  error: z.string().nullable(),
});
export type BusStatus = z.output<typeof busStatusSchema>;
