import { UsageError } from './verb.js';

/** Collects each `k=v` of an option that may be given several times, for commander. Throws a UsageError for what is none. */
export function collectWords(
  read: (text: string) => unknown,
): (word: string, before: Readonly<Record<string, unknown>> | undefined) => Record<string, unknown> {
  return (word, before = {}) => {
    const at = word.indexOf('=');
    const key = word.slice(0, at);
    if (at < 1) throw new UsageError(`expected KEY=VALUE, not "${word}"`);
    if (Object.hasOwn(before, key)) throw new UsageError(`"${key}" is given twice`);
    return { ...before, [key]: read(word.slice(at + 1)) };
  };
}

/** A value as JSON reads it, where it does: `1.5`, `true`; else the text itself. A number that JSON cannot send is a text. */
export function jsonOrText(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'number' && !Number.isFinite(value) ? text : value;
  } catch {
    return text;
  }
}
