import type { AuditEntry, Operation } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { AuditLog } from './ports/audit-log.js';
import type { Command, ConductorApi, Request } from './ports/conductor-api.js';

const recorded = new WeakSet<object>();

/** Whether a refusal is in the audit already: a face that reports it need not write it down. */
export function isAudited(error: unknown): boolean {
  return typeof error === 'object' && error !== null && recorded.has(error);
}

/** What of an entry is the same in all entries of one command. */
function aboutOf({ kind, stack, service, actor, origin, reason }: Command) {
  return { command: kind, target: stack ?? service ?? null, actor, origin, reason };
}

/**
 * Runs a command and writes down that it was accepted or refused, and later how it ended. A command that joins an
 * operation under way has its own entries: two people asked.
 */
export function audited(
  command: Command,
  log: AuditLog,
  now: () => string,
  run: () => ReturnType<ConductorApi['command']>,
): ReturnType<ConductorApi['command']> {
  const about = aboutOf(command);
  let accepted: ReturnType<ConductorApi['command']>;
  try {
    accepted = run();
  } catch (error) {
    const { code, message } = RoviError.from(error);
    const none = { operation: null, outcome: null };
    log.record({ ...about, ...none, at: now(), decision: 'refused', code, message });
    if (typeof error === 'object' && error !== null) recorded.add(error);
    throw error;
  }
  const { operation } = accepted;
  log.record({
    ...about,
    at: now(),
    decision: 'accepted',
    operation: operation.id,
    outcome: operation.outcome,
    code: null,
    message: operation.message,
  });
  void accepted.finished.then((ended) => log.record({ ...about, ...endOf(ended), at: now() }));
  return accepted;
}

/** What is written down of a request that is no operation of units. */
export interface AuditedRequest {
  /** `reload`, `recover`, `maintain`, … */
  readonly command: string;
  readonly target: string | null;
  readonly request: Request;
}

/** Does `work` and writes down how it ended: accepted or refused, never both. Rejects as `work` does. */
export async function auditedRequest<T>(
  { command, target, request }: AuditedRequest,
  to: { readonly log: AuditLog; readonly now: () => string; readonly message: (result: T) => string },
  work: () => Promise<T>,
): Promise<T> {
  const { actor, origin, reason } = request;
  const about = { command, target, actor, origin, reason, operation: null, outcome: null };
  try {
    const result = await work();
    to.log.record({ ...about, at: to.now(), decision: 'accepted', code: null, message: to.message(result) });
    return result;
  } catch (error) {
    const { code, message } = RoviError.from(error);
    to.log.record({ ...about, at: to.now(), decision: 'refused', code, message });
    if (typeof error === 'object' && error !== null) recorded.add(error);
    throw error;
  }
}

/** The same of what is decided at once; `message` says what was asked for, and comes before why it was refused. */
export function auditedNow<T>(
  { command, target, request }: AuditedRequest,
  to: { readonly log: AuditLog; readonly now: () => string; readonly message: string },
  decide: () => T,
): T {
  const { actor, origin, reason } = request;
  const about = { command, target, actor, origin, reason, operation: null, outcome: null };
  try {
    const result = decide();
    to.log.record({ ...about, at: to.now(), decision: 'accepted', code: null, message: to.message });
    return result;
  } catch (error) {
    const { code, message } = RoviError.from(error);
    to.log.record({
      ...about,
      at: to.now(),
      decision: 'refused',
      code,
      message: `${to.message}: ${message}`,
    });
    if (typeof error === 'object' && error !== null) recorded.add(error);
    throw error;
  }
}

function endOf({
  id,
  outcome,
  problem,
  message,
}: Operation): Omit<AuditEntry, keyof ReturnType<typeof aboutOf> | 'at'> {
  return { decision: 'ended', operation: id, outcome, code: problem?.code ?? null, message };
}
