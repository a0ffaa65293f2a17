import { RoviError } from '@rovi/contract';
import { shellCommand } from './hosts/host-transport.js';
import type { Host } from './hosts/inventory.js';

/** Milliseconds within which a gateway that is to be trusted with a stop answers. */
export const STOP_MS = 5_000;

/** What the API takes as a reason: a stop must not fail for having a longer one. */
export const REASON_CHARACTERS = 500;

const away: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'host-unreachable',
  'host-untrusted',
  'host-credentials',
  'socket-denied',
  'tickets-unavailable',
]);

/**
 * The error of a stop of tickets that may not have got through. There is no way past the gateway for it: nobody else
 * knows what a ticket moves, so the person is told what does stop the robot.
 */
export function withMachineEstop(error: unknown, host: Host | null): unknown {
  const failure = RoviError.from(error);
  if (!away.has(failure.code)) return error;
  const stopAll = host === null ? '`rovictl stop-all`' : shellCommand(host, 'sudo rovictl stop-all');
  return new RoviError(failure.code, failure.message, {
    mend: `Use the e-stop of the machine if the robot moves; ${stopAll} ends every stack, past the gateway if need be. ${failure.mend}`.trim(),
    context: failure.context,
    cause: failure,
  });
}
