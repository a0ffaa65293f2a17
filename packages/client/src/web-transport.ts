import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { NodeTransport } from './node-transport.js';
import { webFailure } from './web-failure.js';

/** A gateway at a TCP address. */
export interface WebAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS. Without it the caller answers for nobody being able to listen. */
  readonly secure: boolean;
  /** Sent with every request. */
  readonly token?: string;
  /** PEM: who may have signed the robot's certificate; default the authorities that Node knows. */
  readonly ca?: string;
}

/** Milliseconds until a connection stands. */
const CONNECT_MS = 10_000;

/** A gateway over TCP. The robot's certificate is always verified: nothing here or in the environment turns that off. */
export class WebTransport extends NodeTransport {
  constructor({ host, port, secure, token, ca }: WebAddress) {
    const shown = host.includes(':') ? `[${host}]` : host;
    const at = `${shown}:${String(port)}`;
    super({
      open: (options) =>
        secure
          ? secureRequest({
              ...options,
              host,
              port,
              minVersion: 'TLSv1.2',
              rejectUnauthorized: true,
              ...(ca === undefined ? {} : { ca }),
            })
          : plainRequest({ ...options, host, port }),
      headers: {
        host: port === (secure ? 443 : 80) ? shown : at,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      failure: (error, connected) => webFailure(error, { at, secure, connected }),
      connectMs: CONNECT_MS,
    });
  }
}
