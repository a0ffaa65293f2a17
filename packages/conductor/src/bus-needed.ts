import { RoviError } from '@rovi/contract';
import type { Observer } from './observer.js';

/** Throws `bus-unavailable` while there is no connection to systemd. */
export function requireBus({ bus }: Pick<Observer, 'bus'>): void {
  if (bus.connected) return;
  throw new RoviError('bus-unavailable', `no connection to systemd: ${bus.error ?? 'unknown cause'}`, {
    mend: "The conductor keeps trying. A stop is still possible with `systemctl stop` as a member of the operators' group.",
  });
}

/** Throws `bus-unavailable` while there is a stack whose state systemd has not told. */
export function requireKnown({ bus, known }: Pick<Observer, 'bus' | 'known'>): void {
  requireBus({ bus });
  if (known) return;
  throw new RoviError('bus-unavailable', 'the state of the stacks is not known yet', {
    mend: 'Try again in a moment: the conductor is reading systemd.',
  });
}
