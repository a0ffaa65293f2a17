export type {
  CallOptions,
  ClientOptions,
  CommandOptions,
  EventsOptions,
  FollowOptions,
  LogSelection,
} from './rovi-client.js';
export { RoviClient } from './rovi-client.js';
export type { Reconnection } from './server-events.js';
export type { UnreachableReason } from './failure.js';
export type { Transport, TransportAnswer, TransportRequest, TransportStream } from './transport.js';
