import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import type { CatalogIssue, Position } from './catalog-issue.js';
import { shown, visible } from './catalog-issue.js';

/** 1,000 stacks with long arguments take about half of this. */
const MAX_LENGTH = 1024 * 1024;
/** How many nodes the aliases of a catalog may stand for together. */
const MAX_ALIASES = 1_000;

/** A catalog's text as plain data, and where each part of it stands. */
export interface YamlSource {
  readonly data: unknown;
  /** The position of the value at this path, of its name with `key`, or of the nearest mapping around it. */
  position(path: readonly PropertyKey[], key: boolean): Position;
}

/** Parses YAML 1.2. Faults in the text itself are returned, never thrown, and then there is no data. */
export function parseYaml(text: string): YamlSource | CatalogIssue[] {
  const early = textFault(text);
  if (early !== null) return [early];
  const counter = new LineCounter();
  const document = parseOrFault(text, counter);
  if (Array.isArray(document)) return document;
  const at = (offset: number): Position => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = at(error.pos[0]);
    return { line, column: col, path: '', message: yamlMessage(error.message) };
  });
  if (faults.length > 0) return faults;
  if (document.contents === null) {
    return [{ line: 1, column: 1, path: '', message: 'expected a catalog, found an empty file' }];
  }
  const keyFaults = namesFaults(document, at);
  if (keyFaults.length > 0) return keyFaults;
  keepWords(document);
  try {
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const places = new Places(document);
    return { data, position: (path, key) => at(places.offset(path, key)) };
  } catch (error) {
    // An alias to itself, or to too much.
    const message = error instanceof Error ? error.message : String(error);
    return [{ line: 1, column: 1, path: '', message: `expected fewer aliases: ${yamlMessage(message)}` }];
  }
}

function textFault(text: string): CatalogIssue | null {
  const fault = (offset: number, message: string): CatalogIssue => {
    const before = text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), path: '', message };
  };
  if (text.length > MAX_LENGTH)
    return fault(0, `expected at most ${String(MAX_LENGTH)} characters, found ${String(text.length)}`);
  const odd = text.search(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffd\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
  );
  if (odd < 0) return null;
  const found =
    text[odd] === '\ufffd' ? 'bytes that are not' : `the character ${shown(text[odd])}, which is not text`;
  return fault(odd, `expected text in UTF-8, found ${found}`);
}

function parseOrFault(text: string, lineCounter: LineCounter): Document.Parsed | CatalogIssue[] {
  try {
    // The parser compares each key with every other one; namesFaults() finds twins in linear time.
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ line: 1, column: 1, path: '', message: `expected YAML: ${yamlMessage(message)}` }];
  }
}

/** Names that are no plain text, that stand twice in one mapping, or that JavaScript would lose. */
function namesFaults(document: Document.Parsed, at: (offset: number) => Position): CatalogIssue[] {
  const faults: CatalogIssue[] = [];
  const fault = (offset: number, message: string) => {
    const { line, col } = at(offset);
    faults.push({ line, column: col, path: '', message });
  };
  const anchors = new Set<string>();
  visit(document, {
    Node(_, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_, { source, range }) {
      if (!anchors.has(source))
        fault(range?.[0] ?? 0, `expected an anchor &${visible(source)} before this alias`);
    },
    Map(_, map) {
      if (map.anchor !== undefined) anchors.add(map.anchor);
      const seen = new Map<string, number>();
      for (const { key: name, value } of map.items as { key: Node | null; value: Node | null }[]) {
        const offset = name?.range?.[0] ?? value?.range?.[0] ?? map.range?.[0] ?? 0;
        if (!isScalar(name) || typeof name.value !== 'string') {
          const found = isScalar(name) ? shown(name.value) : 'a list, a mapping or an alias';
          fault(offset, `expected a name before ":", found ${found}`);
          continue;
        }
        const first = seen.get(name.value);
        if (first !== undefined) {
          fault(
            offset,
            `expected each name once, found ${shown(name.value)} again (first in line ${String(at(first).line)})`,
          );
        } else if (name.value === '__proto__') fault(offset, 'expected another name than "__proto__"');
        else seen.set(name.value, offset);
      }
    },
  });
  return faults;
}

/**
 * Launch arguments and variables are words: `1.0`, `0x10` and `True` are handed on as they are written, not as the
 * number or truth value that YAML sees in them.
 */
function keepWords(document: Document.Parsed): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (
        !isScalar(key) ||
        !isMap(value) ||
        (key.value !== 'arguments' && key.value !== 'expects_environment')
      )
        return;
      for (const { value: word } of value.items) {
        if (
          isScalar(word) &&
          typeof word.source === 'string' &&
          ['number', 'bigint', 'boolean'].includes(typeof word.value)
        ) {
          word.value = word.source;
        }
      }
    },
  });
}

/** Finds where a path stands. Each mapping is indexed once, so that thousands of faults in one do not take minutes. */
class Places {
  readonly #document: Document.Parsed;
  readonly #names = new WeakMap<YAMLMap, Map<unknown, { key: Node; value: Node | null }>>();
  readonly #targets = new WeakMap<Node, Node | undefined>();

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  offset(path: readonly PropertyKey[], key: boolean): number {
    let node: Node | null | undefined = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [index, part] of path.entries()) {
      node = this.#target(node);
      if (isMap(node)) {
        const pair = this.#named(node, part);
        if (pair === undefined) break;
        node = pair.value;
        // A mapping begins on the line after its name; its name is what a person looks for.
        const byName = (key && index === path.length - 1) || !isScalar(node) || node.source === '';
        offset = (byName ? pair.key.range?.[0] : node?.range?.[0]) ?? offset;
      } else if (isSeq(node)) {
        node = node.items[Number(part)] as Node | undefined;
        offset = node?.range?.[0] ?? offset;
      } else break;
    }
    return offset;
  }

  #named(map: YAMLMap, name: PropertyKey): { key: Node; value: Node | null } | undefined {
    let index = this.#names.get(map);
    if (index === undefined) {
      const pairs = map.items as { key: Node; value: Node | null }[];
      index = new Map(pairs.map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]));
      this.#names.set(map, index);
    }
    return index.get(name);
  }

  #target(node: Node | null | undefined): Node | null | undefined {
    if (!isAlias(node)) return node;
    if (!this.#targets.has(node)) this.#targets.set(node, node.resolve(this.#document));
    return this.#targets.get(node);
  }
}

/** The parser's message on one line, without its own positions. */
function yamlMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'expected fewer levels';
  return visible(message.replace(/\s+/g, ' ').slice(0, 200)).replace(/ at line \d+, column \d+:?.*$/, '');
}
