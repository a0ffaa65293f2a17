import type { Snapshot } from '@rovi/contract';
import { NOON, sampleSnapshot } from '../views/sample-state.js';
import { unheardHost, type HostState } from './host-state.js';

/** A host that is reached, and said this. For tests of the table only. */
export function sampleHost(
  name: string,
  snapshot: Partial<Snapshot> = {},
  part: Partial<HostState> = {},
): HostState {
  return {
    ...unheardHost(name),
    link: { state: 'live' },
    view: { snapshot: sampleSnapshot(snapshot), operation: null, incidentSeq: 0, told: null, beginnings: 1 },
    heardAt: NOON,
    changedAt: NOON - 3_000,
    ...part,
  };
}
