import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import { operationSchema, RoviError, stackUnit, type Operation, type OperationKind } from '@rovi/contract';
import { json, printable } from './control-codes.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { StepProgress } from './step-progress.js';
import type { Terminal } from './terminal.js';
import { stopEitherWay, type Stopped } from './stop-either-way.js';
import { endWith } from './verb.js';
import { durationText } from './views/moment.js';

/** What to ask of the gateway. */
export interface Request {
  readonly kind: OperationKind;
  /** Null for `stop-all` only. */
  readonly stack: string | null;
  readonly reason: string;
  /** The token of the impact that was said yes to. */
  readonly confirm?: string;
}

/** Milliseconds within which a gateway that is to be trusted with a stop must answer a trivial question. */
const ALIVE_MS = 3_000;

/** What the API takes as a reason: a stop must not fail for having a longer one. */
const REASON_CHARACTERS = 500;

/** Stops past the gateway; resolves with one sentence of what it did. An abort ends the waiting. */
type Fallback = (signal: AbortSignal) => Promise<string>;

/**
 * Sends a command, shows its steps while it runs, prints what came of it. Rejects with the gateway's error. Ctrl-C ends
 * only the watching: the operation is the gateway's.
 *
 * @param options.fallback for a stop: tried where the gateway does not prove it.
 */
export async function runCommand(
  { terminal, client }: { readonly terminal: Terminal; readonly client: RoviClient },
  request: Request,
  options: { readonly json?: boolean; readonly fallback?: Fallback },
): Promise<void> {
  const progress = new StepProgress(terminal);
  const over = new AbortController();
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onInterrupt);
  const steps = followSteps(client, request, progress, over.signal);
  const asJson = options.json === true;
  try {
    const { signal } = interrupted;
    const done =
      options.fallback === undefined
        ? { by: 'gateway' as const, operation: await dispatch(client, request, signal) }
        : await stop({ client, request, progress, fallback: options.fallback, signal });
    if (done.by === 'gateway') progress.update(done.operation);
    progress.end();
    if (done.by === 'gateway') report(terminal, done.operation, asJson);
    else if (asJson) terminal.out(json({ fallback: 'systemctl', message: done.message }));
    else terminal.out(`${terminal.colour.green('✓')} ${printable(done.message)}\n`);
  } catch (error) {
    if (interrupted.signal.aborted) {
      progress.end();
      terminal.err(interruptText(request));
      endWith(EXIT.interrupted);
      return;
    }
    const failure = RoviError.from(error);
    const operation = operationSchema.safeParse(failure.context['operation']);
    if (operation.success) progress.update(operation.data);
    progress.end();
    if (operation.success) {
      warn(terminal, operation.data);
      if (asJson) terminal.out(json(operation.data));
    }
    throw options.fallback === undefined ? error : withEmergencyStop(failure);
  } finally {
    process.off('SIGINT', onInterrupt);
    over.abort();
    await steps;
  }
}

/** The stop by the gateway or past it, whichever proves it. Nothing of the other is waited for. */
async function stop(way: {
  readonly client: RoviClient;
  readonly request: Request;
  readonly progress: StepProgress;
  readonly fallback: Fallback;
  readonly signal: AbortSignal;
}): Promise<Stopped> {
  const { client, request, progress, fallback } = way;
  const settled = new AbortController();
  const signal = AbortSignal.any([way.signal, settled.signal]);
  const stack = request.stack;
  const asRoot =
    stack === null
      ? 'Root needs no polkit: `sudo rovictl stop-all`'
      : `Root needs no polkit: \`sudo systemctl stop ${stackUnit(stack)}\``;
  try {
    return await stopEitherWay({
      gateway: sendStop(client, request, signal),
      systemctl: () => fallback(signal),
      root: process.getuid?.() === 0,
      say: (text) => {
        progress.say(text);
      },
      awaited: () => (progress.running === null ? 'the gateway' : `the gateway: ${progress.running}`),
      advice: `Use the e-stop if the robot moves. ${asRoot}`,
      signal: way.signal,
    });
  } finally {
    settled.abort();
  }
}

/** A stop that failed must not leave anybody looking for another way while the robot moves. */
function withEmergencyStop(failure: RoviError): RoviError {
  if (/e-stop/i.test(failure.mend) || exitCodeOf(failure.code) === EXIT.usage) return failure;
  return new RoviError(failure.code, failure.message, {
    mend: `Use the e-stop if the robot moves. ${failure.mend}`.trim(),
    context: failure.context,
    cause: failure.cause,
  });
}

/** Rejects with `gateway-unreachable` for a gateway that hangs: it accepts the connection and never answers. */
async function sendStop(client: RoviClient, request: Request, signal: AbortSignal): Promise<Operation> {
  const silent = new AbortController();
  const reason = request.reason.slice(0, REASON_CHARACTERS);
  const answer = dispatch(client, { ...request, reason }, AbortSignal.any([signal, silent.signal]));
  const alive = client.health({ signal: AbortSignal.any([signal, AbortSignal.timeout(ALIVE_MS)]) });
  const first = await Promise.race([
    answer.then(() => 'answered' as const),
    alive.then(
      () => 'alive' as const,
      (error: unknown) => (isTimeout(error) ? ('silent' as const) : ('failed' as const)),
    ),
  ]);
  if (first !== 'silent' || signal.aborted) return answer;
  answer.catch(() => undefined);
  silent.abort();
  throw new RoviError(
    'gateway-unreachable',
    `the gateway does not answer (waited ${String(ALIVE_MS / 1000)} s)`,
    {
      mend: 'An admin looks at `systemctl status rovi-gateway.service`.',
    },
  );
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function dispatch(
  client: RoviClient,
  { kind, stack: named, reason, confirm }: Request,
  signal: AbortSignal,
): Promise<Operation> {
  const stack = named ?? '';
  const options = { reason, signal, ...(confirm === undefined ? {} : { confirm }) };
  switch (kind) {
    case 'start':
      return client.start(stack, options);
    case 'stop':
      return client.stop(stack, options);
    case 'restart':
      return client.restart(stack, options);
    case 'switch':
      return client.switchTo(stack, options);
    case 'stop-all':
      return client.stopAll(options);
  }
}

/** Shows steps as the event stream tells of them. That stream is a comfort: its errors are nobody's concern here. */
async function followSteps(
  client: RoviClient,
  request: Request,
  progress: StepProgress,
  signal: AbortSignal,
): Promise<void> {
  let id: string | null = null;
  const look = (operation: Operation | null): void => {
    if (operation === null || operation.kind !== request.kind || operation.stack !== request.stack) return;
    // A record of the same kind that has ended is an earlier one, unless its beginning was seen here.
    if (operation.outcome === 'running') id ??= operation.id;
    if (operation.id === id && !signal.aborted) progress.update(operation);
  };
  try {
    for await (const event of client.events({ signal })) {
      if (event.type === 'snapshot') look(event.snapshot.operation);
      if (event.type === 'operation') look(event.operation);
    }
  } catch {
    // The command's own answer says what went wrong.
  }
}

function report(terminal: Terminal, operation: Operation, asJson: boolean): void {
  warn(terminal, operation);
  if (asJson) {
    terminal.out(json(operation));
    return;
  }
  const time =
    operation.duration_ms === null
      ? ''
      : ` ${terminal.colour.dim(`(${durationText(operation.duration_ms)})`)}`;
  terminal.out(`${terminal.colour.green('✓')} ${printable(operation.message)}${time}\n`);
}

function warn(terminal: Terminal, operation: Operation): void {
  for (const warning of operation.warnings) {
    terminal.err(`${terminal.errColour.yellow('warning:')} ${printable(warning)}\n`);
  }
}

function interruptText({ kind, stack }: Request): string {
  const what = stack === null ? kind : `the ${kind} of ${stack}`;
  if (kind === 'stop' || kind === 'stop-all') {
    return (
      `rovictl: no longer watching; ${what} goes on where it was accepted\n` +
      '  mend: Use the e-stop if the robot moves. See what becomes of it with `rovictl status --watch`\n'
    );
  }
  const next = `stop it with \`rovictl stack stop ${stack ?? ''}\`, watch it with \`rovictl status --watch\``;
  return `rovictl: no longer watching; ${what} goes on in the gateway\n  mend: ${next}\n`;
}
