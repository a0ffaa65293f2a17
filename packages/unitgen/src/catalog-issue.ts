/** One fault of a catalog, as `catalog-invalid` lists it under `context.issues`. */
export interface CatalogIssue {
  /** 1-based; counts UTF-16 units from the start of the line, as editors do. */
  readonly line: number;
  readonly column: number;
  /** For example `stacks.nav.launch.arguments.foo`; empty for the whole file. */
  readonly path: string;
  /** What was expected, and what stands there instead. */
  readonly message: string;
}

/** Where in the text an issue stands. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** The most faults that are listed: past these, one cause is repeated. */
export const MAX_ISSUES = 100;

/** Any value in few words, for a message: never a second line, never long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (an empty value)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  return quoted(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** The text between quotes, with everything escaped that is not plain printable text. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text));
}

/** The text with everything escaped that a terminal would act on or not show. */
export function visible(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `['stacks', 'nav', 'processes', 0]` as `stacks.nav.processes[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${String(part)}]`;
    else {
      const name = String(part);
      text += /^[\w-]{1,80}$/.test(name) ? `${text === '' ? '' : '.'}${name}` : `[${shown(name)}]`;
    }
  }
  return text;
}
