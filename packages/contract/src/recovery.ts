import { z } from 'zod';

/** Answer of `POST /api/recover`: what was set right. */
export const recoverySchema = z.object({
  /** Failed units whose failure systemd has forgotten now. */
  reset: z.array(z.string()),
  /** Failed units that could not be reset, and why (stacks: an admin's `systemctl reset-failed`). */
  refused: z.array(z.object({ unit: z.string(), message: z.string() })),
  /** Services whose supervision begins anew. */
  supervision: z.array(z.string()),
  /** What is different from before, one sentence each; empty where nothing was to be done. */
  changes: z.array(z.string()),
  /** One sentence. */
  message: z.string(),
});
export type Recovery = z.output<typeof recoverySchema>;

/** Answer of `POST /api/reload`: what the catalog file has that the gateway did not know. */
export const reloadSchema = z.object({
  /** What is in force now: one sentence each. */
  applied: z.array(z.string()),
  /** What needs `install.sh`, for it is in files of root: one sentence each. Until then the old holds. */
  needs_install: z.array(z.string()),
  /** What the gateway takes at its start only: one sentence each. */
  needs_restart: z.array(z.string()),
  message: z.string(),
});
export type Reload = z.output<typeof reloadSchema>;

/** Body of `POST /api/recover` and `POST /api/reload`. */
export const reasonBodySchema = z
  .strictObject({ reason: z.string().max(500).default('').describe('Why, for the record.') })
  .default({ reason: '' });
