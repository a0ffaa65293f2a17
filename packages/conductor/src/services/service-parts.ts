import type { HealthHistory, InstanceHealth, Maintenance, Supervision } from '@rovi/contract';

/** What the status of a service takes from the health monitor. */
export interface HealthView {
  /** How an instance is by its checks; `none` where it has none or does not run. Never throws for an instance of the catalog. */
  health(service: string, id: number): InstanceHealth;
  history(service: string): HealthHistory;
}

/** What it takes from the supervisor. */
export interface SupervisionView {
  supervision(
    service: string,
    id: number,
  ): {
    readonly supervision: Supervision;
    readonly crashes: number;
    readonly restarts: number;
  };
}

/** What it takes from the book of maintenance. */
export interface MaintenanceView {
  /** The stack's or service's own, else the robot's; null where there is none. */
  of(target: string): Maintenance | null;
  /** All there are, the robot's first. */
  readonly all: readonly Maintenance[];
}

/** What it takes from the executor: how many instances are meant to run. */
export interface ScaleView {
  wanted(service: string): number;
}
