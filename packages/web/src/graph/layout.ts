import * as library from '@dagrejs/dagre';
import { startWaves } from '@rovi/contract';
import type { Graph } from '@rovi/contract';
import { dependencies, drawnAs } from './dependencies.js';

/** What is used of dagre. Its own types name files without their endings, which are not found as modules of Node. */
interface LaidGraph {
  setGraph(options: {
    readonly rankdir: 'TB' | 'LR';
    readonly nodesep: number;
    readonly ranksep: number;
  }): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(id: string, size: { width: number; height: number }): void;
  setEdge(from: string, to: string): void;
  /** The middle of the node, once it is laid out. */
  node(id: string): { readonly x: number; readonly y: number };
}
const dagre = library as unknown as { Graph: new () => LaidGraph; layout(graph: LaidGraph): void };

/** A rectangle of the picture, in its own pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything of a graph is: units by id, and the frames around units that exclude each other. */
export interface Layout {
  readonly nodes: ReadonlyMap<string, Box>;
  readonly frames: readonly Box[];
  /** What all of it takes. */
  readonly width: number;
  readonly height: number;
}

/** `down`: what is needed stands above what needs it. `right`: it stands to the left of it. */
export type Direction = 'down' | 'right';

/**
 * The direction of the services, which stand below the stacks: the other one. On a wide screen they are many and read in
 * columns, on a narrow one in rows of {@link NARROW_COLUMNS}.
 */
export function servicesDirection(direction: Direction): Direction {
  return direction === 'down' ? 'right' : 'down';
}

const PADDING = 16;
/** Room for the words at the bottom of a frame: arrows come in from above, or from the left. */
const TITLE = 34;
/** Between the stacks and the services, and between those that have to do with each other and those that do not. */
const APART = 70;
const GAP = 22;
const NARROW_COLUMNS = 2;

interface Size {
  readonly width: number;
  readonly height: number;
}
type Place = Size & { readonly x: number; readonly y: number };

/**
 * Places the units: gateway and stacks above, services below. The same graph is always laid out in the same way, whatever
 * the states.
 */
export function layoutOf(graph: Graph, direction: Direction): Layout {
  const nodes = new Map<string, Box>();
  const services = graph.nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id);
  const others = graph.nodes.filter(({ kind }) => kind !== 'service').map(({ id }) => id);
  const size = direction === 'down' ? { width: 196, height: 92 } : { width: 180, height: 84 };
  for (const [id, box] of ranked(others, graph, {
    direction,
    size,
    between: direction === 'down' ? 110 : 64,
  })) {
    nodes.set(id, box);
  }
  const frames = graph.groups.flatMap((group) => frameAround(group.nodes, nodes));
  const top = nodes.size === 0 ? 0 : below([...nodes.values(), ...frames]) + APART;
  const left = Math.min(0, ...frames.map(({ x }) => x));
  for (const [id, box] of placedServices(services, graph, direction)) {
    nodes.set(id, { ...box, x: box.x + left, y: box.y + top });
  }
  const all = [...nodes.values(), ...frames];
  return {
    nodes,
    frames,
    width: Math.max(0, ...all.map((box) => box.x + box.width)) - left,
    height: below(all) - Math.min(0, ...all.map(({ y }) => y)),
  };
}

function placedServices(ids: readonly string[], graph: Graph, direction: Direction): Map<string, Box> {
  const edges = dependencies(graph.edges);
  const tied = ids.filter((id) =>
    edges.some(({ from, to, kinds }) => (from === id || to === id) && drawnAs(kinds) !== 'conflicts'),
  );
  const alone = ids.filter((id) => !tied.includes(id));
  const size = direction === 'down' ? { width: 218, height: 76 } : { width: 180, height: 84 };
  const placed =
    direction === 'down'
      ? ranked(tied, graph, { direction: 'right', size, between: 64 })
      : inRows(tied, graph, size);
  const wide = Math.max(...[...placed.values()].map((box) => box.x + box.width), 5 * (size.width + GAP));
  const columns = direction === 'down' ? Math.floor((wide + GAP) / (size.width + GAP)) : NARROW_COLUMNS;
  const top = placed.size === 0 ? 0 : below([...placed.values()]) + GAP * 2;
  for (const [index, id] of alone.entries()) placed.set(id, inGrid(index, columns, { size, top }));
  return placed;
}

/** In ranks by what needs what, with few crossings. Those that only conflict stand as if they had nothing to do with others. */
function ranked(
  ids: readonly string[],
  graph: Graph,
  {
    direction,
    size,
    between,
  }: { readonly direction: Direction; readonly size: Size; readonly between: number },
): Map<string, Box> {
  const laid = new dagre.Graph();
  laid.setGraph({ rankdir: direction === 'down' ? 'TB' : 'LR', nodesep: GAP, ranksep: between });
  laid.setDefaultEdgeLabel(() => ({}));
  // dagre places what comes last first.
  for (const id of ids.toReversed()) laid.setNode(id, { ...size });
  for (const { from, to, kinds } of dependencies(graph.edges).toReversed()) {
    if (drawnAs(kinds) !== 'conflicts' && ids.includes(from) && ids.includes(to)) laid.setEdge(to, from);
  }
  dagre.layout(laid);
  return new Map(
    ids.map((id): [string, Place] => {
      const { x, y } = laid.node(id);
      return [id, { x: x - size.width / 2, y: y - size.height / 2, ...size }];
    }),
  );
}

/** For a narrow screen: row below row, what is needed above what needs it, those of one wave beside each other. */
function inRows(ids: readonly string[], graph: Graph, size: Size): Map<string, Box> {
  const needs = (id: string): string[] =>
    graph.edges
      .filter(({ from, to, kind }) => from === id && kind !== 'conflicts' && ids.includes(to))
      .map(({ to }) => to);
  const entries = Object.fromEntries(ids.map((id) => [id, { requires: needs(id), wants: [] }]));
  const placed = new Map<string, Box>();
  let y = 0;
  for (const wave of startWaves(entries, ids, (id) => ids.indexOf(id))) {
    for (const [index, id] of wave.entries()) placed.set(id, inGrid(index, NARROW_COLUMNS, { size, top: y }));
    y = below([...placed.values()]) + GAP * 2;
  }
  return placed;
}

function inGrid(
  index: number,
  columns: number,
  { size, top }: { readonly size: Size; readonly top: number },
): Box {
  return {
    x: (index % columns) * (size.width + GAP),
    y: top + Math.floor(index / columns) * (size.height + GAP),
    ...size,
  };
}

function below(boxes: readonly Box[]): number {
  return Math.max(0, ...boxes.map((box) => box.y + box.height));
}

function frameAround(ids: readonly string[], nodes: ReadonlyMap<string, Box>): Box[] {
  const boxes = ids.flatMap((id) => nodes.get(id) ?? []);
  if (boxes.length < 2) return [];
  const x = Math.min(...boxes.map((box) => box.x)) - PADDING;
  const y = Math.min(...boxes.map((box) => box.y)) - PADDING;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + PADDING;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + TITLE;
  return [{ x, y, width: right - x, height: bottom - y }];
}
