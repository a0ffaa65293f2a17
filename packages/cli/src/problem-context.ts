import type { Colors } from 'picocolors/types.js';
import { printable } from './control-codes.js';
import { localTimes } from './views/moment.js';

type Facts = Readonly<Record<string, unknown>>;

/**
 * The facts of a problem that help a person. Written against whatever a gateway of another version may send:
 * a fact of an unexpected form is left out, never thrown over.
 */
export function contextLines(
  { message, context }: { readonly message: string; readonly context: Facts },
  now: number,
  colour: Colors,
): string[] {
  return [
    ...issueLines(context, colour),
    ...holderLines(context, colour, { message, now }),
    ...holdersLines(context['holders'], colour),
    // A problem with a cause of its own has the same facts once more in its own sentence.
    ...(isFacts(context['cause']) ? [] : exitLines(context['exit'] ?? context['failure'], colour)),
    ...missingLines(context['missing']),
    ...processLines(context['processes']),
    ...logLines(context['lines'] ?? context['journal'], colour),
    ...nestedLines('cause', context['cause'], colour),
    ...nestedLines('going back', context['rollback'], colour),
  ];
}

/** A catalog's faults; a single one stands in the message already. */
function issueLines(context: Facts, colour: Colors): string[] {
  const issues = list(context['issues']);
  if (issues.length < 2) return [];
  const file = text(context['file']);
  return issues.map((issue) => {
    const where = [file, text(issue['line']), text(issue['column'])].filter((part) => part !== '').join(':');
    const path = text(issue['path']);
    return `${colour.bold(`${where}:`)} ${path === '' ? '' : `${path}: `}${text(issue['message'])}`;
  });
}

/** The stack that holds the robot; `holder` is its name, the other facts stand beside it. Only what the message lacks. */
function holderLines(
  context: Facts,
  colour: Colors,
  { message, now }: { readonly message: string; readonly now: number },
): string[] {
  const holder = context['holder'];
  const facts = isFacts(holder) ? holder : { ...context, stack: holder };
  const name = text(facts['stack']) || text(facts['unit']) || text(facts['comm']);
  if (holder === undefined || name === '') return [];
  const parts = [
    text(facts['state']),
    labelled('started by', facts['actor']),
    labelled('since', facts['since']),
    labelled('PID', facts['main_pid'] ?? facts['pid']),
  ].filter((part) => part !== '' && !message.toLowerCase().includes(part.toLowerCase()));
  if (parts.length === 0 && message.includes(name)) return [];
  return [`${colour.bold('held by:')} ${[name, ...parts].map((part) => localTimes(part, now)).join(' · ')}`];
}

/** The processes that have the stack lock. */
function holdersLines(value: unknown, colour: Colors): string[] {
  return list(value).map((holder) => {
    const parts = [
      labelled('PID', holder['pid']),
      text(holder['comm']),
      text(holder['unit']) || 'in no unit',
    ];
    return `${colour.bold('lock held by:')} ${parts.filter((part) => part !== '').join(' · ')}`;
  });
}

function exitLines(value: unknown, colour: Colors): string[] {
  const cause = isFacts(value) ? text(value['text']) : '';
  return cause === '' ? [] : [`${colour.bold('cause:')} ${cause}`];
}

function missingLines(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0) return [];
  return [`missing: ${value.map(text).join(', ')}`];
}

function processLines(value: unknown): string[] {
  const left = list(value).map((one) => `${text(one['comm'])} (PID ${text(one['pid'])})`);
  return left.length === 0 ? [] : [`still alive: ${left.join(', ')}`];
}

function logLines(value: unknown, colour: Colors): string[] {
  const lines = Array.isArray(value)
    ? value.map((entry: unknown) => (isFacts(entry) ? text(entry['message']) : text(entry)))
    : [];
  return lines.length === 0
    ? []
    : [colour.bold('last journal lines:'), ...lines.map((line) => colour.dim(`│ ${line}`))];
}

/** The problem behind a problem. The facts of `cause` itself stand in the outer context already. */
function nestedLines(label: string, value: unknown, colour: Colors): string[] {
  if (!isFacts(value) || typeof value['message'] !== 'string') return [];
  const code = text(value['code']);
  return [
    `${colour.bold(`${label}:`)} ${text(value['message'])}${code === '' ? '' : ` ${colour.dim(`[${code}]`)}`}`,
  ];
}

function labelled(label: string, value: unknown): string {
  const shown = isFacts(value) ? text(value['name']) : text(value);
  return shown === '' ? '' : `${label} ${shown}`;
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join('.');
  return typeof value === 'string' || typeof value === 'number' ? printable(String(value)) : '';
}

function list(value: unknown): Facts[] {
  return Array.isArray(value) ? value.filter(isFacts) : [];
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
