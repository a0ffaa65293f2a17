import { z } from 'zod';

/** Every error code that Rovi reports; `docs/errors.md` says for each what the operator does about it. */
export const errorCodes = [
  'bad-request',
  'not-found',
  'stack-unknown',
  'stack-busy',
  'operation-in-progress',
  'operation-cancelled',
  'situation-changed',
  'service-unknown',
  'service-busy',
  'service-conflict',
  'confirmation-required',
  'dependency-failed',
  'not-ready',
  'scale-refused',
  'command-not-allowed',
  'rolling-stopped',
  'in-maintenance',
  'ticket-unknown',
  'ticket-invalid',
  'ticket-state',
  'ticket-timeout',
  'ticket-cancelled',
  'ticket-interrupted',
  'tickets-unavailable',
  'estop-active',
  'motion-refused',
  'motion-unavailable',
  'motion-lost',
  'scan-failed',
  'state-unwritable',
  'token-required',
  'token-rejected',
  'role-insufficient',
  'origin-refused',
  'host-refused',
  'too-many-requests',
  'tokens-unreadable',
  'tokens-missing',
  'address-unavailable',
  'tls-unusable',
  'not-authorized',
  'authorization-required',
  'polkit-unavailable',
  'bus-unavailable',
  'bus-timeout',
  'unit-missing',
  'unit-masked',
  'gateway-down',
  'start-failed',
  'start-skipped',
  'start-limit',
  'start-cancelled',
  'processes-missing',
  'lock-lost',
  'lock-unavailable',
  'stop-failed',
  'stop-incomplete',
  'switch-rolled-back',
  'switch-failed',
  'journal-unavailable',
  'conductor-running',
  'client-too-slow',
  'too-many-clients',
  'catalog-unreadable',
  'catalog-invalid',
  'generated-drift',
  'fleet-off',
  'fleet-broker-away',
  'robot-unknown',
  'robot-offline',
  'robot-silent',
  'command-expired',
  'signature-refused',
  'gateway-unreachable',
  'host-unreachable',
  'host-untrusted',
  'host-unknown',
  'host-local-only',
  'host-credentials',
  'hosts-invalid',
  'socket-denied',
  'internal',
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.output<typeof errorCodeSchema>;

/** An error as it crosses a process: what went wrong, in one sentence, and what to do about it. */
export const problemSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  /** What the operator can do next; empty where the message already says all. */
  mend: z.string().default(''),
  /** Facts for machines: the holder of the robot, an exit status, the last journal lines. */
  context: z.record(z.string(), z.unknown()).default({}),
});
export type Problem = z.output<typeof problemSchema>;

export interface RoviErrorOptions {
  readonly mend?: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error base class: a code from {@link errorCodes}, a sentence for people, facts for machines. */
export class RoviError extends Error {
  readonly code: ErrorCode;
  readonly mend: string;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: RoviErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RoviError';
    this.code = code;
    this.mend = options.mend ?? '';
    this.context = options.context ?? {};
  }

  /** The same error in the form that crosses a process. The cause stays behind: it may hold what others must not read. */
  toProblem(): Problem {
    return { code: this.code, message: this.message, mend: this.mend, context: { ...this.context } };
  }

  /** Any thrown value as a RoviError; what is not one already becomes `internal`, with the original as its cause. */
  static from(error: unknown): RoviError {
    if (error instanceof RoviError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new RoviError('internal', message, {
      mend: 'This is a defect in Rovi: please report it with `journalctl -u rovi-gateway`.',
      cause: error,
    });
  }

  /** The error a process on the other side reported. */
  static fromProblem(problem: Problem): RoviError {
    return new RoviError(problem.code, problem.message, { mend: problem.mend, context: problem.context });
  }
}
