import type { Graph, GraphNode } from '@rovi/contract';
import { sentence } from '../format/words.js';
import { dependencies, dependencyText } from './dependencies.js';

/** What a unit needs, what needs it, and what cannot run beside it, in words. */
export function TiesText({ graph, unit }: { graph: Graph; unit: GraphNode }) {
  const nameOf = (id: string): string => graph.nodes.find((node) => node.id === id)?.name ?? id;
  const all = dependencies(graph.edges);
  const needs = all.filter(({ from }) => from === unit.id);
  const needed = all.filter(({ to }) => to === unit.id);
  const rivals = graph.groups
    .filter(({ nodes }) => nodes.includes(unit.id))
    .flatMap(({ nodes }) => nodes.filter((id) => id !== unit.id));
  return (
    <ul className="ties">
      {needs.map(({ to, kinds }) => (
        <li key={to}>
          <strong>Needs {nameOf(to)}:</strong> {sentence(dependencyText(kinds, nameOf(to)))}
        </li>
      ))}
      {needed.length > 0 && (
        <li>
          <strong>Needed by:</strong> {needed.map(({ from }) => nameOf(from)).join(', ')}.
        </li>
      )}
      {rivals.length > 0 && (
        <li>
          <strong>One at a time:</strong> not beside {rivals.map(nameOf).join(', ')}.
        </li>
      )}
    </ul>
  );
}
