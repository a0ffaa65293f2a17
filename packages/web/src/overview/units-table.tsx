import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { HealthBadge } from '../format/health-badge.js';
import { Note } from '../format/note.js';
import { StateBadge } from '../format/state-badge.js';
import { cpuText, durationText, memoryText, momentText, sentence } from '../format/words.js';
import { useFigures } from '../live/figures-context.js';
import { useRobotState, useRobotTime } from '../live/robot-context.js';
import { UnitCommands } from './unit-commands.js';
import { unitRows } from './unit-rows.js';
import type { UnitRow } from './unit-rows.js';

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
});
const helper = createColumnHelper<typeof features, UnitRow>();
const NONE = '–';

const columns = helper.columns([
  helper.accessor('name', {
    header: 'Unit',
    sortFn: 'alphanumeric',
    cell: ({ row: { original } }) => (
      <Link href={`/logs/${original.name}`} className="unit-name" title={`${original.description}: logs`}>
        {original.name}
      </Link>
    ),
  }),
  helper.accessor('state', {
    header: 'State',
    sortFn: 'alphanumeric',
    cell: ({ row: { original } }) => <StateBadge state={original.state} level={original.level} />,
  }),
  helper.accessor((row) => row.health.status, {
    id: 'health',
    header: 'Health',
    sortFn: 'alphanumeric',
    cell: ({ row: { original } }) => <Health row={original} />,
  }),
  helper.accessor((row) => row.pid ?? undefined, {
    id: 'pid',
    header: 'PID',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ getValue }) => getValue() ?? NONE,
  }),
  helper.accessor((row) => row.cpu_percent ?? undefined, {
    id: 'cpu',
    header: 'CPU',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ getValue }) => textOf(getValue(), cpuText),
  }),
  helper.accessor((row) => row.memory_bytes ?? undefined, {
    id: 'memory',
    header: 'Memory',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ getValue }) => textOf(getValue(), memoryText),
  }),
  helper.accessor('crash_count', { header: 'Crashes', sortFn: 'basic' }),
  helper.accessor('restarts', { header: 'Restarts', sortFn: 'basic' }),
  helper.accessor((row) => row.last_restart ?? undefined, {
    id: 'last_restart',
    header: 'Last restart',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ getValue }) => <Moment at={getValue() ?? null} />,
  }),
  helper.accessor('autostart', {
    header: 'At boot',
    sortFn: 'basic',
    // Whether the system starts what is its own is not known here.
    cell: ({ getValue, row: { original } }) =>
      original.service?.managed === 'system' ? 'system' : getValue() ? 'yes' : 'no',
  }),
  helper.accessor((row) => row.uptime_seconds ?? undefined, {
    id: 'uptime',
    header: 'Uptime',
    sortFn: 'basic',
    sortUndefined: 'last',
    cell: ({ row: { original } }) => <Uptime row={original} />,
  }),
  helper.display({
    id: 'commands',
    header: 'Commands',
    cell: ({ row: { original } }) => <UnitCommands row={original} />,
  }),
]);
const FIGURES: ReadonlySet<string> = new Set(['pid', 'cpu', 'memory', 'crash_count', 'restarts']);

/** Every unit with its figures, to be sorted by any of them; a card each on a phone. */
export function UnitsTable() {
  const { figures, problem } = useFigures();
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const data = useMemo(
    () => (snapshot === null ? [] : unitRows(figures?.services ?? [], snapshot)),
    [figures, snapshot],
  );
  const table = useTable({ features, columns, data, getRowId: ({ name }) => name });
  return (
    <section aria-labelledby="units">
      <h2 id="units">All units</h2>
      {problem !== null && (
        <Note tone="warn" title="The figures cannot be read">
          <p>{sentence(problem.message)}</p>
        </Note>
      )}
      {figures === null || snapshot === null ? (
        <p className="soft">{problem === null ? 'Reading the figures…' : ''}</p>
      ) : (
        <div className="card table-card" tabIndex={0} role="region" aria-label="Table of all units">
          {/* The roles say again what the elements are: as cards, by CSS, they would be none to a screen reader. */}
          <table role="table" className="units">
            <thead role="rowgroup">
              {table.getHeaderGroups().map((group) => (
                <tr role="row" key={group.id}>
                  {group.headers.map((header) => {
                    const sorted = header.column.getIsSorted();
                    return (
                      <th
                        role="columnheader"
                        key={header.id}
                        scope="col"
                        data-figure={FIGURES.has(header.column.id)}
                        aria-sort={
                          sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending'
                        }
                      >
                        {header.column.getCanSort() ? (
                          <button type="button" onClick={header.column.getToggleSortingHandler()}>
                            <table.FlexRender header={header} />
                            {sorted === 'asc' && <IconArrowUp size={16} aria-hidden />}
                            {sorted === 'desc' && <IconArrowDown size={16} aria-hidden />}
                          </button>
                        ) : (
                          <table.FlexRender header={header} />
                        )}
                      </th>
                    );
                  })}
                </tr>
              ))}
            </thead>
            <tbody role="rowgroup">
              {table.getRowModel().rows.map((row) => (
                <tr role="row" key={row.id}>
                  {row.getAllCells().map((cell) => (
                    <td
                      role="cell"
                      key={cell.id}
                      data-column={cell.column.id}
                      data-label={String(cell.column.columnDef.header)}
                      data-figure={FIGURES.has(cell.column.id)}
                    >
                      <table.FlexRender cell={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function textOf(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? NONE : text(value);
}

function Health({ row }: { row: UnitRow }) {
  const { status, text } = row.health;
  // A service that nothing checks runs: whether it is well nobody knows.
  const unchecked = row.service?.health === 'none' && status === 'healthy';
  return status === 'none' || unchecked ? NONE : <HealthBadge health={status} text={text} />;
}

function Moment({ at }: { at: string | null }) {
  const now = useRobotTime();
  return at === null || now === null ? NONE : <time dateTime={at}>{momentText(at, now)}</time>;
}

function Uptime({ row }: { row: UnitRow }) {
  const now = useRobotTime();
  if (row.uptime_seconds === null || row.since === null || now === null) return NONE;
  return <span className="figures">{durationText(now - Date.parse(row.since))}</span>;
}
