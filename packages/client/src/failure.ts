import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RoviError, errorCodeSchema, problemDetailsSchema } from '@rovi/contract';

/** Why nobody answered, in `context.reason` of `gateway-unreachable`. */
export type UnreachableReason = 'no-socket' | 'refused' | 'overloaded' | 'timeout' | 'hung-up' | 'stopping';

const NOT_RUNNING = 'Look with `systemctl status rovi-gateway.service`; stacks that run, run on.';

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

/** The one translation of what `node:http` and `connect(2)` report on the Unix socket at `path`. */
export function connectionFailure(error: unknown, path: string): RoviError {
  if (error instanceof RoviError) return error;
  const code: string = (error as NodeJS.ErrnoException | null)?.code ?? '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return unreachable('no-socket', `the gateway is not running: there is no ${path}`, NOT_RUNNING, error);
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return unreachable(
        'refused',
        `the gateway is not running: nobody listens at ${path}`,
        NOT_RUNNING,
        error,
      );
    case 'EAGAIN':
      return unreachable(
        'overloaded',
        `the gateway has too many connections waiting at ${path}`,
        NOT_RUNNING,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return socketDenied(path, error);
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return unreachable(
        'hung-up',
        `the gateway hung up: ${message}`,
        'A command may still be carried out: read the state before you repeat it.',
        error,
      );
    }
  }
}

/** Whether the socket is there cannot be told: its folder itself is closed to others. */
function socketDenied(path: string, cause: unknown): RoviError {
  const folder = dirname(path);
  const group = groupOf(folder);
  const called =
    group === null
      ? "the operators' group (rovi-ops in the shipped catalog)"
      : `the operators' group (here ${group})`;
  return new RoviError(
    'socket-denied',
    `you may not reach ${path}: this session is not in ${called}; whether the gateway runs cannot be told from here`,
    {
      mend: `An admin runs \`usermod -aG ${group ?? 'GROUP'} USER\`; then log in again, until \`id\` lists the group.`,
      context: { socket: path, group },
      cause,
    },
  );
}

/** The group that a folder belongs to; null where that is not to be had, or is root's, which is nobody's to join. */
function groupOf(folder: string): string | null {
  try {
    const { gid } = statSync(folder);
    if (gid === 0) return null;
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(gid));
    return line?.split(':')[0] ?? null;
  } catch {
    return null;
  }
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
