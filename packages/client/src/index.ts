export type {
  ApiClientOptions,
  CallOptions,
  CommandOptions,
  EventsOptions,
  ExecuteOptions,
  FleetEventsOptions,
  FleetRunDraft,
  FollowOptions,
  LogSelection,
  RequestOptions,
  RestartOptions,
  ServiceCommand,
  ServiceLogSelection,
  TicketDraft,
  TicketSelection,
} from './client-options.js';
export { ApiClient } from './rovi-client.js';
export { FleetCalls } from './fleet-calls.js';
export { TicketCalls } from './ticket-calls.js';
export type { ClientOptions } from './socket-client.js';
export { RoviClient } from './socket-client.js';
export type { Reconnection } from './server-events.js';
export type { UnreachableReason } from './failure.js';
export { NodeTransport } from './node-transport.js';
export type { Wire } from './node-transport.js';
export { timedOut, unreachable } from './failure.js';
export { connectionFailure } from './socket-failure.js';
export { UnixSocketTransport } from './socket-transport.js';
export { WebTransport } from './web-transport.js';
export type { WebAddress } from './web-transport.js';
export type { Transport, TransportAnswer, TransportRequest, TransportStream } from './transport.js';
export type { RobotView } from './robot-view.js';
export { seen } from './robot-view.js';
export type { BlastRadius, SameImpact, SameProblem } from './fleet/blast-radius.js';
export { blastRadius, effectsText } from './fleet/blast-radius.js';
export { fleetCommandText, runOutcome, runTally, targetWords } from './fleet/fleet-words.js';
export type { FleetView, SeenRobot } from './fleet/fleet-view.js';
export { fleetAfter, robotAge } from './fleet/fleet-view.js';
export type { FleetStanding, FleetTally } from './fleet/robot-standing.js';
export {
  FLEET_STANDINGS,
  fleetTally,
  isAway,
  notWell,
  standingOf,
  worstFirst,
} from './fleet/robot-standing.js';
