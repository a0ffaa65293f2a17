import type { CommandOptions, RoviClient } from '@rovi/client';
import { RoviError, type Operation, type OperationKind } from '@rovi/contract';
import { UsageError } from './verb.js';

/** What to ask of the gateway. */
export interface Request {
  readonly kind: OperationKind;
  /** Null for `stop-all`, and for a service. */
  readonly stack: string | null;
  /** Of a service, its name. */
  readonly service?: string;
  /** restart of a service: what ran and requires it is started again. */
  readonly cascade?: boolean;
  /** scale: how many. */
  readonly instances?: number;
  readonly reason: string;
  /** The token of the impact that was said yes to. */
  readonly confirm?: string;
}

/** Milliseconds within which a gateway that is to be trusted with a stop must answer a trivial question. */
export const ALIVE_MS = 3_000;

/** The same over a network: longer than a connection may take, for there is no other way past that gateway from here. */
const REMOTE_ALIVE_MS = 12_000;

/** What the API takes as a reason: a stop must not fail for having a longer one. */
const REASON_CHARACTERS = 500;

/** Whether it ends something: such a command must get through, or somebody hear that it did not. */
export function isStop({ kind }: Request): boolean {
  return kind === 'stop' || kind === 'stop-all';
}

/** A stop's words after `rovictl`. */
export function stopWords({ kind, stack, service }: Request): string {
  if (kind === 'stop-all') return kind;
  return stack === null ? `service stop ${service ?? ''}` : `stack stop ${stack}`;
}

/**
 * Rejects with `gateway-unreachable` for a gateway that hangs: it accepts the connection and never answers. `alone`: there is
 * no other way to stop from here.
 */
export async function sendStop(
  client: RoviClient,
  request: Request,
  { signal, alone }: { readonly signal: AbortSignal; readonly alone: boolean },
): Promise<Operation> {
  const aliveMs = alone ? REMOTE_ALIVE_MS : ALIVE_MS;
  const silent = new AbortController();
  const reason = request.reason.slice(0, REASON_CHARACTERS);
  const answer = dispatch(client, { ...request, reason }, AbortSignal.any([signal, silent.signal]));
  const alive = client.health({ signal, timeout: aliveMs });
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
    `the gateway does not answer (waited ${String(aliveMs / 1000)} s)${alone ? '; whether it carries out the stop is not known' : ''}`,
    {
      mend: 'An admin looks at `systemctl status rovi-gateway.service`.',
    },
  );
}

function isTimeout(error: unknown): boolean {
  return error instanceof RoviError && error.context['reason'] === 'timeout';
}

/** Sends it, and waits for its end. Rejects with the gateway's error. */
export function dispatch(client: RoviClient, request: Request, signal: AbortSignal): Promise<Operation> {
  const { kind, reason, confirm, service } = request;
  const stack = request.stack ?? '';
  const options = { reason, signal, ...(confirm === undefined ? {} : { confirm }) };
  if (service !== undefined) return dispatchToService(client, service, request, options);
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
    case 'scale':
    case 'rolling-restart':
      return Promise.reject(new UsageError(`${kind} is for services`));
  }
}

function dispatchToService(
  client: RoviClient,
  service: string,
  { kind, cascade = false, instances = 0 }: Request,
  options: CommandOptions,
): Promise<Operation> {
  switch (kind) {
    case 'start':
      return client.startService(service, options);
    case 'stop':
      return client.stopService(service, options);
    case 'restart':
      return client.restartService(service, { ...options, cascade });
    case 'rolling-restart':
      return client.restartService(service, { ...options, rolling: true });
    case 'scale':
      return client.scaleService(service, instances, options);
    case 'switch':
    case 'stop-all':
      return Promise.reject(new UsageError(`${kind} is for stacks`));
  }
}
