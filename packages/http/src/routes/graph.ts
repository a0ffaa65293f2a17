import { graphSchema } from '@rovi/contract';
import type { Graph, GraphEdge, GraphNode, Snapshot, SupervisedService } from '@rovi/contract';
import { gatewayNode } from '../gateway-node.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** A service's unit: where it has several instances, the template that they are made of; of the system, its own. */
function unitOf({ name, max, managed, instances }: SupervisedService): string {
  const [first] = instances;
  if (managed === 'system' && first !== undefined) return first.unit.unit;
  return max > 1 ? `rovi-${name}@.service` : `rovi-${name}.service`;
}

function serviceNode(service: SupervisedService): GraphNode {
  const { name, description, state, level, text, instances } = service;
  const begun = instances.flatMap(({ unit }) => unit.since ?? []).sort();
  return {
    id: unitOf(service),
    kind: 'service',
    name,
    description,
    state,
    level,
    text,
    since: state === 'UNKNOWN' ? null : (begun[0] ?? null),
  };
}

/** What services need and exclude; a conflict that both name is one edge. */
function serviceEdges(services: readonly SupervisedService[]): GraphEdge[] {
  const units = new Map(services.map((service) => [service.name, unitOf(service)]));
  const excluded = new Set<string>();
  return services.flatMap((service) =>
    (['requires', 'wants', 'conflicts'] as const).flatMap((kind) =>
      service[kind].flatMap((other) => {
        const to = units.get(other);
        if (to === undefined || excluded.has(`${other} ${service.name}`)) return [];
        if (kind === 'conflicts') excluded.add(`${service.name} ${other}`);
        return [{ kind, from: unitOf(service), to }];
      }),
    ),
  );
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
    nodes: [gateway, ...stacks, ...snapshot.services.map(serviceNode)],
    edges: [
      ...stacks.flatMap(({ id: from }) =>
        (['requisite', 'part_of'] as const).map((kind) => ({ kind, from, to: gateway.id })),
      ),
      ...serviceEdges(snapshot.services),
    ],
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
        summary:
          'Gateway, stacks and services with their states, what depends on what, and what excludes what',
        answers: [{ status: 200, is: 'The graph', schema: graphSchema }],
      },
      () => graphOf(conductor.snapshot()),
    ),
  ];
}
