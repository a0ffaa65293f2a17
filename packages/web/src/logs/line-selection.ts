import type { LogBook } from './log-book.js';
import type { LogLine } from './log-line.js';

/** Lines from one to the other, by number and both included; null selects none. */
export type LineSelection = { readonly anchor: number; readonly focus: number } | null;

/** Whether the line of this number is selected. */
export function isSelected(selection: LineSelection, number: number): boolean {
  if (selection === null) return false;
  const { anchor, focus } = selection;
  return number >= Math.min(anchor, focus) && number <= Math.max(anchor, focus);
}

/** The selected lines that are shown, oldest first. */
export function selectedLines(book: LogBook, selection: LineSelection): LogLine[] {
  if (selection === null) return [];
  const { anchor, focus } = selection;
  const from = book.placeOf(Math.min(anchor, focus));
  const to = book.placeOf(Math.max(anchor, focus) + 1);
  const lines: LogLine[] = [];
  for (const line of book.shown(from)) {
    if (lines.length >= to - from) break;
    lines.push(line);
  }
  return lines;
}

/** The selection, grown or shrunk by so many shown lines; begins at the line of this place where there is none. */
export function extended(book: LogBook, selection: LineSelection, by: number, begin: number): LineSelection {
  if (selection === null) {
    const line = book.at(Math.min(Math.max(begin, 0), book.length - 1));
    return line === undefined ? null : { anchor: line.number, focus: line.number };
  }
  const place = Math.min(Math.max(book.placeOf(selection.focus) + by, 0), book.length - 1);
  return { ...selection, focus: book.at(place)?.number ?? selection.focus };
}
