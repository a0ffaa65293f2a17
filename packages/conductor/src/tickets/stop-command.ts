import { noParamsSchema } from '@rovi/contract';
import type { TicketCommand } from './ticket-command.js';

/**
 * Stops all motion. The desk does what it says, before anything is written down: this is what is left to tell the base
 * once more when the ticket's record begins.
 */
export const stopCommand: TicketCommand<Record<string, never>> = {
  name: 'stop',
  description: 'Stop all motion, under way and queued. It waits in no queue.',
  motion: false,
  ends: true,
  params: noParamsSchema,
  check: () => undefined,
  timeout: () => 10,
  run: (_, { base }) => {
    base.halt();
    return Promise.resolve({ command: 'stop', executed: true });
  },
};
