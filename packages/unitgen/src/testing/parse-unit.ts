/** A unit file as systemd.syntax(7) reads it, written from the manual and not from the generator. */
export type ParsedUnit = Record<string, [name: string, value: string][]>;

export function parseUnit(text: string): ParsedUnit {
  const unit: ParsedUnit = {};
  let section = '';
  let pending = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (line === '' && pending === '') continue;
    if (/^[#;]/.test(line)) continue; // also between a line and its continuation
    const joined = pending + line;
    if (joined.endsWith('\\')) {
      pending = `${joined.slice(0, -1)} `;
      continue;
    }
    pending = '';
    const header = /^\[(.*)\]$/.exec(joined);
    if (header) {
      section = header[1] ?? '';
      if (section in unit) throw new Error(`section ${section} twice`);
      unit[section] = [];
      continue;
    }
    const equals = joined.indexOf('=');
    const lines = unit[section];
    if (equals < 1 || lines === undefined) throw new Error(`not a directive: ${JSON.stringify(joined)}`);
    lines.push([joined.slice(0, equals).trimEnd(), joined.slice(equals + 1).replace(/^[ \t\r]+/, '')]);
  }
  if (pending !== '') throw new Error('ends in a continuation');
  return unit;
}

/** `%%` as `%`. Any other specifier is an error: nothing generated uses one. */
export function expandSpecifiers(value: string): string {
  return value.replace(/%(.?)/gsu, (_, next: string) => {
    if (next !== '%') throw new Error(`specifier %${next}`);
    return '%';
  });
}

/** The words of a command line or of Environment=: systemd's quotes and escapes, then specifiers. */
export function words(value: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (character === '\\') {
      at += 1;
      const next = value[at];
      if (next !== '"' && next !== '\\' && next !== "'") throw new Error(`escape \\${next ?? 'end'}`);
      word = (word ?? '') + next;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === ' ' || character === '\t') {
      if (word !== null) found.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new Error('open quote');
  if (word !== null) found.push(word);
  return found.map(expandSpecifiers);
}

/** {@link words} of ExecStart=, where `$$` is `$` and any other `$` a variable. */
export function commandWords(value: string): string[] {
  return words(value).map((word) =>
    word.replace(/\$(.?)/gsu, (_, next: string) => {
      if (next !== '$') throw new Error(`variable $${next}`);
      return '$';
    }),
  );
}
