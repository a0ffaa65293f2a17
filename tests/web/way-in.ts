import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Robot } from '@rovi/testbed';

/** The robot's end: a program of the account connects to the gateway's port, as sshd does for whoever logged in. */
const FAR_END = `
const { connect, createServer } = require('node:net');
const [path] = process.argv.slice(1);
createServer((near) => {
  const far = connect(8080, '127.0.0.1');
  near.on('error', () => far.destroy()).on('close', () => far.destroy());
  far.on('error', () => near.destroy()).on('close', () => near.destroy());
  near.pipe(far).pipe(near);
}).listen(path, () => console.log('ready'));
`;

/**
 * A way from this machine's loopback to the gateway's own port in the robot's network, as `ssh -L 8080:127.0.0.1:8080`
 * of one of its accounts would make it. The gateway sees the account at the other end.
 */
export class WayIn {
  readonly #server: Server;
  readonly #far: ChildProcess;
  readonly #open: Set<Socket>;

  private constructor(server: Server, far: ChildProcess, open: Set<Socket>) {
    this.#server = server;
    this.#far = far;
    this.#open = open;
  }

  /** Resolves when it can be used. */
  static async as(robot: Robot, user: string): Promise<WayIn> {
    const path = `/tmp/way-in-${user}.sock`;
    const far = robot.spawn(['node', '-e', FAR_END, path], { user, stdio: ['ignore', 'pipe', 'inherit'] });
    if (far.stdout === null) throw new Error('the far end has no stdout');
    await once(createInterface({ input: far.stdout }), 'line');
    const open = new Set<Socket>();
    const server = createServer((browser) => {
      const near = connect(robot.path(path));
      for (const [one, other] of [
        [browser, near],
        [near, browser],
      ] as const) {
        open.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          open.delete(one);
          other.destroy();
        });
      }
      browser.pipe(near).pipe(browser);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WayIn(server, far, open);
  }

  /** Where a browser finds the page. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    if (this.#far.exitCode !== null || this.#far.signalCode !== null) return;
    const ended = once(this.#far, 'exit');
    this.#far.kill();
    await ended;
  }
}
