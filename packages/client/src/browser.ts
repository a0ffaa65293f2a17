import { config } from 'zod';

// Compiled parsers need `eval`, which the page's content security policy forbids: even trying is reported.
config({ jitless: true });

export type {
  ApiClientOptions,
  CallOptions,
  CommandOptions,
  EventsOptions,
  ExecuteOptions,
  FleetEventsOptions,
  FleetRunDraft,
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
export { browserClock, browserSocket, readLiveMessage } from './browser-socket.js';
export type { FetchTransportOptions } from './fetch-transport.js';
export { FetchTransport } from './fetch-transport.js';
export type { LiveClock, LiveEventsOptions, LiveLink, OpenSocket, SocketListener } from './live-events.js';
export { LiveEvents, SILENCE_MS } from './live-events.js';
export type { Reconnection } from './server-events.js';
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
