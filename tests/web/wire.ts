import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import type { Way } from './visits.js';

/** A way to a gateway of this machine that can be cut, or go silent as a radio link does. */
export class Wire implements Way {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #state: 'whole' | 'cut' | 'silent' = 'whole';

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (near) => this.#join(near, port));
  }

  /** Resolves when it can be used. */
  static async to(port: number): Promise<Wire> {
    const server = createServer({ pauseOnConnect: true });
    const wire = new Wire(server, port);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get origin(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Nobody is connected, and nobody can connect. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#open) socket.destroy();
  }

  /** All stay connected, others connect, and nothing passes. */
  silence(): void {
    this.#state = 'silent';
    for (const socket of this.#open) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** As new; who is connected over a silent wire is not any more. */
  mend(): void {
    for (const socket of this.#open) socket.destroy();
    this.#state = 'whole';
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, port: number): void {
    if (this.#state === 'cut') return void near.destroy();
    this.#keep(near);
    if (this.#state === 'silent') return;
    const far = connect(port, '127.0.0.1');
    this.#keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
  }
}
