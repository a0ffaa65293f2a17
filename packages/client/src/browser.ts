import { config } from 'zod';

// Compiled parsers need `eval`, which the page's content security policy forbids: even trying is reported.
config({ jitless: true });

export * from './everywhere.js';
export { browserClock, browserSocket, readLiveMessage } from './browser-socket.js';
export type { FetchTransportOptions } from './fetch-transport.js';
export { FetchTransport } from './fetch-transport.js';
export type { LiveClock, LiveEventsOptions, LiveLink, OpenSocket, SocketListener } from './live-events.js';
export { LiveEvents, SILENCE_MS } from './live-events.js';
