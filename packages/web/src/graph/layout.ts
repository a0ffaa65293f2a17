import * as library from '@dagrejs/dagre';
import type { Graph } from '@rovi/contract';
import { dependencies } from './dependencies.js';

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
}

/** `down`: what is needed stands above what needs it. `right`: it stands to the left of it. */
export type Direction = 'down' | 'right';

const PADDING = 16;
/** Room for the words at the bottom of a frame: arrows come in from above, or from the left. */
const TITLE = 34;

/** Places the units. The same graph is always laid out in the same way, whatever the states. */
export function layoutOf(graph: Graph, direction: Direction): Layout {
  const [width, height] = direction === 'down' ? [196, 92] : [156, 84];
  const laid = new dagre.Graph();
  laid.setGraph({
    rankdir: direction === 'down' ? 'TB' : 'LR',
    nodesep: 22,
    ranksep: direction === 'down' ? 110 : 64,
  });
  laid.setDefaultEdgeLabel(() => ({}));
  // dagre places what comes last first.
  for (const { id } of graph.nodes.toReversed()) laid.setNode(id, { width, height });
  for (const { from, to } of dependencies(graph.edges).toReversed()) laid.setEdge(to, from);
  dagre.layout(laid);
  const nodes = new Map<string, Box>();
  for (const { id } of graph.nodes) {
    const { x, y } = laid.node(id);
    nodes.set(id, { x: x - width / 2, y: y - height / 2, width, height });
  }
  return { nodes, frames: graph.groups.flatMap((group) => frameAround(group.nodes, nodes)) };
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
