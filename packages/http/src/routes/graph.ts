import { unitStateOf, unitVerdictOf } from '@rovi/conductor';
import { GATEWAY_UNIT, graphSchema } from '@rovi/contract';
import type { Graph, GraphNode, Snapshot, StackState } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

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

/** The robot as nodes, edges and groups, from what its snapshot says and how unitgen ties units together. */
export function graphOf(snapshot: Snapshot): Graph {
  const gateway = gatewayNode(snapshot);
  const stacks = snapshot.stacks.map(({ name, description, state, verdict, unit }): GraphNode => ({
    id: unit.unit,
    kind: 'stack',
    name,
    description,
    state,
    level: verdict.level,
    text: verdict.text,
    since: state === 'UNKNOWN' ? null : unit.since,
  }));
  const { boot_id, seq, at, known } = snapshot;
  return {
    boot_id,
    seq,
    at,
    known,
    nodes: [gateway, ...stacks],
    edges: stacks.flatMap(({ id: from }) =>
      (['requisite', 'part_of'] as const).map((kind) => ({ kind, from, to: gateway.id })),
    ),
    groups: stacks.length < 2 ? [] : [{ kind: 'excludes', nodes: stacks.map(({ id }) => id) }],
  };
}

/** What depends on what. */
export function graphRoutes({ conductor }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/graph',
        id: 'getGraph',
        tag: 'robot',
        summary: 'Gateway and stacks with their states, what depends on what, and what excludes what',
        answers: [{ status: 200, is: 'The graph', schema: graphSchema }],
      },
      () => graphOf(conductor.snapshot()),
    ),
  ];
}
