export type { AuditLog } from './ports/audit-log.js';
export type { Clock } from './ports/clock.js';
export type { Command, ConductorApi } from './ports/conductor-api.js';
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
export { isAudited } from './audited.js';
