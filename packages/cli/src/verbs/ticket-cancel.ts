import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket cancel ID`. */
export function ticketCancelVerb(context: VerbContext): Command {
  return new Command('cancel')
    .description('end a ticket, whatever it does; a motion is stopped first')
    .argument('<ticket>', 'its id')
    .option('--reason <text>', 'why; kept with the ticket')
    .option('--json', 'the ticket as JSON')
    .action(async (id: string, flags: { reason?: string; json?: true }) => {
      const { terminal } = context;
      const { REASON_CHARACTERS, STOP_MS, withMachineEstop } = await import('../machine-estop.js');
      const { ticketGlyph } = await import('../views/ticket.js');
      const host = await context.target();
      const client = await context
        .client()
        .catch((error: unknown) => Promise.reject(withMachineEstop(error, host) as Error));
      const reason = (flags.reason ?? '').slice(0, REASON_CHARACTERS);
      const ticket = await client.tickets
        .cancel(id, { reason, timeout: STOP_MS })
        .catch((error: unknown) => Promise.reject(withMachineEstop(error, host) as Error));
      if (flags.json) {
        terminal.out(json(ticket));
        return;
      }
      const before = ticket.status === 'cancelled' ? '' : ': it had come to its end already';
      terminal.out(
        `${ticketGlyph(ticket.status, terminal.colour)} ${ticket.id} is ${ticket.status}${before}\n`,
      );
    });
}
