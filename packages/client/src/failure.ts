import { RoviError, errorCodeSchema, problemDetailsSchema } from '@rovi/contract';

/** Why nobody answered, in `context.reason` of `gateway-unreachable`. */
export type UnreachableReason = 'no-socket' | 'refused' | 'overloaded' | 'timeout' | 'hung-up' | 'stopping';

/** `gateway-unreachable` with the reason as a word. */
export function unreachable(
  reason: UnreachableReason,
  message: string,
  mend: string,
  cause?: unknown,
): RoviError {
  return new RoviError('gateway-unreachable', message, { mend, context: { reason }, cause });
}

/** The answer did not come in time. What was commanded may have been done all the same. */
export function timedOut(what: string, ms: number): RoviError {
  return unreachable(
    'timeout',
    `the gateway did not answer ${what} within ${ms / 1000} s`,
    'A command may still be carried out: read the state before you repeat it.',
  );
}

/** An answer that is none of a Rovi gateway as this program knows it. */
export function foreignAnswer(what: string, why: string, cause?: unknown): RoviError {
  return new RoviError('internal', `the answer to ${what} is not one this program understands: ${why}`, {
    mend: 'Gateway and program are of different versions, or another program has the socket: install both from the same build.',
    cause,
  });
}

/** The error that the server reported. A code of a newer gateway becomes `internal`, and is kept as `context.foreign_code`. */
export function reportedError(what: string, status: number, body: string): RoviError {
  const details = problemDetailsSchema.safeParse(jsonOf(body));
  if (!details.success)
    return foreignAnswer(what, `status ${status} without a problem document`, details.error);
  const { code, detail, mend, context } = details.data;
  const known = errorCodeSchema.safeParse(code);
  return known.success
    ? new RoviError(known.data, detail, { mend, context })
    : new RoviError('internal', detail, { mend, context: { ...context, foreign_code: code } });
}

/** The text as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
