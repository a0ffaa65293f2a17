/**
 * What others wrote – journal lines, names and messages that came over the socket – must never reach a terminal as a
 * control code. Views pass such data through {@link printableData}; the terminal itself lets nothing but this program's
 * own colours through ({@link presentable}); JSON escapes what a terminal would obey ({@link json}).
 */

/** Marks that turn the reading direction: with them a line shows other words than it holds. */
const TURNING = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';

// eslint-disable-next-line no-control-regex
const sequence = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
const controlInLine = new RegExp(`[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f${TURNING}]`, 'g');
/** The styles that picocolors gives, which are this program's, or a control code but tab and newline. */
const styleOrControl = new RegExp(
  `\\u001b\\[(?:[0-2]|22|3[1-79]|9[0-7])m|[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f${TURNING}]`,
  'g',
);
/** What `JSON.stringify` leaves as it is though a terminal may obey it. */
const unescaped = new RegExp(`[\\u007f-\\u009f${TURNING}]`, 'g');

const SHOWN_INSTEAD = '\u{FFFD}';

/** One line of others' text: their colours are dropped, any other control code, a newline too, is shown as U+FFFD. */
export function printable(value: string): string {
  return value.replace(sequence, '').replace(controlInLine, SHOWN_INSTEAD);
}

/** The same data with every text in it {@link printable}. Views take what others sent through this, once, whole. */
export function printableData<Data>(data: Data): Data {
  return printableValue(data) as Data;
}

function printableValue(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, printableValue(one)]));
}

/** Text for a terminal: of control codes only tab, newline and, where `coloured`, this program's own colours are left. */
export function presentable(text: string, coloured: boolean): string {
  return text.replace(styleOrControl, (found) => {
    if (found.length === 1) return SHOWN_INSTEAD;
    return coloured ? found : '';
  });
}

/** Indented JSON with a newline, as `--json` prints it. */
export function json(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/** JSON in one line, with a newline. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

/** These characters stand in JSON only within strings, where an escape means the same. */
function escaped(text: string): string {
  return text.replace(unescaped, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
