import type { Incident, InstanceHealth, ServiceEntry } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { UnitReading } from '../ports/unit-manager.js';
import type { InstanceFacts } from './service-observer.js';
import type { SupervisionHand } from './supervision-hand.js';

/** What the supervision of one instance knows of the world around it, and acts by. */
export interface InstanceSurroundings {
  readonly service: string;
  readonly id: number;
  readonly unit: string;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'read'>;
  readonly hand: SupervisionHand;
  readonly entry: () => ServiceEntry;
  readonly facts: () => InstanceFacts;
  readonly health: () => InstanceHealth;
  /** Why it may not be started now; null where it may. */
  readonly obstacle: () => string | null;
  /** Seconds that a start may take, and a stop of it and of all that requires it. */
  readonly timeouts: () => { readonly start: number; readonly stop: number };
  readonly tell: (incident: Incident) => void;
  /** Something that is shown, or kept, is different. */
  readonly changed: () => void;
  /** Resolves when all is kept, or could not be. */
  readonly saved: () => Promise<void>;
}

/** The unit as it is known; null before systemd was asked. */
export function readingOf({ facts }: Pick<InstanceSurroundings, 'facts'>): UnitReading | null {
  return facts().knowledge?.reading ?? null;
}

/** Why nothing may be sent for it now, in words; null where it may. */
export function hindrance({
  facts,
  obstacle,
}: Pick<InstanceSurroundings, 'facts' | 'obstacle'>): string | null {
  return facts().fresh ? obstacle() : 'systemd cannot be asked';
}
