export type { AuditLog } from './ports/audit-log.js';
export type { Motion, MotionBase, Scan, Scanner, Travelled } from './ports/motion.js';
export type { TicketDesk } from './ports/ticket-desk.js';
export type { TicketMove, TicketStore } from './ports/ticket-store.js';
export type { FleetCaller, FleetConsole } from './ports/fleet-console.js';
export type { CatalogSource } from './ports/catalog-source.js';
export type { HealthProber, ProbeTarget } from './ports/health-prober.js';
export type { MqttLink } from './ports/mqtt-link.js';
export type { MarkStore } from './ports/mark-store.js';
export type { SupervisionRecord, SupervisionStore } from './ports/supervision-store.js';
export type { Clock } from './ports/clock.js';
export type { Command, ConductorApi, Request, ServiceIntent } from './ports/conductor-api.js';
export type { RosControl, RosProbe, RosProbeResult } from './ports/ros-control.js';
export type { Journal, JournalQuery } from './ports/journal.js';
export type { LockHolder, StackLock } from './ports/stack-lock.js';
export type {
  CallOptions,
  JobOutcome,
  ProcessReading,
  UnitManager,
  UnitManagerEvent,
  UnitReading,
} from './ports/unit-manager.js';
export type { ConductorOptions } from './conductor.js';
export { Conductor } from './conductor.js';
export type { Policy } from './stack-status.js';
export { unitStateOf, unitVerdictOf } from './stack-status.js';
export { noProber } from './services/no-prober.js';
export { auditedNow, isAudited } from './audited.js';
export { noFleet } from './no-fleet.js';
export { planReload } from './reload-plan.js';
export { driveCommand } from './tickets/drive-command.js';
export { scanCommand } from './tickets/scan-command.js';
export { stackCommands } from './tickets/stack-commands.js';
export { stopCommand } from './tickets/stop-command.js';
export { TicketCommandRegistry } from './tickets/ticket-command.js';
export type { TicketCommand, TicketSurroundings } from './tickets/ticket-command.js';
export { StoredTicketDesk } from './tickets/stored-ticket-desk.js';
export type { TicketDeskOptions } from './tickets/stored-ticket-desk.js';
