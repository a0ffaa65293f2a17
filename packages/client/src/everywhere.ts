// What a browser and Node.js have alike.
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
