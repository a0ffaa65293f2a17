import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import { operationSchema, RoviError, type Operation, type OperationKind } from '@rovi/contract';
import { EXIT } from './exit-codes.js';
import { printable } from './problem-context.js';
import { StepProgress } from './step-progress.js';
import type { Terminal } from './terminal.js';
import { endWith, json } from './verb.js';
import { durationText } from './views/moment.js';

/** What to ask of the gateway. */
export interface Request {
  readonly kind: OperationKind;
  /** Null for `stop-all` only. */
  readonly stack: string | null;
  readonly reason: string;
}

/** Milliseconds within which a gateway that is to be trusted with a stop must answer a trivial question. */
const ALIVE_MS = 3_000;

/** The errors after which a stop is worth trying past the gateway. */
const fallbackCodes: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'socket-denied',
  'bus-unavailable',
]);

/**
 * Sends a command, shows its steps while it runs, prints what came of it. Rejects with the gateway's error. Ctrl-C ends
 * only the watching: the operation is the gateway's.
 *
 * @param fallback tried where the gateway does not answer; resolves with one sentence of what it did.
 */
export async function runCommand(
  { terminal, client }: { readonly terminal: Terminal; readonly client: RoviClient },
  request: Request,
  options: { readonly json?: boolean; readonly fallback?: () => Promise<string> },
): Promise<void> {
  const progress = new StepProgress(terminal);
  const over = new AbortController();
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onInterrupt);
  const steps = followSteps(client, request, progress, over.signal);
  try {
    const signal = interrupted.signal;
    const operation = await send(client, request, signal, options.fallback !== undefined);
    progress.update(operation);
    progress.end();
    report(terminal, operation, options.json === true);
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
    if (options.fallback !== undefined && fallbackCodes.has(failure.code)) {
      terminal.err(`rovictl: ${printable(failure.message)}\n  Stopping past the gateway, with systemctl …\n`);
      const done = await options.fallback();
      if (options.json === true) terminal.out(json({ fallback: 'systemctl', message: done }));
      else terminal.out(`${terminal.colour.green('✓')} ${done}\n`);
      return;
    }
    if (operation.success) {
      warn(terminal, operation.data);
      if (options.json === true) terminal.out(json(operation.data));
    }
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    over.abort();
    await steps;
  }
}

async function send(
  client: RoviClient,
  { kind, stack, reason }: Request,
  signal: AbortSignal,
  mustGetThrough: boolean,
): Promise<Operation> {
  const silent = new AbortController();
  const answer = dispatch(
    client,
    { kind, stack: stack ?? '', reason },
    AbortSignal.any([signal, silent.signal]),
  );
  if (!mustGetThrough) return answer;
  // A gateway that hangs accepts the connection and never answers: a stop may not wait for it.
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
  { kind, stack, reason }: { kind: OperationKind; stack: string; reason: string },
  signal: AbortSignal,
): Promise<Operation> {
  switch (kind) {
    case 'start':
      return client.start(stack, { reason, signal });
    case 'stop':
      return client.stop(stack, { reason, signal });
    case 'restart':
      return client.restart(stack, { reason, signal });
    case 'switch':
      return client.switchTo(stack, { reason, signal });
    case 'stop-all':
      return client.stopAll({ reason, signal });
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
  const next =
    kind === 'stop' || kind === 'stop-all'
      ? 'see what becomes of it with `rovictl status --watch`'
      : `stop it with \`rovictl stack stop ${stack ?? ''}\`, watch it with \`rovictl status --watch\``;
  return `rovictl: no longer watching; ${what} goes on in the gateway\n  mend: ${next}\n`;
}
