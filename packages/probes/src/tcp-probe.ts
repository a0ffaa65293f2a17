import { connect } from 'node:net';
import type { Probe, Seen } from './probe.js';
import { good, unseen } from './probe.js';
import { portOf, whereOf } from './port-of.js';
import { socketError } from './socket-error.js';

/** Whether somebody accepts connections. Says nothing to them: the connection is closed as soon as it stands. */
export const tcpProbe: Probe<'tcp'> = {
  type: 'tcp',
  look({ host, port: wanted }, target, signal) {
    const port = portOf(wanted, target);
    const where = whereOf(host, port);
    const began = performance.now();
    return new Promise<Seen>((resolve) => {
      const socket = connect({ host, port });
      const abort = (): void => end(unseen('the look was ended'));
      const end = (seen: Seen): void => {
        signal.removeEventListener('abort', abort);
        socket.destroy();
        resolve(seen);
      };
      // Also after the end: a reset that comes late must not be an uncaught error.
      socket.on('error', (error) => end(socketError(error, where)));
      socket.once('connect', () => {
        const latency_ms = Math.round((performance.now() - began) * 10) / 10;
        end(good(`${where} accepts connections, after ${latency_ms} ms`, { latency_ms }));
      });
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
    });
  },
};
