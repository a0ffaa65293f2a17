import { setTimeout as delay } from 'node:timers/promises';
import type { Transport, TransportAnswer, TransportRequest, TransportStream } from '@rovi/client';
import { RoviError } from '@rovi/contract';
import type { Host } from './inventory.js';

/** Milliseconds between looks at whether the host is still there, while a command is waited for. */
const LOOK_MS = 5_000;
/** Looks in a row that must fail before the host counts as lost. */
const LOOKS = 2;

/**
 * The way to another host, for its errors: each names the host, and one of a command that may have arrived says that
 * its outcome is not known. A command that is waited for ends when the host is lost, not when its own deadline passes.
 */
export class HostTransport implements Transport {
  readonly #host: Host;
  readonly #inner: Transport;

  constructor(host: Host, inner: Transport) {
    this.#host = host;
    this.#inner = inner;
  }

  async call(request: TransportRequest): Promise<TransportAnswer> {
    const lost = new AbortController();
    const over = new AbortController();
    try {
      if (request.method === 'GET' || request.timeoutMs <= 2 * LOOK_MS * LOOKS) {
        return await this.#inner.call(request);
      }
      void this.#watch(lost, over.signal);
      const signals = request.signal === undefined ? [lost.signal] : [request.signal, lost.signal];
      return await this.#inner.call({ ...request, signal: AbortSignal.any(signals) });
    } catch (error) {
      throw this.#told(error, request);
    } finally {
      over.abort();
    }
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    try {
      const stream = await this.#inner.stream(request);
      return { ...stream, chunks: this.#pieces(stream.chunks, request) };
    } catch (error) {
      throw this.#told(error, request);
    }
  }

  async *#pieces(chunks: AsyncIterable<string>, request: TransportRequest): AsyncGenerator<string> {
    try {
      yield* chunks;
    } catch (error) {
      throw this.#told(error, request);
    }
  }

  /** Any answer counts, whatever it says. */
  async #watch(lost: AbortController, signal: AbortSignal): Promise<void> {
    let failures = 0;
    let why: unknown;
    while (failures < LOOKS) {
      try {
        await delay(LOOK_MS, undefined, { signal });
        await this.#inner.call({ method: 'GET', path: '/api/health', timeoutMs: LOOK_MS, signal });
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        why = error;
      }
    }
    const context = { reason: 'timeout' };
    lost.abort(new RoviError('gateway-unreachable', RoviError.from(why).message, { context, cause: why }));
  }

  #told(error: unknown, { method }: TransportRequest): unknown {
    if (!(error instanceof RoviError) || !ofTheWay.has(error.code)) return error;
    const { name } = this.#host;
    const { code, context, cause } = error;
    const maySent = method === 'POST' && ['hung-up', 'timeout', 'lost'].includes(String(context['reason']));
    const message = `${name}: ${error.message}`;
    if (!maySent) {
      const mend = code === 'gateway-unreachable' ? deadGatewayMend(this.#host) : error.mend;
      return new RoviError(code, message, { mend, context: { ...context, host: name }, cause });
    }
    return new RoviError(code, `${message}; whether the command was carried out is not known`, {
      mend: `Look before you repeat it: \`rovictl --host ${name} status\`, and \`rovictl --host ${name} operations\` for what came of it.`,
      context: { ...context, host: name, outcome: 'unknown' },
      cause,
    });
  }
}

const ofTheWay: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'socket-denied',
  'host-unreachable',
  'host-untrusted',
  'host-credentials',
]);

/** What to do about a gateway that does not answer on a host that does. */
function deadGatewayMend(host: Host): string {
  const look = shellCommand(host, 'systemctl status rovi-gateway.service');
  return `Stacks that run, run on. Look with ${look}; this machine does nothing in its place.`;
}

/** What to type to have this done on the host itself, as words for a person. */
export function shellCommand({ name, address }: Host, command: string): string {
  if (address.kind !== 'ssh') return `\`${command}\` on ${name} itself`;
  const port = address.port === null ? '' : `-p ${String(address.port)} `;
  const user = address.user === null ? '' : `${address.user}@`;
  return `\`ssh ${port}${user}${address.host} ${command}\``;
}
