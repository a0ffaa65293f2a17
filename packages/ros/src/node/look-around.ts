import type { RosScan } from '@rovi/contract';
import { LASER_SCAN } from '../ros-transport.js';
import type { RosNode } from './ros-node.js';
import { scanOf } from './sensor-messages.js';

/** Milliseconds to wait for a scan: the slowest lidars turn once a second. */
const SCAN_MS = 10_000;

/** What came of a look: of null, why. */
export type Look =
  { readonly scan: RosScan; readonly text: string } | { readonly scan: null; readonly text: string };

/** Waits for the next scan on a topic, for as long as the signal lets it. Never rejects. */
export function lookAround(node: RosNode, topic: string, signal: AbortSignal): Promise<Look> {
  return new Promise((resolve) => {
    const found = (look: Look): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      unfollow();
      resolve(look);
    };
    const abort = (): void => found({ scan: null, text: 'nobody waits any more' });
    const timer = setTimeout(() => {
      const { publishers, types } = node.seen(topic);
      const others = types.filter((type) => type !== LASER_SCAN);
      const why =
        publishers === 0
          ? 'nobody publishes it'
          : others.length > 0
            ? `it is of type ${others.join(', ').slice(0, 200)}`
            : `${String(publishers)} publish it`;
      found({ scan: null, text: `no scan came on ${topic} in ${SCAN_MS / 1000} s: ${why}` });
    }, SCAN_MS);
    let unfollow: () => void = () => undefined;
    try {
      unfollow = node.follow(LASER_SCAN, topic, 1, (bytes) => {
        try {
          found({ scan: scanOf(bytes), text: '' });
        } catch (error) {
          found({ scan: null, text: `the scan on ${topic} is none: ${(error as Error).message}` });
        }
      });
    } catch (error) {
      return found({ scan: null, text: (error as Error).message });
    }
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
