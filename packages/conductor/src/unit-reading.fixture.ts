import type { UnitReading } from './ports/unit-manager.js';

/** A unit as systemd shows it when nothing has happened to it yet, for tests to vary. */
export function reading(change: Partial<UnitReading> = {}): UnitReading {
  return {
    unit: 'rovi-nav.service',
    loadState: 'loaded',
    activeState: 'inactive',
    subState: 'dead',
    result: 'success',
    invocationId: null,
    mainPid: null,
    execMainCode: 0,
    execMainStatus: 0,
    stateChangedUs: null,
    stateChangedMonotonicUs: null,
    nRestarts: 0,
    conditionResult: true,
    controlGroup: '',
    job: null,
    ...change,
  };
}

/** A running unit with a cgroup. */
export function activeReading(change: Partial<UnitReading> = {}): UnitReading {
  return reading({
    activeState: 'active',
    subState: 'running',
    mainPid: 10,
    invocationId: 'a'.repeat(32),
    controlGroup: '/system.slice/rovi-nav.service',
    ...change,
  });
}
