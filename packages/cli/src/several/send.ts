import { operationSchema, RoviError, type Operation } from '@rovi/contract';
import type { RoviClient } from '@rovi/client';
import { dispatch, isStop, sendStop, stopWords, type Request } from '../command-request.js';
import { followSteps } from '../follow-steps.js';
import type { Target } from '../hosts/target-expression.js';
import { withEmergencyStop, withStopThere } from '../stop-advice.js';
import { durationText } from '../views/moment.js';
import type { HostLines } from './host-lines.js';
import { failedOutcome, type HostOutcome } from './host-outcome.js';

/** Milliseconds after which whoever waits for a stop is told so. */
const REMINDER_MS = 3_000;
/** Milliseconds that a robot has for its name, once it has done what matters. */
const NAME_MS = 2_000;

/** A command for one of several robots. */
export interface Sending {
  readonly target: Target;
  /** The way there; opened here where it is not open yet. */
  readonly client: () => Promise<RoviClient>;
  readonly request: Request;
  /** What the robot calls itself; null where that is not known yet. */
  readonly robot: string | null;
  /** The record of the command, where it has been carried out before: nothing is sent then. */
  readonly already?: Operation;
  /** What must hold afterwards; rejects where it does not. `tell` says what is waited for. */
  readonly prove?: (client: RoviClient, tell: (text: string) => void) => Promise<void>;
}

/** What a stop that ends without an answer does for whoever waits: a person must hear what else stops the robot. */
function reminded(lines: HostLines, name: string): NodeJS.Timeout {
  return setTimeout(() => {
    lines.say(`rovictl: still waiting for ${name}\n  mend: Use the e-stop if the robot moves.\n`);
  }, REMINDER_MS);
}

/** Sends it and waits for its end, its steps on the host's line. Never rejects. An abort ends the waiting alone. */
export async function sendTo(sending: Sending, lines: HostLines, signal: AbortSignal): Promise<HostOutcome> {
  const { target, request } = sending;
  const { name } = target;
  const over = new AbortController();
  const stops = isStop(request);
  const reminder = stops ? reminded(lines, name) : undefined;
  lines.begin(name, 'connects');
  let steps: Promise<void> | null = null;
  let carriedOut: Operation | null = null;
  try {
    const client = await orAborted(sending.client(), signal);
    const tell = (text: string): void => {
      lines.update(name, text);
    };
    tell('is sent the command');
    const show = (one: Operation): void => {
      const running = one.steps.find(({ duration_ms: took }) => took === null);
      if (running !== undefined && carriedOut === null) tell(running.text);
    };
    if (sending.already === undefined) steps = followSteps(client, request, show, over.signal);
    const operation = sending.already ?? (await orAborted(carryOut(client, request, signal), signal));
    carriedOut = operation;
    if (sending.prove !== undefined) await orAborted(sending.prove(client, tell), signal);
    const message = doneText(operation);
    lines.end(name, 'done', message);
    const robot = sending.robot ?? (await nameOf(client));
    return { host: name, robot, outcome: 'succeeded', message, operation, problem: null };
  } catch (error) {
    if (signal.aborted) {
      const message = 'no longer watched: what was begun there goes on';
      lines.end(name, 'open', message);
      return {
        host: name,
        robot: sending.robot,
        outcome: 'watched-no-more',
        message,
        operation: null,
        problem: null,
      };
    }
    const outcome = failure(error, sending, carriedOut);
    lines.end(name, outcome.outcome === 'unknown' ? 'open' : 'failed', outcome.problem?.code ?? '');
    return outcome;
  } finally {
    clearTimeout(reminder);
    over.abort();
    await steps;
  }
}

/** What a succeeded command came to, and how long it took. */
export function doneText({ message, duration_ms: took }: Operation): string {
  return took === null ? message : `${message} (${durationText(took)})`;
}

function carryOut(client: RoviClient, request: Request, signal: AbortSignal): Promise<Operation> {
  return isStop(request)
    ? sendStop(client, request, { signal, alone: true })
    : dispatch(client, request, signal);
}

function failure(
  error: unknown,
  { target, request, robot }: Sending,
  carriedOut: Operation | null,
): HostOutcome {
  const plain = RoviError.from(error);
  const told = !isStop(request)
    ? plain
    : target.host === null
      ? withEmergencyStop(plain)
      : withStopThere(plain, target.host, stopWords(request));
  // The record stands beside the problem.
  const { operation: found, ...context } = RoviError.from(told).context;
  const operation = operationSchema.safeParse(found);
  const outcome = failedOutcome(target.name, robot, { ...RoviError.from(told).toProblem(), context });
  return { ...outcome, operation: operation.success ? operation.data : carriedOut };
}

function nameOf(client: RoviClient): Promise<string | null> {
  return client.state({ timeout: NAME_MS }).then(
    ({ robot }) => robot,
    () => null,
  );
}

/** The answer, or the abort, whichever is first. */
export function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  answer.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const give = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) return give();
    signal.addEventListener('abort', give, { once: true });
    answer.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', give);
    });
  });
}
