import './graph.css';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Graph } from '@rovi/contract';
import { ProblemNote } from '../command/problem-note.js';
import { StateBadge } from '../format/state-badge.js';
import { sentence } from '../format/words.js';
import { FiguresReader } from '../live/figures-context.js';
import { useRobotState } from '../live/robot-context.js';
import { GraphPicture } from './graph-picture.js';
import { TiesText } from './ties-text.js';
import { UnitPanel } from './unit-panel.js';
import { useGraph } from './use-graph.js';

/** `/services/graph`: gateway, stacks and services, what they need, what excludes what, and how each is. */
export default function GraphView() {
  const { graph, problem } = useGraph();
  return (
    <div className="graph">
      <h1>Graph</h1>
      {problem !== null && <ProblemNote title="The graph cannot be read" problem={problem} />}
      {graph === null ? (
        problem === null && <p className="soft">Reading the graph…</p>
      ) : (
        <FiguresReader>
          <Units graph={graph} />
        </FiguresReader>
      )}
    </div>
  );
}

function Units({ graph }: { graph: Graph }) {
  const active = useRobotState(({ view }) => view?.snapshot.active ?? null);
  const [chosen, setChosen] = useState<string | null>(null);
  const unit =
    graph.nodes.find(({ id }) => id === chosen) ??
    graph.nodes.find(({ name }) => name === active) ??
    graph.nodes[0];
  if (unit === undefined) return <p>The robot has no units.</p>;
  return (
    <>
      <div className="graph-both">
        <figure className="card graph-card">
          <GraphPicture graph={graph} chosen={unit.id} onChoose={setChosen} />
          <Legend hasServices={graph.nodes.some(({ kind }) => kind === 'service')} />
        </figure>
        <UnitPanel graph={graph} unit={unit} />
      </div>
      <section aria-labelledby="graph-list" className="graph-list">
        <h2 id="graph-list">The same as a list</h2>
        <ul>
          {graph.nodes.map((one) => (
            <li key={one.id} className="card">
              <div className="section-head">
                <h3>
                  <Link
                    href={one.kind === 'service' ? `/service/${one.name}` : `/logs/${one.name}`}
                    className="unit-name"
                    title={one.kind === 'service' ? `All about ${one.name}` : `Logs of ${one.name}`}
                  >
                    {one.name}
                  </Link>
                </h3>
                <StateBadge state={one.state} level={one.level} />
              </div>
              <p>{sentence(one.text)}</p>
              <TiesText graph={graph} unit={one} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Legend({ hasServices }: { hasServices: boolean }) {
  return (
    <figcaption className="graph-legend small">
      <span>
        <svg width="44" height="14" aria-hidden>
          <path d="M2 7H34" className="graph-legend-line" />
          <path d="M34 2L43 7L34 12Z" className="graph-legend-head" />
        </svg>
        {hasServices
          ? 'needs: starts after it, stops with it'
          : 'needs: starts only while that is active, stops and restarts with it'}
      </span>
      {hasServices && (
        <>
          <span>
            <svg width="44" height="14" aria-hidden>
              <path d="M2 7H34" className="graph-legend-line graph-legend-wants" />
              <path d="M34 2L43 7L34 12Z" className="graph-legend-head" />
            </svg>
            wants: starts after it, runs without it
          </span>
          <span>
            <svg width="44" height="14" aria-hidden>
              <path d="M2 7H42" className="graph-legend-line graph-legend-conflicts" />
            </svg>
            never both at once
          </span>
        </>
      )}
      <span>
        <span className="graph-legend-frame" aria-hidden />
        of these, one at a time
      </span>
      <span>Colour, icon and word say the state.</span>
    </figcaption>
  );
}
