import type { Graph, GraphNode } from '@rovi/contract';
import { sentence } from '../format/words.js';
import { dependencies, dependencyText, drawnAs } from './dependencies.js';
import type { Dependency } from './dependencies.js';

/** What a unit needs, what needs it, and what cannot run beside it, in words. */
export function TiesText({ graph, unit }: { graph: Graph; unit: GraphNode }) {
  const nameOf = (id: string): string => graph.nodes.find((node) => node.id === id)?.name ?? id;
  const all = dependencies(graph.edges);
  const clash = ({ kinds }: Dependency): boolean => drawnAs(kinds) === 'conflicts';
  const needs = all.filter((one) => one.from === unit.id && !clash(one));
  const needed = all.filter((one) => one.to === unit.id && !clash(one));
  // One edge stands for both: neither runs beside the other.
  const foes = all.flatMap((one) =>
    !clash(one) ? [] : one.from === unit.id ? [one.to] : one.to === unit.id ? [one.from] : [],
  );
  const rivals = graph.groups
    .filter(({ nodes }) => nodes.includes(unit.id))
    .flatMap(({ nodes }) => nodes.filter((id) => id !== unit.id));
  return (
    <ul className="ties">
      {needs.map(({ to, kinds }) => (
        <li key={to}>
          <strong>
            {drawnAs(kinds) === 'wants' ? 'Wants' : 'Needs'} {nameOf(to)}:
          </strong>{' '}
          {sentence(dependencyText(kinds, nameOf(to)))}
        </li>
      ))}
      {needed.length > 0 && (
        <li>
          <strong>Needed by:</strong> {needed.map(({ from }) => nameOf(from)).join(', ')}.
        </li>
      )}
      {foes.length > 0 && (
        <li>
          <strong>Conflicts with:</strong> never beside {foes.map(nameOf).join(', ')}.
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
