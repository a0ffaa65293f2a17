import type { Colors } from 'picocolors/types.js';
import { bytesText, durationText, localTimes } from '../views/moment.js';
import { healthPaint, stateGlyph, verdictPaint } from '../views/state-glyph.js';
import { cutTo, fitted, widthOf } from './text-width.js';
import type { UnitRow } from './unit-row.js';

export interface TableLook {
  readonly now: number;
  readonly colour: Colors;
  /** Columns there are. */
  readonly width: number;
  /** Of several hosts each row says whose it is. */
  readonly several: boolean;
}

interface Column {
  readonly head: string;
  readonly width: number;
  /** Narrow terminals lose columns in the order of these numbers, beginning with 1; 0 stays always. */
  readonly expendable: number;
  readonly align?: 'right';
  text(row: UnitRow, look: TableLook): string;
  paint?(row: UnitRow, colour: Colors): (text: string) => string;
}

/** Columns of the note below which others are left out for it. */
const NOTE_WIDTH = 22;
const NAME_WIDTH = 24;
const HOST_WIDTH = 16;
/** Columns that a narrow terminal leaves of a name. */
const LEAST_NAME_WIDTH = 4;
/** Milliseconds after which figures say nothing any more. */
const FIGURES_LAST_MS = 7_000;

/** A table's lines without colour codes in their widths: heads first, then a line for each row. */
export interface TableLines {
  readonly head: string;
  readonly lines: readonly string[];
}

/** The rows as lines of at most `width` columns. `all` are the rows there are: columns do not move with the scrolling. */
export function tableLines(rows: readonly UnitRow[], all: readonly UnitRow[], look: TableLook): TableLines {
  const columns = fittingColumns(all, look);
  const taken = columns.reduce((sum, { width }) => sum + width + 2, 0);
  const noteWidth = Math.max(0, look.width - taken);
  return {
    head: cutTo(
      `${columns.map(({ head, width, align }) => fitted(head, width, align)).join('  ')}  NOTE`,
      look.width,
    ),
    lines: rows.map((row) => {
      const note = cutTo(noteText(row, look), noteWidth);
      if (row.seenAt !== null) {
        // Grey, not coloured: a green dot for something nobody has seen for an hour would be a lie.
        const cells = columns.map((column) => fitted(column.text(row, look), column.width, column.align));
        return look.colour.dim(`${cells.join('  ')}  ${note}`);
      }
      const cells = columns.map((column) => cellOf(column, row, look));
      return `${cells.join('  ')}  ${notePaint(row, look.colour)(note)}`;
    }),
  };
}

function cellOf(column: Column, row: UnitRow, look: TableLook): string {
  const text = fitted(column.text(row, look), column.width, column.align);
  return column.paint === undefined ? text : column.paint(row, look.colour)(text);
}

function fittingColumns(rows: readonly UnitRow[], { width, several }: TableLook): readonly Column[] {
  const longest = (texts: readonly string[], least: number, most: number): number =>
    Math.min(
      most,
      texts.reduce((length, text) => Math.max(length, widthOf(text)), least),
    );
  const host: Column = {
    head: 'HOST',
    width: longest(
      rows.map((row) => row.host),
      LEAST_NAME_WIDTH,
      HOST_WIDTH,
    ),
    expendable: 0,
    text: (row) => row.host,
  };
  const name: Column = {
    head: 'NAME',
    width: longest(
      rows.map((row) => row.label),
      LEAST_NAME_WIDTH,
      NAME_WIDTH,
    ),
    expendable: 0,
    text: (row) => row.label,
    paint: (row, colour) => (row.active ? colour.bold : plain),
  };
  let kept = [...(several ? [host] : []), name, ...others];
  const room = (): number => width - kept.reduce((sum, column) => sum + column.width + 2, 0);
  for (let rank = 1; rank <= others.length && room() < NOTE_WIDTH; rank += 1) {
    kept = kept.filter(({ expendable }) => expendable !== rank);
  }
  // Then names are cut: a line that is wrapped would shift all below it.
  for (const cut of [name, host]) {
    const columns = Math.max(LEAST_NAME_WIDTH, cut.width + Math.min(0, room()));
    kept = kept.map((column) => (column === cut ? { ...column, width: columns } : column));
  }
  return kept;
}

const plain = (text: string): string => text;

const others: readonly Column[] = [
  { head: 'KIND', width: 7, expendable: 1, text: ({ kind }) => kind, paint: (_row, colour) => colour.dim },
  {
    head: 'STATE',
    width: 13,
    expendable: 0,
    // Of what is not current the word is, whatever it was, that it is not known.
    text: ({ state, seenAt }, { colour }) => {
      const shown = seenAt === null ? state : 'UNKNOWN';
      return `${stateGlyph(shown, colour).glyph} ${shown}`;
    },
    paint: ({ state }, colour) => stateGlyph(state, colour).paint,
  },
  {
    head: 'HEALTH',
    width: 9,
    expendable: 6,
    text: ({ health, seenAt }) => (seenAt !== null || health === 'none' ? '–' : health),
    paint: ({ health }, colour) => healthPaint(health, colour),
  },
  {
    head: 'UPTIME',
    width: 9,
    expendable: 3,
    align: 'right',
    text: ({ runningSince, seenAt }, { now }) =>
      runningSince === null || seenAt !== null ? '–' : shortDuration(now - runningSince),
  },
  {
    head: 'CPU %',
    width: 6,
    expendable: 5,
    align: 'right',
    text: (row, { now }) => (row.cpuPercent === null || !isFresh(row, now) ? '–' : row.cpuPercent.toFixed(1)),
    paint: ({ cpuPercent }, colour) => ((cpuPercent ?? 0) >= 80 ? colour.yellow : plain),
  },
  {
    head: 'MEMORY',
    width: 8,
    expendable: 4,
    align: 'right',
    text: (row, { now }) =>
      row.memoryBytes === null || !isFresh(row, now) ? '–' : bytesText(row.memoryBytes),
  },
  {
    head: 'RESTARTS',
    width: 8,
    expendable: 2,
    align: 'right',
    text: ({ restarts, seenAt }) => (restarts === null || seenAt !== null ? '–' : String(restarts)),
    paint: ({ restarts }, colour) => ((restarts ?? 0) > 0 ? colour.yellow : colour.dim),
  },
];

function isFresh({ figuresAt }: UnitRow, now: number): boolean {
  return figuresAt !== null && now - figuresAt < FIGURES_LAST_MS;
}

/** Why, or what goes on; of what rests well, since when. */
function noteText(row: UnitRow, { now }: TableLook): string {
  if (row.seenAt !== null) {
    const seen = row.seenAt === 0 ? 'never seen' : `last seen ${shortDuration(now - row.seenAt)} ago`;
    const was = row.seenAt === 0 || row.state === 'UNKNOWN' ? '' : `, then ${row.state}`;
    return row.kind === 'host' ? `${seen}: ${row.note}` : `${seen}${was}`;
  }
  const note = localTimes(row.note, now);
  if (row.state !== 'STOPPED' || row.changedAt === null || row.busy) return note;
  return `${note} ${shortDuration(now - row.changedAt)} ago`;
}

function notePaint({ level, busy, state }: UnitRow, colour: Colors): (text: string) => string {
  if (busy) return colour.yellow;
  if (level === 'ok') return state === 'MAINTENANCE' ? colour.cyan : colour.dim;
  return verdictPaint(level, colour);
}

/** A duration for a column: whole seconds, at most nine characters. */
export function shortDuration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${String(Math.max(0, Math.floor(milliseconds / 1000)))} s`;
  if (milliseconds < 3_600_000) return `${String(Math.floor(milliseconds / 60_000))} min`;
  return durationText(milliseconds);
}
