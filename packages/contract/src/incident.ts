import { z } from 'zod';

/** What can happen to services, by the names that a service bus knows them by. */
export const incidentTypes = [
  'service_started',
  'service_stopped',
  'service_failed',
  'service_restarting',
  'service_healthy',
  'service_unhealthy',
  'service_scaled_up',
  'service_scaled_down',
  'crash_loop_detected',
  'crash_loop_retry',
  'crash_loop_recovered',
  'crash_loop_gave_up',
  'maintenance_started',
  'maintenance_ended',
  'recovery',
  'catalog_reloaded',
  'orchestration_error',
] as const;
export const incidentTypeSchema = z.enum(incidentTypes);
export type IncidentType = z.output<typeof incidentTypeSchema>;

/** Something that happened, told once: what a state alone does not say. */
export const incidentSchema = z.object({
  type: incidentTypeSchema,
  /** A service's, or a stack's, name; null where it concerns the whole robot. */
  service: z.string().nullable(),
  /** The instance; null where it concerns all of them. */
  instance: z.int().nullable(),
  /** One sentence for people. */
  text: z.string(),
  /** Facts of the type: `cause`, `next_at`, `tries`, `checks`, `added`, `removed`, … */
  data: z.record(z.string(), z.unknown()).default({}),
});
export type Incident = z.output<typeof incidentSchema>;
