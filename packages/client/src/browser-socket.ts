import { EVENTS_PROTOCOL, TOKEN_PROTOCOL_PREFIX, liveMessageSchema } from '@rovi/contract';
import type { LiveMessage } from '@rovi/contract';
import { foreignAnswer, jsonOf } from './failure.js';
import type { LiveClock, OpenSocket } from './live-events.js';

const PATH = '/api/events';

/** Connects to `/api/events` of the host that the page came from, with the token where there is one. */
export function browserSocket(token: () => string | null): OpenSocket {
  return (query, listener) => {
    const secret = token();
    const address = new URL(`${PATH}${query}`, location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, [
      EVENTS_PROTOCOL,
      ...(secret === null ? [] : [`${TOKEN_PROTOCOL_PREFIX}${secret}`]),
    ]);
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }) => listener.message(String(data));
    socket.onclose = ({ code, reason }) => listener.closed(code, reason);
    return { close: () => socket.close() };
  };
}

/** One text message of the stream; throws `internal` for what is none. */
export function readLiveMessage(text: string): LiveMessage {
  const message = liveMessageSchema.safeParse(jsonOf(text));
  if (message.success) return message.data;
  throw foreignAnswer(PATH, message.error.message.slice(0, 300), message.error);
}

/**
 * A clock that also counts the time a device slept. Some browsers' monotonic clock stands still then, and the wall clock
 * may be set: each step is the larger of the two, so that an age is never shown too small.
 */
export function browserClock(): LiveClock {
  let total = 0;
  let monotonic = performance.now();
  let wall = Date.now();
  return {
    now() {
      const [monotonicNow, wallNow] = [performance.now(), Date.now()];
      total += Math.max(monotonicNow - monotonic, wallNow - wall, 0);
      [monotonic, wall] = [monotonicNow, wallNow];
      return total;
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}
