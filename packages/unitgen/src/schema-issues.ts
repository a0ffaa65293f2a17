import type { catalogSchema } from '@rovi/contract';
import { quoted, shown } from './catalog-issue.js';
import { knownKeys } from './catalog-keys.js';
import { nearestWord } from './nearest-word.js';

type SchemaError = NonNullable<ReturnType<typeof catalogSchema.safeParse>['error']>;
type SchemaIssue = SchemaError['issues'][number];

/** A fault by its path; `key` says that the name is at fault, not its value. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[];
  readonly key: boolean;
  readonly message: string;
}

/** zod's issues in the words of someone who edits YAML: one fault for each key or value. */
export function schemaFaults(error: SchemaError, input: unknown): SchemaFault[] {
  return error.issues.flatMap((issue) => faultsOf(issue, [], input));
}

function faultsOf(issue: SchemaIssue, above: readonly PropertyKey[], input: unknown): SchemaFault[] {
  const path = [...above, ...issue.path];
  const value = valueAt(input, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], key: true, message: unknownKey(key, path) }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, key: true, message: issue.issues.map(({ message }) => message).join('; ') }];
  }
  if (issue.code === 'invalid_union') {
    // The only union is that of a launch and a word; a value that is neither has to hear of both.
    if (typeof value !== 'object' || value === null) {
      const message = `expected "conductor" or a launch (package, file, arguments), found ${shown(value)}`;
      return [{ path, key: false, message }];
    }
    return branchOf(issue.errors).flatMap((each) => faultsOf(each, path, input));
  }
  if (issue.code === 'invalid_type') {
    return [{ path, key: false, message: wrongType(issue.message, issue.expected, value) }];
  }
  return [{ path, key: false, message: withFound(issue.message, value) }];
}

/** The branch that the author meant: the one whose faults lie deeper than "this is no mapping at all". */
function branchOf(branches: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] {
  const deep = ({ path, code }: SchemaIssue) => path.length > 0 || code === 'unrecognized_keys';
  return branches.find((issues) => issues.some(deep)) ?? branches.at(-1) ?? [];
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function wrongType(message: string, expected: string, value: unknown): string {
  const said = message.startsWith('expected') ? message : `expected ${typeNames[expected] ?? expected}`;
  if (value === undefined) return `${said}, but it is missing`;
  const mend =
    expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
      ? ': write it in quotes'
      : '';
  return `${said}, found ${shown(value)}${mend}`;
}

function withFound(message: string, value: unknown): string {
  const said = message.startsWith('expected')
    ? message
    : message.replace(/^Invalid input: /, '').replace(/^./, (first) => first.toLowerCase());
  return typeof value === 'object' || value === undefined ? said : `${said}, found ${shown(value)}`;
}

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  const known = knownKeys(path);
  const near = nearestWord(key, known);
  const hint = near === null ? `known here: ${known.join(', ')}` : `did you mean ${quoted(near)}?`;
  return `unknown key ${shown(key)}; ${hint}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
