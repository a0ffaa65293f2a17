import type { Impact } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** The refusal of a command that was confirmed for another situation than this. */
export function changedSince(impact: Impact): RoviError {
  return new RoviError(
    'situation-changed',
    `the situation has changed since this was confirmed; nothing was done. Now: ${impact.text}`,
    { mend: 'Look at what it would hit now, then decide again.', context: { impact } },
  );
}
