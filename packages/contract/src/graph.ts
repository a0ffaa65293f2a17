import { z } from 'zod';
import { stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';

/** One unit of the robot. */
export const graphNodeSchema = z.object({
  /** Its unit, `rovi-nav.service`; of a service with several instances their template, `rovi-camera@.service`. Edges and groups name nodes by it. */
  id: z.string(),
  kind: z.enum(['gateway', 'stack', 'service']),
  /** `gateway`, or the stack's or service's name in the catalog. */
  name: z.string(),
  description: z.string(),
  state: stackStateSchema,
  level: verdictLevelSchema,
  /** One phrase for people: what the state comes to. */
  text: z.string(),
  /** When the unit entered its state; null where that is not known. */
  since: timestampSchema.nullable(),
});
export type GraphNode = z.output<typeof graphNodeSchema>;

/**
 * A dependency, in systemd's words. `requisite`: `from` starts only while `to` is active. `part_of`: `from` is stopped
 * and restarted with `to`. `requires`: `to` is started before `from`, and `from` stops with it. `wants`: `to` is started
 * before `from` if it can be. `conflicts`: the two never run at once.
 */
export const graphEdgeSchema = z.object({
  kind: z.enum(['requisite', 'part_of', 'requires', 'wants', 'conflicts']),
  from: z.string(),
  to: z.string(),
});
export type GraphEdge = z.output<typeof graphEdgeSchema>;

/** `excludes`: of these nodes at most one holds the robot at a time. One group stands for an edge between any two. */
export const graphGroupSchema = z.object({ kind: z.literal('excludes'), nodes: z.array(z.string()) });

/** Answer of `GET /api/graph`: what there is, what depends on what, and how each is. */
export const graphSchema = z.object({
  /** The moment it shows: the run of the conductor, and the last event it contains. */
  boot_id: z.string(),
  seq: z.int(),
  at: timestampSchema,
  /** False while systemd is not reachable, or not read yet. */
  known: z.boolean(),
  /** The gateway first, then the stacks in the catalog's order, then the services by priority. */
  nodes: z.array(graphNodeSchema),
  edges: z.array(graphEdgeSchema),
  groups: z.array(graphGroupSchema),
});
export type Graph = z.output<typeof graphSchema>;
