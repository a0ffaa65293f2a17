import type { TicketMove } from '@rovi/conductor';
import type {
  Actor,
  Estop,
  Problem,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketQuery,
} from '@rovi/contract';

/** Everything that can be asked of the process of the tickets: what is sent, and what comes back. */
export interface TicketCalls {
  readonly settle: { ask: { readonly at: string; readonly actor: Actor }; answer: readonly Ticket[] };
  readonly create: { ask: { readonly ticket: Ticket }; answer: null };
  readonly move: { ask: { readonly move: TicketMove }; answer: Ticket | null };
  readonly setEstop: { ask: { readonly estop: Estop }; answer: null };
  /** Forgets at most `limit` tickets: a long pause would hold up everything else. */
  readonly prune: {
    ask: { readonly before: string; readonly keep: number; readonly limit: number };
    answer: number;
  };
  readonly read: { ask: { readonly ticket: string }; answer: TicketDetail | null };
  readonly list: {
    ask: { readonly query: TicketQuery };
    answer: { readonly tickets: readonly Ticket[]; readonly total: number };
  };
  readonly counts: { ask: Readonly<Record<never, never>>; answer: TicketCounts };
  readonly estop: { ask: Readonly<Record<never, never>>; answer: Estop };
  /** In the order of their creation, those after the place that the last page named. */
  readonly page: {
    ask: { readonly query: TicketExportQuery; readonly after: number; readonly limit: number };
    answer: { readonly tickets: readonly TicketDetail[]; readonly next: number | null };
  };
}
export type TicketCall = keyof TicketCalls;

/** One JSON object a line on the process's stdin. */
export type TicketRequest = {
  readonly [Call in TicketCall]: { readonly id: number; readonly call: Call } & TicketCalls[Call]['ask'];
}[TicketCall];

/** One JSON object a line on its stdout, in any order. */
export type TicketReply =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly problem: Problem };

/** Those that change something; they are committed before they are answered. */
export const writingCalls: ReadonlySet<TicketCall> = new Set<TicketCall>([
  'settle',
  'create',
  'move',
  'setEstop',
  'prune',
]);

/** The reply that the line is; null where it is none. */
export function replyOf(line: string): TicketReply | null {
  try {
    const reply = JSON.parse(line) as Partial<Record<'id' | 'value' | 'problem', unknown>> | null;
    const { id, problem } = reply ?? {};
    if (typeof id !== 'number') return null;
    return problem === undefined ? { id, value: reply?.value } : { id, problem: problem as Problem };
  } catch {
    return null;
  }
}
