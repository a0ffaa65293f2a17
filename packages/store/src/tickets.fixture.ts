import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TicketMove } from '@rovi/conductor';
import type { Actor, Ticket } from '@rovi/contract';
import { SqliteTicketStore } from './sqlite-ticket-store.js';

/** The process of the tickets as it is installed: `npm run build` bundles it. */
export const ticketCommand = [process.execPath, join(import.meta.dirname, '../../../dist/rovi-tickets.mjs')];

export const actor: Actor = { name: 'olga', face: 'cli', verified: true };

/** The time `seconds` after a moment in the past. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();

export const idOf = (number: number): string => `tick-20260301-${number.toString(16).padStart(8, '0')}`;

/** A ticket as the desk would create it. */
export function ticket(number: number, changes: Partial<Ticket> = {}): Ticket {
  return {
    id: idOf(number),
    command: 'drive',
    params: { speed: 1.5, direction: 90, duration_seconds: 10 },
    priority: 'normal',
    status: 'pending',
    timeout_seconds: 30,
    metadata: { operator: 'user-001', note: 'grün\nund "blau"' },
    created_at: at(number),
    updated_at: at(number),
    started_at: null,
    completed_at: null,
    result: null,
    error: null,
    error_code: null,
    dry_run: false,
    actor,
    attempts: 0,
    ...changes,
  };
}

/** A step of ticket `number`, at that many seconds. */
export function move(
  number: number,
  from: TicketMove['from'][number],
  to: TicketMove['to'],
  changes: Partial<TicketMove> = {},
): TicketMove {
  return { id: idOf(number), from: [from], to, at: at(1000 + number), actor, reason: '', ...changes };
}

/** What an attempt that went well came to. */
export const done = {
  result: { distance_traveled: 15 },
  error: null,
  errorCode: null,
  executionTimeMs: 234.5,
} as const;

/** A store, and what it warned of. */
export function storeAt(path: string, deadline?: number, command: readonly string[] = ticketCommand) {
  const warnings: string[] = [];
  const logger = {
    warn: (fields: Readonly<Record<string, unknown>>, message: string) =>
      void warnings.push(`${message}: ${String(fields['how'])}`),
  };
  const store = new SqliteTicketStore({
    command,
    path,
    logger,
    ...(deadline === undefined ? {} : { deadline }),
  });
  return { store, warnings };
}

/** The processes that have this path as their argument. */
export function processesOf(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(path);
      } catch {
        return false;
      }
    })
    .map(Number);
}
