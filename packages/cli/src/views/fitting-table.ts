import type { Colors } from 'picocolors/types.js';
import { cutText, shownLength } from './lines.js';
import { tableText } from './table.js';

/** A column of a table that has to fit. */
export interface Column<Row> {
  readonly head: string;
  /** Narrow terminals lose columns in the order of these numbers, beginning with 1; 0 stays always. */
  readonly expendable: number;
  cell(row: Row): string;
}

/** The last column, which takes what room is left: plain text is cut first, painted then. */
export interface LastColumn<Row> {
  readonly head: string;
  text(row: Row): string;
  paint(row: Row): (text: string) => string;
}

/** The least the last column needs to be worth a column. */
const LAST_WIDTH = 24;

/** A row on a line each, none longer than `width`. Columns go before the last one is cut below 24 characters. */
export function fittingTable<Row>(
  table: {
    readonly columns: readonly Column<Row>[];
    readonly last: LastColumn<Row>;
    readonly rows: readonly Row[];
  },
  { width, colour }: { readonly width: number; readonly colour: Colors },
): string {
  const { columns, last, rows } = table;
  const room = (kept: readonly Column<Row>[]): number => {
    const widths = kept.map((column) =>
      Math.max(column.head.length, ...rows.map((row) => shownLength(column.cell(row)))),
    );
    return width - widths.reduce((sum, one) => sum + one + 2, 0);
  };
  const ranks = [...new Set(columns.map(({ expendable }) => expendable))].filter((rank) => rank > 0).sort();
  let kept = columns;
  for (const rank of ranks) {
    if (room(kept) >= LAST_WIDTH) break;
    kept = kept.filter(({ expendable }) => expendable !== rank);
  }
  const lastWidth = Math.max(8, room(kept));
  return tableText(
    [...kept.map(({ head }) => colour.dim(head)), colour.dim(last.head)],
    rows.map((row) => [
      ...kept.map((column) => column.cell(row)),
      last.paint(row)(cutText(last.text(row), lastWidth)),
    ]),
  );
}
