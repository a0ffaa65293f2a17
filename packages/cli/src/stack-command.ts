import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import { operationSchema, RoviError, stackUnit, type Operation } from '@rovi/contract';
import { ALIVE_MS, dispatch, isStop, sendStop, stopWords, type Request } from './command-request.js';
import { json, printable } from './control-codes.js';
import { EXIT } from './exit-codes.js';
import { followSteps } from './follow-steps.js';
import type { Host } from './hosts/inventory.js';
import { withEmergencyStop, withStopThere } from './stop-advice.js';
import { StepProgress } from './step-progress.js';
import type { Terminal } from './terminal.js';
import { stopEitherWay, type Stopped } from './stop-either-way.js';
import { endWith } from './verb.js';
import { durationText } from './views/moment.js';

/** Stops past the gateway; resolves with one sentence of what it did. An abort ends the waiting. */
type Fallback = (signal: AbortSignal) => Promise<string>;

/** Who sends a command, and where to. */
export interface Sender {
  readonly terminal: Terminal;
  readonly client: RoviClient;
  /** Null for this machine. */
  readonly host: Host | null;
}

/**
 * Sends a command, shows its steps while it runs, prints what came of it. Rejects with the gateway's error. Ctrl-C ends
 * only the watching, and then the answer is false: the operation is the gateway's.
 *
 * @param options.fallback for a stop on this machine: tried where the gateway does not prove it.
 * @param options.unreachable for a stop: why the gateway is not asked, where it has just been found not to answer.
 */
export async function runCommand(
  { terminal, client, host }: Sender,
  request: Request,
  options: { readonly json?: boolean; readonly fallback?: Fallback; readonly unreachable?: RoviError },
): Promise<boolean> {
  const progress = new StepProgress(terminal);
  const over = new AbortController();
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onInterrupt);
  const steps = followSteps(
    client,
    request,
    (operation) => {
      progress.update(operation);
    },
    over.signal,
  );
  const asJson = options.json === true;
  try {
    const { signal } = interrupted;
    const done =
      options.fallback === undefined
        ? { by: 'gateway' as const, operation: await send({ client, request, progress, host, signal }) }
        : await stop({ ...options, client, request, progress, fallback: options.fallback, signal });
    if (done.by === 'gateway') progress.update(done.operation);
    progress.end();
    if (done.by === 'gateway') report(terminal, done.operation, asJson);
    else if (asJson) terminal.out(json({ fallback: 'systemctl', message: done.message }));
    else terminal.out(`${terminal.colour.green('✓')} ${printable(done.message)}\n`);
    return true;
  } catch (error) {
    if (interrupted.signal.aborted) {
      progress.end();
      terminal.err(interruptText(request, host));
      endWith(EXIT.interrupted);
      return false;
    }
    const failure = RoviError.from(error);
    const operation = operationSchema.safeParse(failure.context['operation']);
    if (operation.success) progress.update(operation.data);
    progress.end();
    if (operation.success) {
      warn(terminal, operation.data);
      if (asJson) terminal.out(json(operation.data));
    }
    if (!isStop(request)) throw error;
    throw host === null ? withEmergencyStop(failure) : withStopThere(failure, host, stopWords(request));
  } finally {
    process.off('SIGINT', onInterrupt);
    over.abort();
    await steps;
  }
}

/** The command by the gateway alone. Whoever waits for a stop hears soon that it is only waited for. */
async function send(way: {
  readonly client: RoviClient;
  readonly request: Request;
  readonly progress: StepProgress;
  readonly host: Host | null;
  readonly signal: AbortSignal;
}): Promise<Operation> {
  const { client, request, progress, host, signal } = way;
  if (!isStop(request)) return dispatch(client, request, signal);
  const reminder = setTimeout(() => {
    const awaited = progress.running ?? `an answer of ${host?.name ?? 'the gateway'}`;
    progress.say(`rovictl: still waiting for ${awaited}\n  mend: Use the e-stop if the robot moves.\n`);
  }, ALIVE_MS);
  try {
    return await sendStop(client, request, { signal, alone: true });
  } finally {
    clearTimeout(reminder);
  }
}

/** The stop by the gateway or past it, whichever proves it. Nothing of the other is waited for. */
async function stop(way: {
  readonly client: RoviClient;
  readonly request: Request;
  readonly progress: StepProgress;
  readonly fallback: Fallback;
  readonly unreachable?: RoviError;
  readonly signal: AbortSignal;
}): Promise<Stopped> {
  const { client, request, progress, fallback, unreachable } = way;
  const settled = new AbortController();
  const signal = AbortSignal.any([way.signal, settled.signal]);
  const asRoot =
    request.service !== undefined
      ? `sudo rovictl service stop ${request.service}`
      : request.stack !== null
        ? `sudo systemctl stop ${stackUnit(request.stack)}`
        : 'sudo rovictl stop-all';
  try {
    return await stopEitherWay({
      gateway:
        unreachable === undefined
          ? sendStop(client, request, { signal, alone: false })
          : Promise.reject(unreachable),
      systemctl: () => fallback(signal),
      root: process.getuid?.() === 0,
      say: (text) => {
        progress.say(text);
      },
      awaited: () => (progress.running === null ? 'the gateway' : `the gateway: ${progress.running}`),
      advice: `Use the e-stop if the robot moves. Root needs no polkit: \`${asRoot}\``,
      signal: way.signal,
    });
  } finally {
    settled.abort();
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

function interruptText({ kind, stack, service }: Request, host: Host | null): string {
  const rovictl = host === null ? 'rovictl' : `rovictl --host ${host.name}`;
  const target = stack ?? service;
  const what = target === undefined ? kind : `the ${kind} of ${target}`;
  if (kind === 'stop' || kind === 'stop-all') {
    return (
      `rovictl: no longer watching; ${what} goes on where it was accepted\n` +
      `  mend: Use the e-stop if the robot moves. See what becomes of it with \`${rovictl} status --watch\`\n`
    );
  }
  const next = `stop it with \`${rovictl} ${stack === null ? 'service' : 'stack'} stop ${target ?? ''}\`, watch it with \`${rovictl} status --watch\``;
  return `rovictl: no longer watching; ${what} goes on in the gateway\n  mend: ${next}\n`;
}
