import { eastAsianWidth } from 'get-east-asian-width';

/** Columns that a plain text takes on a terminal. */
export function widthOf(text: string): number {
  // Nearly all there is; and a table asks this of every cell.
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const one of text) width += characterWidth(one);
  return width;
}

/** The text in exactly so many columns: cut with an ellipsis, or filled up with blanks. */
export function fitted(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, columns);
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(cut)));
  return align === 'left' ? `${cut}${blanks}` : `${blanks}${cut}`;
}

/** The text in at most so many columns. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${pieces(text, columns - 1)[0] ?? ''}…`;
}

/** The text in pieces of at most so many columns each. */
export function pieces(text: string, columns: number): string[] {
  const found: string[] = [];
  let piece = '';
  let width = 0;
  for (const one of text) {
    const more = characterWidth(one);
    if (width + more > columns && piece !== '') {
      found.push(piece);
      piece = '';
      width = 0;
    }
    if (more > columns) continue;
    piece += one;
    width += more;
  }
  return piece === '' && found.length > 0 ? found : [...found, piece];
}

/** The text in lines of at most so many columns, broken between words where that goes. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function characterWidth(character: string): number {
  if (/^(?:\p{Mark}|\p{Cf})$/u.test(character)) return 0;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}
