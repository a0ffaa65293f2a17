import type { LogLine } from './log-line.js';

/** Height of one line of text, and of what stands above the first of a day or run, in pixels; as in logs.css. */
export const LINE_PX = 20;
export const HEADING_PX = 32;
/** Characters that the word `systemd` before a text takes the room of. */
const SOURCE_CHARACTERS = 10;

/**
 * The height of a line with what stands above it, in pixels. `columns` is how many characters fit beside each other;
 * null where lines are not wrapped. Exact for text of letters that are all as wide: others are measured once seen.
 */
export function rowHeight(line: LogLine, before: LogLine | undefined, columns: number | null): number {
  let height = LINE_PX * (columns === null ? 1 : textRows(line, columns));
  if (line.day !== before?.day) height += HEADING_PX;
  if (line.run !== null && line.run !== before?.run) height += HEADING_PX;
  return height;
}

function textRows({ text, source, breaks }: LogLine, columns: number): number {
  const more = source === 'systemd' ? SOURCE_CHARACTERS : 0;
  if (!breaks) return Math.max(1, Math.ceil((text.length + more) / columns));
  let rows = 0;
  for (const [index, part] of text.split('\n').entries()) {
    rows += Math.max(1, Math.ceil((part.length + (index === 0 ? more : 0)) / columns));
  }
  return rows;
}
