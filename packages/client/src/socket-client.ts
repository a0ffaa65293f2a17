import { PATHS } from '@rovi/contract';
import type { ApiClientOptions } from './client-options.js';
import { ApiClient } from './rovi-client.js';
import type { Transport } from './transport.js';
import { UnixSocketTransport } from './socket-transport.js';

export interface ClientOptions extends Omit<ApiClientOptions, 'transport'> {
  /** Default: the installed gateway's, `/run/rovi/conductor.sock`. */
  readonly socketPath?: string;
  /** Another way to the gateway than the socket. */
  readonly transport?: Transport;
}

/** The API over the gateway's Unix socket: {@link ApiClient} for programs on the robot. */
export class RoviClient extends ApiClient {
  constructor({ socketPath, transport, ...options }: ClientOptions = {}) {
    super({ ...options, transport: transport ?? new UnixSocketTransport(socketPath ?? PATHS.socket) });
  }
}
