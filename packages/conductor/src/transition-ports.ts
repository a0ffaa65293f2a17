import type { Observer } from './observer.js';
import type { Clock } from './ports/clock.js';
import type { Journal } from './ports/journal.js';
import type { StackLock } from './ports/stack-lock.js';
import type { UnitManager } from './ports/unit-manager.js';
import type { MaintenanceBook } from './services/maintenance-book.js';
import type { Policy } from './stack-status.js';

/** What an operation acts by. */
export interface TransitionPorts {
  readonly policy: Policy;
  readonly units: UnitManager;
  readonly lock: StackLock;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly maintenance: Pick<MaintenanceBook, 'of' | 'refresh'>;
}
