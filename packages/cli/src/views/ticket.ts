import type { Execution, Ticket, TicketAttempt, TicketDetail, TicketStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { fittingTable } from './fitting-table.js';
import { clockText, durationText, localTimes, momentText } from './moment.js';
import { tableText } from './table.js';

interface View {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly colour: Colors;
  /** Columns there are. */
  readonly width: number;
}

/** The mark of a status. */
export function ticketGlyph(status: TicketStatus, colour: Colors): string {
  switch (status) {
    case 'pending':
      return colour.dim('○');
    case 'queued':
      return colour.cyan('◌');
    case 'executing':
      return colour.yellow('◐');
    case 'completed':
      return colour.green('✓');
    case 'failed':
      return colour.red('✗');
    case 'cancelled':
      return colour.yellow('–');
  }
}

/** What it does: `drive speed=1.5 direction=90`. */
export function ticketCommandText({ command, params }: Pick<Ticket, 'command' | 'params'>): string {
  return [command, ...factsOf(params)].join(' ');
}

/** Tickets on a line each, newest first as the gateway lists them. Narrow terminals lose BY, PRIORITY, CREATED, in that order. */
export function ticketsText(tickets: readonly Ticket[], view: View): string {
  if (tickets.length === 0) return view.colour.dim('there are no such tickets\n');
  const { colour, now } = view;
  return fittingTable<Ticket>(
    {
      columns: [
        { head: '', expendable: 0, cell: ({ status }) => ticketGlyph(status, colour) },
        { head: 'ID', expendable: 0, cell: ({ id }) => id },
        { head: 'STATUS', expendable: 0, cell: ({ status }) => status },
        { head: 'PRIORITY', expendable: 2, cell: ({ priority }) => priority },
        { head: 'CREATED', expendable: 3, cell: ({ created_at: at }) => clockText(at, now) },
        { head: 'BY', expendable: 1, cell: ({ actor }) => actor.name },
      ],
      last: {
        head: 'COMMAND',
        text: (ticket) => {
          const why = ticket.error === null ? '' : ` – ${localTimes(ticket.error, now)}`;
          return `${ticketCommandText(ticket)}${ticket.dry_run ? ' (dry run)' : ''}${why}`;
        },
        paint: ({ status }) => (status === 'failed' ? colour.red : (text: string) => text),
      },
      rows: printableData(tickets),
    },
    view,
  );
}

/** Everything of one ticket: what, who, every step and every attempt. */
export function ticketText(given: TicketDetail, { now, colour }: View): string {
  const ticket = printableData(given);
  const fact = (label: string, text: string): string => `  ${colour.dim(label.padEnd(8))} ${text}\n`;
  const metadata = Object.keys(ticket.metadata).length === 0 ? '–' : factsOf(ticket.metadata).join(' ');
  const steps = ticket.transitions.map(({ at, from, to, actor, reason }) => [
    '',
    clockText(at, now),
    from === null ? to : `${from} → ${to}`,
    actor.name,
    localTimes(reason, now),
  ]);
  const attempts = ticket.attempt_list.map((attempt) => [
    '',
    String(attempt.number),
    clockText(attempt.started_at, now),
    attempt.execution_time_ms === null ? '–' : durationText(attempt.execution_time_ms),
    `${ticketGlyph(attempt.status, colour)} ${attempt.status}`,
    localTimes(outcomeText(attempt), now),
  ]);
  const heads = (...words: string[]): string[] => words.map((word) => colour.dim(word));
  return [
    `${ticketGlyph(ticket.status, colour)} ${colour.bold(ticket.id)} ${ticket.status}: ${ticketCommandText(ticket)}\n`,
    fact('by', ticket.actor.name),
    fact('created', momentText(ticket.created_at, now)),
    fact('priority', ticket.priority),
    fact('timeout', durationText(ticket.timeout_seconds * 1000)),
    ...(ticket.dry_run ? [fact('dry run', 'yes: the simulator does it, nothing moves')] : []),
    fact('metadata', metadata),
    ...(ticket.error === null
      ? []
      : [`  ${colour.red('error:')}   ${localTimes(ticket.error, now)} ${codeText(ticket, colour)}\n`]),
    '\n',
    tableText(heads('', 'WHEN', 'STEP', 'BY', 'REASON'), steps),
    ...(attempts.length === 0
      ? []
      : ['\n', tableText(heads('', 'ATTEMPT', 'BEGAN', 'TOOK', 'STATUS', 'OUTCOME'), attempts)]),
  ].join('');
}

/** What an execution came to: one line, and how far it came on the next. */
export function executionText(given: Execution, { now, colour }: View): string {
  const { ticket_id: id, status, result, message, execution_time_ms: ms, ...rest } = printableData(given);
  const time = ms === null ? '' : ` ${colour.dim(`(${durationText(ms)})`)}`;
  const why = status === 'completed' ? '' : `: ${localTimes(message, now)} ${codeText(rest, colour)}`;
  const facts = resultFacts(result);
  const shown = facts.length === 0 ? '' : `  ${facts.join(' · ')}\n`;
  return `${ticketGlyph(status, colour)} ${id} ${status}${time}${why.trimEnd()}\n${shown}`;
}

function codeText({ error_code: code }: Pick<Execution, 'error_code'>, colour: Colors): string {
  return code === null ? '' : colour.dim(`[${code}]`);
}

function outcomeText({ error, result }: TicketAttempt): string {
  const facts = resultFacts(result);
  return [...(error === null ? [] : [error]), ...facts].join(' · ');
}

/** What a result says beyond what was asked for by name. */
function resultFacts(result: Execution['result']): string[] {
  const { operation, ranges, nearest, ...rest } = result ?? {};
  const said = Object.entries(rest).filter(
    ([key]) => key !== 'command' && key !== 'executed' && !(Array.isArray(ranges) && SCAN_FIGURES.has(key)),
  );
  return [
    ...(Array.isArray(ranges) ? [`${String(ranges.length)} rays`, nearestText(nearest)] : []),
    ...(isRecord(operation) && typeof operation['message'] === 'string' ? [operation['message']] : []),
    ...factsOf(Object.fromEntries(said)),
  ];
}

/** What of a scan only a program reads. */
const SCAN_FIGURES: ReadonlySet<string> = new Set(['angle_min', 'angle_increment', 'range_min', 'range_max']);

/** `nearest 5 m at 90°`: metres, and degrees of the scanner. */
function nearestText(nearest: unknown): string {
  const { distance, angle }: Readonly<Record<string, unknown>> = isRecord(nearest) ? nearest : {};
  if (typeof distance !== 'number' || typeof angle !== 'number') return 'nothing seen';
  return `nearest ${String(Math.round(distance * 1000) / 1000)} m at ${String(Math.round((angle * 180) / Math.PI))}°`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `key=value` of what is short enough to be read; the rest is named. */
function factsOf(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([key, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return text.length > 60 ? `${key}=…` : `${key}=${text}`;
  });
}
