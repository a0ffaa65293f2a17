import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** The port that is asked for first: the one a robot has. */
const PREFERRED = 8080;

/**
 * The robot's page on this machine: the robot's own network leads nowhere, so a port of this machine's loopback leads
 * to its gateway's socket. Whoever can open a port here is an operator there; the robot is gone when the demo is.
 */
export class PageRelay {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens at 127.0.0.1, port 8080 or, where that is taken, another. `socketPath` is asked for at each connection. */
  static async open(socketPath: () => string): Promise<PageRelay> {
    const server = createServer();
    const relay = new PageRelay(server);
    server.on('connection', (socket) => relay.#join(socket, createConnection(socketPath())));
    await listen(server, PREFERRED).catch(() => listen(server, 0));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/services/`;
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#connections.add(from);
      from.once('close', () => {
        this.#connections.delete(from);
        to.destroy();
      });
      // A gateway that was killed: the page says so itself.
      from.on('error', () => from.destroy());
      from.pipe(to);
    }
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
