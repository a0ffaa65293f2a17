import type { Snapshot, StackStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { fittingTable } from './fitting-table.js';
import type { Column } from './fitting-table.js';
import { ageText, localTimes, momentText } from './moment.js';
import { stateGlyph, verdictPaint } from './state-glyph.js';

export interface TableView {
  readonly snapshot: Snapshot;
  /** Milliseconds since the epoch: what ages are counted from. */
  readonly now: number;
  readonly colour: Colors;
  /** Columns there are; Infinity where nothing has to be cut. */
  readonly width: number;
}

const columns: readonly (Omit<Column<StackStatus>, 'cell'> & {
  cell(stack: StackStatus, view: TableView): string;
})[] = [
  { head: '', expendable: 0, cell: ({ state }, { colour }) => glyph(state, colour) },
  {
    head: 'STACK',
    expendable: 0,
    cell: ({ name }, { snapshot, colour }) => (name === snapshot.active ? colour.bold(name) : name),
  },
  { head: 'STATE', expendable: 0, cell: ({ state }, { colour }) => stateGlyph(state, colour).paint(state) },
  { head: 'SINCE', expendable: 2, cell: sinceText },
  { head: 'PROCESSES', expendable: 3, cell: (stack, { colour }) => presenceText(stack, colour) },
  { head: 'PID', expendable: 1, cell: ({ unit }) => (unit.main_pid === null ? '–' : String(unit.main_pid)) },
];

/** Every stack on a line of its own. Narrow terminals lose PID, then SINCE, then PROCESSES; the verdict is cut last. */
export function stacksText(given: TableView): string {
  const view = { ...given, snapshot: printableData(given.snapshot) };
  const { stacks } = view.snapshot;
  if (stacks.length === 0) return view.colour.dim('the catalog has no stacks\n');
  return fittingTable(
    {
      columns: columns.map((column) => ({
        ...column,
        cell: (stack: StackStatus) => column.cell(stack, view),
      })),
      last: {
        head: 'VERDICT',
        text: ({ verdict }) => localTimes(verdict.text, view.now),
        paint: ({ verdict }) => verdictPaint(verdict.level, view.colour),
      },
      rows: stacks,
    },
    view,
  );
}

function glyph(state: StackStatus['state'], colour: Colors): string {
  const { glyph: sign, paint } = stateGlyph(state, colour);
  return paint(sign);
}

function sinceText(stack: StackStatus, { now, colour }: TableView): string {
  if (stack.state !== 'UNKNOWN') return momentText(stack.unit.since, now);
  return colour.magenta(stack.as_of === null ? 'never seen' : `last seen ${ageText(stack.as_of, now)}`);
}

/** `2/3`; `?/3` where the processes are not known; a dash where a resting stack has none to have. */
export function presenceText(stack: StackStatus, colour: Colors): string {
  const { expected } = stack;
  if (stack.state === 'STOPPED' && stack.processes.length === 0) return '–';
  if (expected.length === 0) return stack.processes.length === 0 ? '–' : String(stack.processes.length);
  if (expected.some(({ present }) => present === null)) return colour.magenta(`?/${String(expected.length)}`);
  const present = expected.filter((one) => one.present).length;
  if (present === 0 && stack.state === 'FAILED') return '–';
  const text = `${String(present)}/${String(expected.length)}`;
  return present === expected.length ? text : colour.yellow(text);
}
