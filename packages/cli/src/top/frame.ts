import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import type { Activity, Question } from './command-desk.js';
import { keyMap } from './keys.js';
import { cutTo, fitted, widthOf, wrapped } from './text-width.js';

/** Milliseconds that a success is told of; a failure stays until somebody clears it. */
const DONE_MS = 15_000;

/** The lines below the table: what was commanded, and what is asked. */
export function footLines(
  given: {
    readonly activities: readonly Activity[];
    readonly question: Question | null;
    /** The filter while it is typed; null else. */
    readonly typing: string | null;
    readonly notice: string | null;
  },
  look: { readonly now: number; readonly colour: Colors; readonly width: number; readonly lines: number },
): string[] {
  const { now, colour, width, lines } = look;
  const { activities, question, typing, notice } = given;
  if (question !== null) {
    // The sentence is read whole; a table keeps its columns.
    const shown = question
      .lines(width)
      .flatMap((line, index) => (index === 0 ? wrapped(line, width) : [cutTo(line, width)]));
    const room = Math.max(1, lines - 2);
    const cut =
      shown.length <= room
        ? shown
        : [...shown.slice(0, room - 1), `… ${String(shown.length - room + 1)} lines more`];
    const rule = colour.dim('─'.repeat(width));
    return [rule, ...cut, colour.bold(colour.yellow(`${question.ask} [y/N]`))];
  }
  if (typing !== null)
    return [`${colour.cyan('/')}${printable(typing)}█  ${colour.dim('Enter keeps it, Esc clears it')}`];
  const told = activities
    .filter((one) => one.state !== 'done' || now - (one.endedAt ?? now) < DONE_MS)
    .flatMap((one) => activityLines(one, width, colour));
  const kept = told.slice(Math.max(0, told.length - lines));
  return notice === null ? kept : [...kept, colour.yellow(notice)];
}

function activityLines({ title, state, text, mend }: Activity, width: number, colour: Colors): string[] {
  const signs = { asking: '◐', running: '◐', done: '✓', failed: '✗' };
  const paints = { asking: colour.yellow, running: colour.yellow, done: colour.green, failed: colour.red };
  const first = wrapped(`${signs[state]} ${title}: ${text}`, width).map(paints[state]);
  return mend === ''
    ? first
    : [...first, ...wrapped(`  mend: ${mend}`, width).map((line) => colour.cyan(line))];
}

/** The keys that are always on the screen, as many as fit. */
export function keyLine(colour: Colors, width: number): string {
  const words = keyMap.flatMap(({ keys, short }) =>
    short === undefined ? [] : [{ key: keys[0] ?? '', short }],
  );
  // Help and the way out are never those that do not fit.
  const ordered = [...words.slice(-2), ...words.slice(0, -2)];
  let taken = 0;
  const fits = ordered.filter(({ key, short }) => {
    const more = widthOf(key) + 1 + widthOf(short) + 2;
    if (taken + more > width + 2) return false;
    taken += more;
    return true;
  });
  return words
    .filter((one) => fits.includes(one))
    .map(({ key, short }) => `${colour.bold(key)} ${colour.dim(short)}`)
    .join('  ');
}

/** What every key does. */
export function helpLines(colour: Colors): string[] {
  const named = keyMap.flatMap(({ keys, help }) =>
    help === undefined ? [] : [{ keys: keys.join(' '), help }],
  );
  return [
    colour.bold('keys'),
    ...named.map(({ keys, help }) => `  ${colour.cyan(fitted(keys, 8))} ${help}`),
    'A command goes to the host of the selected row.',
    'Grey rows are not current: nobody knows how they are now.',
    colour.dim('any key goes back'),
  ];
}
