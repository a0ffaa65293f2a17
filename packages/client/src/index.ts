export type {
  ApiClientOptions,
  CallOptions,
  CommandOptions,
  EventsOptions,
  FollowOptions,
  LogSelection,
} from './rovi-client.js';
export { ApiClient } from './rovi-client.js';
export type { ClientOptions } from './socket-client.js';
export { RoviClient } from './socket-client.js';
export type { Reconnection } from './server-events.js';
export type { UnreachableReason } from './failure.js';
export type { Transport, TransportAnswer, TransportRequest, TransportStream } from './transport.js';
