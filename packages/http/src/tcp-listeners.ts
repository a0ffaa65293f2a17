import type { FaceStatus, Listen } from '@rovi/contract';
import { RoviError, isLoopback } from '@rovi/contract';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import type { TokenStore } from './access/token-store.js';
import { ApiServer } from './api-server.js';
import type { ApiServerOptions } from './api-server.js';

/** Milliseconds between attempts to listen where the address cannot be had yet. */
const RETRY_MS = 5_000;

export interface TcpListenersOptions {
  readonly listen: readonly Listen[];
  readonly tokens: TokenStore;
  readonly logger: FastifyBaseLogger;
  /** What the servers serve; TLS is each address's own. */
  readonly server: Omit<ApiServerOptions, 'tls'>;
  /** Told how the face is, whenever that changes. */
  readonly report: (face: FaceStatus) => void;
}

interface Place {
  readonly listen: Listen;
  readonly url: string;
  server: ApiServer | null;
  fault: RoviError | null;
}

/**
 * The TCP addresses of the catalog. One that cannot be had is tried again, and keeps nothing else from working: the
 * robot's own socket must answer also where somebody has taken the port. An address that others reach is not listened
 * at while there is no token.
 */
export class TcpListeners {
  readonly #options: TcpListenersOptions;
  readonly #places: readonly Place[];
  readonly #retries = new Map<Place, NodeJS.Timeout>();
  #stopped = false;
  #said = '';
  #since = new Date().toISOString();

  constructor(options: TcpListenersOptions) {
    this.#options = options;
    this.#places = options.listen.map((listen) => ({
      listen,
      url: urlOf(listen),
      server: null,
      fault: null,
    }));
  }

  /** Resolves when each address was tried once. Never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#open(place)));
  }

  /** Tries those at once that do not listen yet: what they waited for may have come. */
  retry(): void {
    for (const [place, timer] of this.#retries) {
      clearTimeout(timer);
      void this.#open(place);
    }
  }

  /** Every request is refused from now on. */
  refuseAll(): void {
    this.#stopped = true;
    for (const timer of this.#retries.values()) clearTimeout(timer);
    for (const { server } of this.#places) server?.refuseAll();
  }

  async close(): Promise<void> {
    this.refuseAll();
    await Promise.all(this.#places.flatMap(({ server }) => (server === null ? [] : [server.close()])));
  }

  async #open(place: Place): Promise<void> {
    this.#retries.delete(place);
    if (this.#stopped || place.server !== null) return;
    const { listen, url } = place;
    try {
      if (!isLoopback(listen.address)) this.#checkTokens(url);
      const server = new ApiServer({ ...this.#options.server, tls: await certificateOf(listen) });
      await server.ready();
      await bind(server, listen, url);
      server.listening();
      place.server = server;
      place.fault = null;
      if (this.#stopped) return void server.close();
      this.#options.logger.info({ url }, 'API listening');
    } catch (error) {
      const fault = RoviError.from(error);
      if (place.fault?.message !== fault.message) {
        this.#options.logger.warn({ url, err: fault }, 'address not served');
      }
      place.fault = fault;
      if (!this.#stopped) {
        this.#retries.set(
          place,
          setTimeout(() => void this.#open(place), RETRY_MS),
        );
      }
    }
    this.#report();
  }

  #checkTokens(url: string): void {
    const { tokens } = this.#options;
    if (tokens.fault !== null) throw tokens.fault;
    if (tokens.size > 0) return;
    throw new RoviError(
      'tokens-missing',
      `${url} is not served: others reach it, and there is no token yet`,
      {
        mend: 'As root: `rovictl token create --role operator --name NAME`.',
      },
    );
  }

  #report(): void {
    if (this.#stopped) return;
    const faults = this.#places.flatMap(({ fault }) => (fault === null ? [] : [fault]));
    const served = this.#places.filter(({ server }) => server !== null).map(({ url }) => url);
    const [first] = faults;
    const text = [
      ...(served.length === 0 ? [] : [`serves ${served.join(', ')}`]),
      ...faults.map(({ message }) => message),
    ].join('; ');
    if (text !== this.#said) this.#since = new Date().toISOString();
    this.#said = text;
    this.#options.report({
      name: 'http',
      state: first === undefined ? 'on' : 'failing',
      text,
      mend: first?.mend ?? '',
      since: this.#since,
      pid: null,
      restarts: 0,
      detail: Object.fromEntries(served.map((url, index) => [`url_${String(index + 1)}`, url])),
    });
  }
}

function urlOf({ address, port, tls }: Listen): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${tls === undefined ? 'http' : 'https'}://${host}:${String(port)}`;
}

async function certificateOf({ tls }: Listen): Promise<ApiServerOptions['tls']> {
  if (tls === undefined) return null;
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch((cause: unknown) => {
      throw unusable(`${path} cannot be read: ${(cause as Error).message}`, cause);
    });
  const [cert, key] = await Promise.all([read(tls.certificate), read(tls.key)]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const files = `${tls.certificate} and ${tls.key}`;
    throw unusable(`${files} are no certificate and its key: ${(cause as Error).message}`, cause);
  }
  return { cert, key };
}

function unusable(message: string, cause: unknown): RoviError {
  return new RoviError('tls-unusable', message, {
    mend: "Both files are PEM and readable by the gateway's user: `chgrp rovi KEY; chmod 640 KEY`.",
    cause,
  });
}

function bind({ server }: ApiServer, { address, port }: Listen, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      reject(
        new RoviError('address-unavailable', `${url} cannot be listened at: ${cause.message}`, {
          mend: `\`ss -ltnp sport = :${String(port)}\` shows who listens there; the gateway keeps trying.`,
          cause,
        }),
      );
    };
    server.once('error', failed);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
