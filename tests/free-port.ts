import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of this machine's loopback that nobody listened at a moment ago. None of those that the kernel gives away itself:
 * until it is used, or while its server is down, another would be given it, or a client be connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
