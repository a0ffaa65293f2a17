import { Command } from 'commander';
import type { VerbContext } from '../verb.js';
import { ticketCancelVerb } from './ticket-cancel.js';
import { ticketCommandsVerb } from './ticket-commands.js';
import { ticketCreateVerb } from './ticket-create.js';
import { ticketExecuteVerb } from './ticket-execute.js';
import { ticketExportVerb } from './ticket-export.js';
import { ticketListVerb } from './ticket-list.js';
import { ticketShowVerb } from './ticket-show.js';
import { ticketWatchVerb } from './ticket-watch.js';

/** `rovictl ticket create|list|show|execute|cancel|watch|export|commands`. */
export function ticketVerb(context: VerbContext): Command {
  return new Command('ticket')
    .description('create, execute, cancel and watch tickets: robot commands that are stored and queued')
    .helpCommand(false)
    .addCommand(ticketCreateVerb(context))
    .addCommand(ticketListVerb(context))
    .addCommand(ticketShowVerb(context))
    .addCommand(ticketExecuteVerb(context))
    .addCommand(ticketCancelVerb(context))
    .addCommand(ticketWatchVerb(context))
    .addCommand(ticketExportVerb(context))
    .addCommand(ticketCommandsVerb(context));
}
