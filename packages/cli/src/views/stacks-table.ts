import type { Snapshot, StackStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { cutText, shownLength } from './lines.js';
import { ageText, momentText } from './moment.js';
import { stateGlyph, verdictPaint } from './state-glyph.js';
import { tableText } from './table.js';

export interface TableView {
  readonly snapshot: Snapshot;
  /** Milliseconds since the epoch: what ages are counted from. */
  readonly now: number;
  readonly colour: Colors;
  /** Columns there are; Infinity where nothing has to be cut. */
  readonly width: number;
}

interface Column {
  readonly head: string;
  /** Narrow terminals lose columns in the order of these numbers; 0 stays always. */
  readonly expendable: number;
  cell(stack: StackStatus, view: TableView): string;
}

const columns: readonly Column[] = [
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

/** The least a verdict needs to be worth a column. */
const VERDICT_WIDTH = 24;

/** Every stack on a line of its own. Narrow terminals lose PID, then SINCE, then PROCESSES; the verdict is cut last. */
export function stacksText(given: TableView): string {
  const view = { ...given, snapshot: printableData(given.snapshot) };
  const { stacks } = view.snapshot;
  if (stacks.length === 0) return view.colour.dim('the catalog has no stacks\n');
  let kept = columns;
  for (const rank of [1, 2, 3]) {
    if (room(kept, view) >= VERDICT_WIDTH) break;
    kept = kept.filter(({ expendable }) => expendable !== rank);
  }
  const verdictWidth = Math.max(8, room(kept, view));
  return tableText(
    [...kept.map(({ head }) => view.colour.dim(head)), view.colour.dim('VERDICT')],
    stacks.map((stack) => [
      ...kept.map((column) => column.cell(stack, view)),
      verdictPaint(stack.verdict.level, view.colour)(cutText(stack.verdict.text, verdictWidth)),
    ]),
  );
}

/** What is left for the verdict beside these columns. */
function room(kept: readonly Column[], view: TableView): number {
  const widths = kept.map((column) =>
    Math.max(
      column.head.length,
      ...view.snapshot.stacks.map((stack) => shownLength(column.cell(stack, view))),
    ),
  );
  return view.width - widths.reduce((sum, width) => sum + width + 2, 0);
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
