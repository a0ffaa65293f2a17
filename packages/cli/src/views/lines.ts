/** What a text takes on a terminal, without its colour codes. Wide characters do not occur in what is measured here. */
export function shownLength(text: string): number {
  // eslint-disable-next-line no-control-regex
  return [...text.replace(/\u001b\[[0-9;]*m/g, '')].length;
}

/** The parts joined into as few lines as fit into `width`; a part that is longer than that has a line of its own. */
export function wrapParts(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}${separator}${part}`;
    if (line !== '' && shownLength(longer) > width) {
      lines.push(line);
      line = part;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** Plain text cut to `width` with an ellipsis. Never colour before cutting. */
export function cutText(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(1, width - 1)).join('')}…`;
}
