import type { ErrorCode } from '@rovi/contract';

/** What `rovictl` exits with; documented in `rovictl --help` and docs/rovictl.md. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  denied: 4,
  unreachable: 5,
  catalog: 6,
  drift: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for each exit code, in the order of their numbers. */
export const exitCodeHelp: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'the operation failed'],
  [EXIT.usage, 'the command line was wrong'],
  [EXIT.refused, 'refused: another stack or operation holds the robot'],
  [EXIT.denied, 'not authorised'],
  [EXIT.unreachable, 'gateway, systemd or journal could not be reached'],
  [EXIT.catalog, 'the catalog is unreadable or invalid'],
  [EXIT.drift, 'generated files differ from the catalog, or doctor found faults'],
  [EXIT.interrupted, 'interrupted with Ctrl-C; what was begun on the robot goes on'],
];

const byErrorCode: Readonly<Record<ErrorCode, ExitCode>> = {
  'bad-request': EXIT.usage,
  'not-found': EXIT.usage,
  'stack-unknown': EXIT.usage,
  'stack-busy': EXIT.refused,
  'operation-in-progress': EXIT.refused,
  'situation-changed': EXIT.refused,
  'operation-cancelled': EXIT.failed,
  'token-required': EXIT.denied,
  'token-rejected': EXIT.denied,
  'role-insufficient': EXIT.denied,
  'origin-refused': EXIT.denied,
  'host-refused': EXIT.denied,
  'too-many-requests': EXIT.unreachable,
  'tokens-unreadable': EXIT.failed,
  'tokens-missing': EXIT.failed,
  'address-unavailable': EXIT.failed,
  'tls-unusable': EXIT.failed,
  'not-authorized': EXIT.denied,
  'authorization-required': EXIT.denied,
  'polkit-unavailable': EXIT.denied,
  'socket-denied': EXIT.denied,
  'bus-unavailable': EXIT.unreachable,
  'bus-timeout': EXIT.unreachable,
  'gateway-unreachable': EXIT.unreachable,
  'journal-unavailable': EXIT.unreachable,
  'client-too-slow': EXIT.unreachable,
  'too-many-clients': EXIT.unreachable,
  'gateway-down': EXIT.failed,
  'unit-missing': EXIT.failed,
  'unit-masked': EXIT.failed,
  'start-failed': EXIT.failed,
  'start-skipped': EXIT.failed,
  'start-limit': EXIT.failed,
  'start-cancelled': EXIT.failed,
  'processes-missing': EXIT.failed,
  'lock-lost': EXIT.failed,
  'lock-unavailable': EXIT.failed,
  'stop-failed': EXIT.failed,
  'stop-incomplete': EXIT.failed,
  'switch-rolled-back': EXIT.failed,
  'switch-failed': EXIT.failed,
  'conductor-running': EXIT.failed,
  'catalog-unreadable': EXIT.catalog,
  'catalog-invalid': EXIT.catalog,
  'generated-drift': EXIT.drift,
  internal: EXIT.failed,
};

/** The exit code for an error; a code this build does not know (a newer gateway) counts as a failed operation. */
export function exitCodeOf(code: string): ExitCode {
  return Object.hasOwn(byErrorCode, code) ? byErrorCode[code as ErrorCode] : EXIT.failed;
}
