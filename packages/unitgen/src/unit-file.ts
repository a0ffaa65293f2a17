import { RoviError } from '@rovi/contract';
import { GENERATED } from './generated-file.js';

/** A directive and its value as systemd will read it, or a comment on what follows. */
export type UnitLine = readonly [name: string, value: string] | { readonly comment: string };

export interface UnitSection {
  readonly name: 'Unit' | 'Service' | 'Install';
  readonly lines: readonly UnitLine[];
}

/** A unit file's text. Every value stays on its own line; `internal` is thrown over one that could not. */
export function unitFile(sections: readonly UnitSection[]): string {
  const blocks = sections.map(({ name, lines }) => [`[${name}]`, ...lines.map(unitLine)].join('\n'));
  return `# ${GENERATED}\n${blocks.join('\n\n')}\n`;
}

function unitLine(line: UnitLine): string {
  if ('comment' in line) return `# ${oneLine(line.comment)}`;
  const [name, value] = line;
  return `${name}=${oneLine(value)}`;
}

/** The schemas refuse such values already; this holds whoever calls the generator without them. */
function oneLine(value: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(value) || /\\\s*$/.test(value)) {
    throw new RoviError('internal', `a generated unit would hold ${JSON.stringify(value)}`, {
      mend: 'Read the catalog with readCatalog() before generating from it.',
    });
  }
  return value;
}

/** A value in which systemd expands specifiers, kept literal (systemd.unit(5), "Specifiers"). */
export function literal(value: string): string {
  return value.replaceAll('%', '%%');
}

/** Free text for people: literal, and without the blanks at its ends, which systemd would cut. */
export function prose(text: string): string {
  return literal(text.trim().replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** One word of a command line, quoted where it is not plain, without `$` and `%` expansion (systemd.service(5)). */
export function commandWord(word: string): string {
  return wordOf(literal(word).replaceAll('$', '$$$$'));
}

/** One `NAME=value` of Environment=, quoted where it is not plain; `$` means nothing there. */
export function assignment(name: string, value: string): string {
  return wordOf(literal(`${name}=${value}`));
}

function wordOf(word: string): string {
  return /^[A-Za-z0-9_./:@,=+%$-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`;
}
