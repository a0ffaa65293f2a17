import type { ErrorCode } from '@rovi/contract';

/**
 * Error code → HTTP status: the one table. It is exhaustive, so a new code fails the build here.
 *
 * | status | says | who acts |
 * | --- | --- | --- |
 * | 400, 404, 408 | the request itself is at fault | the caller |
 * | 401 | over TCP: nobody who may is known to ask | the operator: bring a token |
 * | 403 | polkit, the file mode of the socket, or the role of who asks says no; or another site asks | the admin |
 * | 409 | the robot is in a state that forbids it: held, busy, changed since it was shown, start limit | the operator |
 * | 421 | the robot was asked for by a name that is not its own | the admin: `http.names` |
 * | 429 | too much at once | the caller, later |
 * | 500 | a defect in Rovi or in its installation | the admin |
 * | 502 | Rovi did its part and systemd or the stack failed: the operation's record says how | the operator |
 * | 503 | something this answer needs cannot be reached; the same request may do later | the operator |
 * | 504 | systemd, or a robot of the fleet, did not answer in time; the transition may still end well: read the state | the operator |
 */
const statusByCode: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'not-found': 404,
  'stack-unknown': 404,
  'service-unknown': 404,
  'ticket-unknown': 404,
  'robot-unknown': 404,
  'ticket-invalid': 400,
  'client-too-slow': 408,
  'not-authorized': 403,
  'authorization-required': 403,
  'socket-denied': 403,
  'token-required': 401,
  'token-rejected': 401,
  'role-insufficient': 403,
  'signature-refused': 403,
  'origin-refused': 403,
  'host-refused': 421,
  'too-many-requests': 429,
  'situation-changed': 409,
  'command-expired': 409,
  'stack-busy': 409,
  'service-busy': 409,
  'service-conflict': 409,
  'confirmation-required': 409,
  'scale-refused': 409,
  'command-not-allowed': 403,
  'in-maintenance': 409,
  'ticket-state': 409,
  'ticket-cancelled': 409,
  'ticket-interrupted': 409,
  'estop-active': 409,
  'motion-refused': 409,
  'operation-in-progress': 409,
  'operation-cancelled': 409,
  'start-cancelled': 409,
  'start-limit': 409,
  'gateway-down': 409,
  'lock-lost': 409,
  'unit-missing': 502,
  'unit-masked': 502,
  'start-failed': 502,
  'start-skipped': 502,
  'processes-missing': 502,
  'stop-failed': 502,
  'stop-incomplete': 502,
  'switch-rolled-back': 502,
  'switch-failed': 502,
  'dependency-failed': 502,
  'not-ready': 502,
  'rolling-stopped': 502,
  'motion-lost': 502,
  'scan-failed': 502,
  'tickets-unavailable': 503,
  'motion-unavailable': 503,
  'polkit-unavailable': 503,
  'bus-unavailable': 503,
  'journal-unavailable': 503,
  'fleet-off': 503,
  'fleet-broker-away': 503,
  'robot-offline': 503,
  'gateway-unreachable': 503,
  'host-unreachable': 503,
  'too-many-clients': 503,
  'bus-timeout': 504,
  'ticket-timeout': 504,
  'robot-silent': 504,
  'lock-unavailable': 500,
  'state-unwritable': 500,
  'conductor-running': 500,
  'tokens-unreadable': 500,
  'tokens-missing': 500,
  'address-unavailable': 500,
  'tls-unusable': 500,
  'catalog-unreadable': 500,
  'catalog-invalid': 500,
  'generated-drift': 500,
  // Of rovictl alone: no gateway answers with them.
  'host-untrusted': 500,
  'host-unknown': 500,
  'host-local-only': 500,
  'host-credentials': 500,
  'hosts-invalid': 500,
  internal: 500,
};

/** The HTTP status an error with this code is answered with. */
export function statusOf(code: ErrorCode): number {
  return statusByCode[code];
}
