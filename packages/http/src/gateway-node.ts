import { unitStateOf, unitVerdictOf } from '@rovi/conductor';
import { GATEWAY_UNIT } from '@rovi/contract';
import type { GraphNode, Snapshot, StackState } from '@rovi/contract';

/** systemd's word of a unit whose processes are not looked at; UNKNOWN where it is not of now. */
export function gatewayStateOf({ gateway, known }: Pick<Snapshot, 'gateway' | 'known'>): StackState {
  return known && gateway !== null ? unitStateOf(gateway.active_state) : 'UNKNOWN';
}

/** The gateway as a node. */
export function gatewayNode(snapshot: Snapshot): GraphNode {
  const state = gatewayStateOf(snapshot);
  return {
    id: snapshot.gateway?.unit ?? GATEWAY_UNIT,
    kind: 'gateway',
    name: 'gateway',
    description: 'The conductor and its faces',
    state,
    ...unitVerdictOf(state),
    since: state === 'UNKNOWN' ? null : (snapshot.gateway?.since ?? null),
  };
}
