import { z } from 'zod';
import { unitBaseName } from './names.js';
import { stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';
import { supervisedServiceSchema } from './supervised-service.js';

/** Path parameter of `/api/services/…/{name}`. */
export const serviceParamsSchema = z.object({
  name: unitBaseName.describe('`gateway`, or a stack or service as the catalog names it.'),
});

/** The words of clients that know services only: `crashed` is our FAILED, and a crash that systemd is about to mend. */
export const serviceWordSchema = z.enum(['running', 'starting', 'stopping', 'stopped', 'crashed', 'unknown']);

/** `none`: nothing says how it is (it does not run). */
export const serviceHealthSchema = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown', 'none']),
  text: z.string(),
  checked_at: timestampSchema.nullable(),
});

/** One unit of the robot with its figures: the gateway, a stack, or a service. */
export const serviceStatusSchema = z.object({
  name: z.string(),
  kind: z.enum(['gateway', 'stack', 'service']),
  unit: z.string(),
  description: z.string(),
  status: serviceWordSchema,
  state: stackStateSchema,
  level: verdictLevelSchema,
  text: z.string(),
  health: serviceHealthSchema,
  pid: z.int().nullable(),
  /** Of one core, in per cent, since about a second ago; null where it is not known yet or cannot be. */
  cpu_percent: z.number().nullable(),
  memory_bytes: z.number().nullable(),
  /** The same in units of 1,000,000 bytes. */
  memory_mb: z.number().nullable(),
  /** Ends that nobody asked for, since the gateway began. */
  crash_count: z.int(),
  /** Automatic restarts; with those before, of services alone, they outlive a restart of the gateway. */
  restarts: z.int(),
  /** When it was last restarted, by whomever, as far as this run of the gateway saw. */
  last_restart: timestampSchema.nullable(),
  /** Whether it is started at boot. */
  autostart: z.boolean(),
  /** Seconds since it runs; null while it does not. */
  uptime_seconds: z.number().nullable(),
  since: timestampSchema.nullable(),
  invocation_id: z.string().nullable(),
  /** What may be commanded: nothing of the gateway; scale and rolling-restart of services with several instances. */
  commands: z.array(z.enum(['start', 'stop', 'restart', 'switch', 'scale', 'rolling-restart'])),
  /** For a service of the catalog: instances, dependencies, checks, supervision; null for gateway and stacks. */
  service: supervisedServiceSchema.nullable(),
  as_of: timestampSchema.nullable(),
});
export type ServiceStatus = z.output<typeof serviceStatusSchema>;

/** Answer of `GET /api/services/list`: the gateway first, then the stacks in the catalog's order, then the services by priority. */
export const serviceListSchema = z.object({ services: z.array(serviceStatusSchema) });
export type ServiceList = z.output<typeof serviceListSchema>;

/** Answer of `GET /api/services/health/{name}`. */
export const serviceHealthReportSchema = z.object({
  name: z.string(),
  health: serviceHealthSchema,
  /** What was looked at: the unit, and each expected process. */
  checks: z.array(z.object({ name: z.string(), ok: z.boolean().nullable(), text: z.string() })),
});
export type ServiceHealthReport = z.output<typeof serviceHealthReportSchema>;
