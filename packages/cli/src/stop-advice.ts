import type { RoviClient } from '@rovi/client';
import { RoviError } from '@rovi/contract';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { shellCommand } from './hosts/host-transport.js';
import type { Host } from './hosts/inventory.js';
import type { VerbContext } from './verb.js';

/** A stop that failed must not leave anybody looking for another way while the robot moves. */
export function withEmergencyStop(failure: RoviError): RoviError {
  if (/e-stop/i.test(failure.mend) || exitCodeOf(failure.code) === EXIT.usage) return failure;
  return advised(failure, 'Use the e-stop if the robot moves.');
}

/**
 * The same of a stop on another host: what to type there, for this machine does nothing in its place.
 *
 * @param verb the words after `rovictl`.
 */
export function withStopThere(error: unknown, host: Host, verb: string): RoviError {
  const failure = RoviError.from(error);
  if (exitCodeOf(failure.code) === EXIT.usage || exitCodeOf(failure.code) === EXIT.refused) return failure;
  const there = `Nothing was stopped past its gateway: ${shellCommand(host, `sudo rovictl ${verb}`)} stops it there.`;
  return withEmergencyStop(advised(failure, there));
}

/** Milliseconds after which a person who waits for a stop is told so. */
const REMINDER_MS = 3_000;

/** The client for a stop: where there is no way to the host, the person hears at once what does stop the robot. */
export async function clientToStop(context: VerbContext, verb: string): Promise<RoviClient> {
  const host = await context.target();
  const reminder = setTimeout(() => {
    context.terminal.err(
      `rovictl: still waiting for a way to ${host?.name ?? 'the gateway'}\n  mend: Use the e-stop if the robot moves.\n`,
    );
  }, REMINDER_MS);
  try {
    return await context.client();
  } catch (error) {
    throw host === null || !(error instanceof RoviError) ? error : withStopThere(error, host, verb);
  } finally {
    clearTimeout(reminder);
  }
}

function advised(failure: RoviError, advice: string): RoviError {
  return new RoviError(failure.code, failure.message, {
    mend: `${advice} ${failure.mend}`.trim(),
    context: failure.context,
    cause: failure.cause,
  });
}
