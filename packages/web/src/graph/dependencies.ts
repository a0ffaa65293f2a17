import type { Graph, GraphEdge, GraphNode, Snapshot, SupervisedService } from '@rovi/contract';
import { runsSince } from '../services/service-facts.js';

/** What one unit needs of another, with everything that systemd holds them together by. */
export interface Dependency {
  readonly from: string;
  readonly to: string;
  readonly kinds: readonly GraphEdge['kind'][];
}

/** One dependency for each pair of units. */
export function dependencies(edges: readonly GraphEdge[]): Dependency[] {
  const pairs = new Map<string, { from: string; to: string; kinds: GraphEdge['kind'][] }>();
  for (const { from, to, kind } of edges) {
    const key = JSON.stringify([from, to]);
    const pair = pairs.get(key) ?? { from, to, kinds: [] };
    pair.kinds.push(kind);
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}

/** How a dependency is drawn: by the strongest of what holds the two together. */
export function drawnAs(kinds: readonly GraphEdge['kind'][]): 'needs' | 'wants' | 'conflicts' {
  if (kinds.every((kind) => kind === 'conflicts')) return 'conflicts';
  return kinds.every((kind) => kind === 'wants' || kind === 'conflicts') ? 'wants' : 'needs';
}

/** What a dependency means, for people: `starts only while gateway is active, stops and restarts with it`. */
export function dependencyText(kinds: readonly GraphEdge['kind'][], to: string): string {
  const parts = [
    ...(kinds.includes('requires') ? [`starts after ${to}, and stops with it`] : []),
    ...(kinds.includes('wants') ? [`starts after ${to} if that can be, and runs without it`] : []),
    ...(kinds.includes('conflicts') ? [`never runs beside ${to}`] : []),
    ...(kinds.includes('requisite') ? [`starts only while ${to} is active`] : []),
    ...(kinds.includes('part_of')
      ? [`stops and restarts with ${kinds.includes('requisite') ? 'it' : to}`]
      : []),
  ];
  return parts.join(', ');
}

/**
 * The graph with the states that events told since it was read. The gateway's own state is as it was read: while its
 * events come, it runs.
 */
export function withStates(graph: Graph, snapshot: Snapshot | null): Graph {
  if (snapshot === null || snapshot.boot_id !== graph.boot_id || snapshot.seq < graph.seq) return graph;
  const services = new Map(snapshot.services.map((service) => [service.name, service]));
  const stacks = new Map(snapshot.stacks.map((stack) => [stack.unit.unit, stack]));
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.kind === 'service') {
      const service = services.get(node.name);
      return service === undefined ? node : { ...node, ...serviceNow(service) };
    }
    const stack = stacks.get(node.id);
    if (stack === undefined) return node;
    const { state, verdict, unit } = stack;
    return { ...node, state, level: verdict.level, text: verdict.text, since: unit.since };
  });
  return { ...graph, known: snapshot.known, nodes };
}

function serviceNow(service: SupervisedService): Pick<GraphNode, 'state' | 'level' | 'text' | 'since'> {
  const { state, level, text, instances } = service;
  const since = runsSince(service);
  return {
    state,
    level,
    text,
    since: since === null ? (instances[0]?.unit.since ?? null) : new Date(since).toISOString(),
  };
}
