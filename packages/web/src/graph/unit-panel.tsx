import { Button } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import type { Graph, GraphNode } from '@rovi/contract';
import { Link } from 'wouter';
import { StateBadge } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { cpuText, durationText, memoryText, momentText, sentence } from '../format/words.js';
import { useFigures } from '../live/figures-context.js';
import { useIsLive, useRobotState, useRobotTime } from '../live/robot-context.js';
import { UnitCommands } from '../overview/unit-commands.js';
import { unitRows } from '../overview/unit-rows.js';
import { TiesText } from './ties-text.js';

/** One unit of the graph: how it is, what it needs, and what can be done with it. */
export function UnitPanel({ graph, unit }: { graph: Graph; unit: GraphNode }) {
  const live = useIsLive();
  const { figures } = useFigures();
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const rows = snapshot === null ? [] : unitRows(figures?.services ?? [], snapshot);
  const row = rows.find(({ name }) => name === unit.name);
  return (
    <section
      className="card graph-panel"
      data-tone={live ? toneOf(unit.state, unit.level) : 'unknown'}
      aria-labelledby="graph-unit"
      aria-live="polite"
    >
      <div className="section-head">
        <h2 id="graph-unit">{unit.name}</h2>
        <StateBadge state={unit.state} level={unit.level} />
      </div>
      <p className="soft">{unit.description}</p>
      <p>
        {sentence(unit.text)} <Since unit={unit} />
      </p>
      {row !== undefined && (row.cpu_percent !== null || row.memory_bytes !== null) && (
        <p className="figures soft" aria-live="off">
          {row.cpu_percent === null ? '' : `CPU ${cpuText(row.cpu_percent)}`}
          {row.cpu_percent === null || row.memory_bytes === null ? '' : ', '}
          {row.memory_bytes === null ? '' : `memory ${memoryText(row.memory_bytes)}`}
        </p>
      )}
      <TiesText graph={graph} unit={unit} />
      <div className="actions">
        {row !== undefined && <UnitCommands row={row} />}
        {unit.kind === 'service' && (
          <Button variant="default" component={Link} href={`/service/${unit.name}`}>
            Details
          </Button>
        )}
        <Button
          variant="default"
          component={Link}
          href={`/logs/${unit.name}`}
          leftSection={<IconFileText size={20} aria-hidden />}
        >
          Logs
        </Button>
      </div>
    </section>
  );
}

function Since({ unit: { since, state } }: { unit: GraphNode }) {
  const now = useRobotTime();
  if (since === null || now === null || state === 'UNKNOWN') return null;
  return (
    <span className="soft" aria-live="off">
      For <strong className="figures">{durationText(now - Date.parse(since))}</strong>, since{' '}
      <time dateTime={since}>{momentText(since, now)}</time>.
    </span>
  );
}
