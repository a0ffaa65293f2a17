/** A piece of a line in one style. */
export interface StyledRun {
  readonly text: string;
  /** Where it begins, in characters from the left. */
  readonly column: number;
  /** `b` bold, `d` dim, `c31` to `c36` the foreground colour of that number. */
  readonly styles: readonly string[];
}

/**
 * Reads text with the colours that picocolors and this demo write (SGR sequences), by rows of a terminal of that width:
 * longer lines go on in the next row. Other sequences are dropped.
 */
export function styledRows(text: string, columns: number): StyledRun[][] {
  let current = new Set<string>();
  return text.split('\n').flatMap((line) => {
    let row: StyledRun[] = [];
    const rows = [row];
    let column = 0;
    // eslint-disable-next-line no-control-regex -- that is what is read here
    for (const part of line.split(/(\x1b\[[0-9;?]*[A-Za-z])/)) {
      if (part.startsWith('\x1b[')) {
        if (part.endsWith('m')) current = after(current, part.slice(2, -1));
      } else if (part !== '') {
        let letters = [...part];
        while (letters.length > 0) {
          if (column === columns) {
            rows.push((row = []));
            column = 0;
          }
          const piece = letters.slice(0, columns - column);
          row.push({ text: piece.join(''), column, styles: [...current] });
          column += piece.length;
          letters = letters.slice(piece.length);
        }
      }
    }
    return rows;
  });
}

function after(styles: ReadonlySet<string>, sequence: string): Set<string> {
  let next = new Set(styles);
  for (const code of sequence.split(';').map(Number)) {
    if (code === 0) next = new Set();
    else if (code === 1) next.add('b');
    else if (code === 2) next.add('d');
    else if (code === 22) next = without(next, (style) => style === 'b' || style === 'd');
    else if (code === 39) next = without(next, (style) => style.startsWith('c'));
    else if (code >= 31 && code <= 36) next = without(next, (style) => style.startsWith('c')).add(`c${code}`);
  }
  return next;
}

function without(styles: ReadonlySet<string>, drop: (style: string) => boolean): Set<string> {
  return new Set([...styles].filter((style) => !drop(style)));
}
