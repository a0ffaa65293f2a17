import type { AuditLog } from '@rovi/conductor';
import { isAudited } from '@rovi/conductor';
import { HEADERS, RoviError, actorFaceSchema } from '@rovi/contract';
import type { Actor } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import { faultOf } from '../fault.js';
import { callerOf, originOf } from './caller.js';

/** Refusals written down in a row, and how many more each second: a flood of them must not push the rest out of the journal. */
const BURST = 50;
const PER_SECOND = 1;

/** Writes down the commands that were refused before the conductor heard of them. */
export class RefusalAudit {
  readonly #audit: AuditLog;
  #left = BURST;
  #at = performance.now();
  #omitted = 0;

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  /** Notes that a request for a command was refused, unless the conductor has noted that, or how it ended. Never throws. */
  record(request: FastifyRequest, command: string, thrown: unknown): void {
    const error = RoviError.from(thrown);
    if (isAudited(thrown) || 'operation' in error.context) return;
    const now = performance.now();
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) {
      this.#omitted += 1;
      return;
    }
    this.#left -= 1;
    const { code, message } = faultOf(thrown);
    const caller = callerOf(request);
    const { name, id } = request.params as { name?: string; id?: string };
    const more =
      this.#omitted === 0 ? '' : ` (${String(this.#omitted)} more refusals before it are not listed)`;
    this.#omitted = 0;
    this.#audit.record({
      at: new Date().toISOString(),
      decision: 'refused',
      command,
      target: (name ?? id)?.slice(0, 100) ?? null,
      actor: { name: caller?.name ?? 'unknown', face: faceOf(request), verified: caller?.name != null },
      origin: originOf(request),
      reason: '',
      operation: null,
      outcome: null,
      code,
      message: `${message}${more}`,
    });
  }
}

/** What the client says it is; a header that is none says nothing. */
function faceOf({ headers }: FastifyRequest): Actor['face'] {
  const face = actorFaceSchema.safeParse(headers[HEADERS.face]);
  return face.success ? face.data : 'http';
}
