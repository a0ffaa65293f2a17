import { request } from 'node:http';
import { NodeTransport } from './node-transport.js';
import { connectionFailure } from './socket-failure.js';

/** A gateway at a Unix socket of this machine. */
export class UnixSocketTransport extends NodeTransport {
  constructor(socketPath: string) {
    super({
      open: (options) => request({ ...options, socketPath }),
      headers: { host: 'rovi' },
      failure: (error) => connectionFailure(error, socketPath),
    });
  }
}
