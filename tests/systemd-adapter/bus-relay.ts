import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stands between a client and a bus, so that a test can lose what the bus answers, and then the connection. */
export class BusRelay implements AsyncDisposable {
  readonly address: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bus-relay-'));
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, bus: Socket]>();

  constructor(bus: string) {
    this.address = `unix:path=${this.#folder}/bus`;
    this.#server = createServer((client) => this.#join(client, connect(bus.replace('unix:path=', ''))));
  }

  async listen(): Promise<void> {
    this.#server.listen(`${this.#folder}/bus`);
    await once(this.#server, 'listening');
  }

  /** From now on nothing that the bus says gets through on the connections there are. */
  mute(): void {
    for (const [client, bus] of this.#pairs) bus.unpipe(client).resume();
  }

  /** Ends the connections there are; new ones are let through. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.#folder, { recursive: true });
  }

  #join(client: Socket, bus: Socket): void {
    this.#pairs.add([client, bus]);
    client.pipe(bus);
    bus.pipe(client);
    for (const [one, other] of [
      [client, bus],
      [bus, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  }
}
