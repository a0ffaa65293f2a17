import type { RE2JS } from 're2js';

/** From and up to, in characters of the text. */
export type Range = readonly [number, number];

/** What is looked for in the text of lines, without regard to capitals. */
export interface TextSearch {
  /** Whether the text has it. */
  finds(text: string): boolean;
  /** Where the text has it: the first so many places, for marking. */
  ranges(text: string): Range[];
}

/** A pattern that is none, in words for whoever wrote it. */
export class PatternError extends Error {}

/** Places that are marked in one line. */
const MARKED = 50;

/** Looks for exactly these characters. */
export function plainSearch(wanted: string): TextSearch {
  const small = wanted.toLowerCase();
  return {
    finds: (text) => text.toLowerCase().includes(small),
    ranges: (text) => {
      const found: Range[] = [];
      const folded = text.toLowerCase();
      // A few letters are longer as small ones (İ): their places would be off.
      if (folded.length !== text.length) return found;
      for (let at = folded.indexOf(small); at >= 0 && found.length < MARKED;) {
        found.push([at, at + small.length]);
        at = folded.indexOf(small, at + small.length);
      }
      return found;
    },
  };
}

/**
 * Looks for a regular expression in the syntax of RE2, which takes time in proportion to the text whatever the pattern:
 * one of the browser's own can stand still for ever, and the page's Stop with it. Rejects with a {@link PatternError}.
 */
export async function patternSearch(pattern: string): Promise<TextSearch> {
  const { RE2JS } = await import('re2js');
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new PatternError(reasonOf(error), { cause: error });
  }
  return {
    finds: (text) => compiled.test(text),
    ranges: (text) => {
      const found: Range[] = [];
      const matcher = compiled.matcher(text);
      while (found.length < MARKED && matcher.find()) {
        if (matcher.end() > matcher.start()) found.push([matcher.start(), matcher.end()]);
      }
      return found;
    },
  };
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reason = text.replace(/^error parsing regexp: /, '').replace('(?i)', '');
  return reason.startsWith('invalid or unsupported Perl syntax')
    ? `${reason}: look-around and references back are not supported`
    : reason;
}
