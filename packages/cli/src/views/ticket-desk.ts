import { ticketStatuses } from '@rovi/contract';
import type { Snapshot, TicketDeskStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { momentText } from './moment.js';
import { tableText } from './table.js';
import { ticketCommandText } from './ticket.js';

/** What an e-stop of tickets does not end; empty where no stack runs. */
export function runsOnText(active: string | null): string {
  if (active === null) return '';
  return `  ${active} runs on: what it drives by itself ends with \`rovictl stop-all\`\n`;
}

/** The e-stop, loud, and which stack it does not end; empty where none is active. */
export function estopText(
  { tickets, active }: Pick<Snapshot, 'tickets' | 'active'>,
  { now, colour }: { readonly now: number; readonly colour: Colors },
): string {
  if (tickets?.estop.active !== true) return '';
  const { since, actor, reason, stored } = printableData(tickets.estop);
  const why = reason === '' ? '' : `: ${reason}`;
  const loud = (text: string): string => colour.red(colour.bold(text));
  const lines = [
    loud(`■ E-STOP by ${actor?.name ?? 'somebody'} since ${momentText(since, now)}${why}`),
    loud('  no ticket moves the robot; lift it with `rovictl estop reset`'),
    ...(stored ? [] : [colour.yellow('  it could not be written down: a restart of the gateway forgets it')]),
  ];
  const runsOn = runsOnText(active);
  return `${lines.join('\n')}\n${runsOn === '' ? '' : colour.yellow(runsOn)}`;
}

/** What waits for its turn, a line each, the next first; of more than the robot tells, how many. */
export function queuedText(tickets: TicketDeskStatus, colour: Colors): string {
  const { queued, counts } = printableData(tickets);
  const rows = queued.map((ticket) => [
    '',
    ticket.id,
    ticket.priority,
    `${ticketCommandText(ticket)}${ticket.dry_run ? ' (dry run)' : ''}`,
  ]);
  const heads = ['', 'ID', 'PRIORITY', 'COMMAND'].map((word) => colour.dim(word));
  const more = counts.queued - queued.length;
  return `${tableText(heads, rows)}${more > 0 ? `  and ${String(more)} more\n` : ''}`;
}

/** The tickets in one line's parts; none where there are none to speak of. */
export function ticketParts(tickets: TicketDeskStatus | null, colour: Colors): string[] {
  if (tickets === null) return [];
  const { available, text, counts, executing } = tickets;
  const unavailable = available ? [] : [colour.yellow(`not available: ${text}`)];
  const counted = ticketStatuses.flatMap((status) => {
    if (counts[status] === 0) return [];
    const what = `${String(counts[status])} ${status}`;
    if (status !== 'executing') return [what];
    return [colour.yellow(`${what} (${executing.map(({ command }) => command).join(', ')})`)];
  });
  return [...unavailable, ...counted];
}
