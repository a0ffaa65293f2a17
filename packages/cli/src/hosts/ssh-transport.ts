import { setTimeout as delay } from 'node:timers/promises';
import type { Transport, TransportAnswer, TransportRequest, TransportStream } from '@rovi/client';
import { unreachable, UnixSocketTransport } from '@rovi/client';
import { PATHS, RoviError } from '@rovi/contract';
import { forwardFailure, lastWords } from './ssh-failure.js';
import { SshTunnel, type SshAddress } from './ssh-tunnel.js';

/** Milliseconds that ssh gets to say why a connection through it ended. */
const SETTLE_MS = 400;
/** Milliseconds for the look before a command. */
const LOOK_MS = 3_000;

/** A gateway behind sshd. The way is opened with the first request, and again where it was lost. */
export class SshTransport implements Transport {
  readonly #address: SshAddress;
  readonly #socket: string;
  readonly #tunnel: SshTunnel;

  constructor(address: SshAddress, socket: string | undefined, mayAsk: boolean) {
    this.#address = address;
    this.#socket = socket ?? PATHS.socket;
    this.#tunnel = new SshTunnel(address, this.#socket, mayAsk);
  }

  /** Opens the way. Rejects where there is none. */
  async connect(): Promise<void> {
    await this.#tunnel.socket();
  }

  async call(request: TransportRequest): Promise<TransportAnswer> {
    const transport = new UnixSocketTransport(await this.#tunnel.socket());
    // ssh takes a connection before it knows whether it leads anywhere: a command must not be sent into nothing, for
    // then nobody could say whether it arrived.
    if (request.method === 'POST') await this.#look(transport, request.signal);
    const before = this.#tunnel.said.length;
    return transport.call(request).catch(async (error: unknown) => {
      throw await this.#told(error, before, request);
    });
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    const transport = new UnixSocketTransport(await this.#tunnel.socket());
    const before = this.#tunnel.said.length;
    const stream = await transport.stream(request).catch(async (error: unknown) => {
      throw await this.#told(error, before, request);
    });
    return { ...stream, chunks: this.#pieces(stream.chunks, before, request) };
  }

  async *#pieces(
    chunks: AsyncIterable<string>,
    before: number,
    request: TransportRequest,
  ): AsyncGenerator<string> {
    try {
      yield* chunks;
    } catch (error) {
      throw await this.#told(error, before, request);
    }
  }

  /** Rejects where the way leads to nobody. That the gateway is slow is no reason not to send a stop. */
  async #look(transport: UnixSocketTransport, signal: AbortSignal | undefined): Promise<void> {
    const before = this.#tunnel.said.length;
    const look: TransportRequest = { method: 'GET', path: '/api/health', timeoutMs: LOOK_MS, signal };
    try {
      await transport.call(look);
    } catch (error) {
      if (error instanceof RoviError && error.context['reason'] === 'timeout') return;
      throw await this.#told(error, before, look);
    }
  }

  /** What ssh says of a connection that ended, in place of what the socket says. */
  async #told(error: unknown, before: number, { method }: TransportRequest): Promise<unknown> {
    if (!(error instanceof RoviError) || error.code !== 'gateway-unreachable') return error;
    if (error.context['reason'] === 'timeout') return error;
    const end = performance.now() + SETTLE_MS;
    for (;;) {
      if (this.#tunnel.ended) {
        const lost = `the connection was lost: ${lastWords(this.#tunnel.said)}`;
        // Only a command can have arrived; whoever reads may ask again.
        return method === 'POST'
          ? unreachable('hung-up', lost, '', error)
          : new RoviError('host-unreachable', lost, {
              mend: 'Stacks that run there, run on.',
              context: { reason: 'hung-up' },
              cause: error,
            });
      }
      const refused = forwardFailure(this.#address, this.#socket, this.#tunnel.said.slice(before));
      if (refused !== null && method === 'GET') return refused;
      if (performance.now() > end) return error;
      await delay(20);
    }
  }
}
