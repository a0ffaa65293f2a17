/** A table with what must be known to read it; cells are Markdown. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** One paragraph below the table. */
  readonly note?: string;
}

/** GitHub's Markdown; all columns but the first are aligned right. */
export function markdownTable({ title, columns, rows, note }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  return [
    `### ${title}`,
    '',
    line(columns),
    line(rule),
    ...rows.map(line),
    '',
    ...(note ? [note, ''] : []),
  ].join('\n');
}

/** The same for a terminal. */
export function terminalTable({ title, columns, rows, note }: Table): string {
  const plain = [columns, ...rows].map((cells) => cells.map((cell) => cell.replaceAll(/[`*]/g, '')));
  const widths = columns.map((_, index) => Math.max(...plain.map((cells) => cells[index]?.length ?? 0)));
  const lines = plain.map((cells) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  '),
  );
  const [head = '', ...body] = lines;
  return [title, `  ${head}`, `  ${'-'.repeat(head.length)}`, ...body.map((text) => `  ${text}`), '']
    .concat(note ? [wrap(note.replaceAll(/[`*]/g, '')), ''] : [])
    .join('\n');
}

/** Milliseconds as the tables write them. */
export function ms(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function wrap(text: string): string {
  return text.replaceAll(/(.{1,100})(?:\s+|$)/g, '  $1\n').trimEnd();
}
