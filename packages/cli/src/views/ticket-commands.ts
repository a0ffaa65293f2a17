import type { TicketCommandInfo } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';

/** Of JSON Schema, what is told of a parameter. */
interface Described {
  readonly description?: unknown;
  readonly default?: unknown;
  readonly enum?: unknown;
  readonly minimum?: unknown;
  readonly exclusiveMinimum?: unknown;
  readonly maximum?: unknown;
  readonly multipleOf?: unknown;
}

/** Each command with its parameters, one a line. */
export function ticketCommandsText(given: readonly TicketCommandInfo[], colour: Colors): string {
  return printableData(given)
    .map(({ name, description, motion, params }) => {
      const moves = motion ? colour.yellow(' moves the robot') : '';
      const properties = (params['properties'] ?? {}) as Readonly<Record<string, Described>>;
      const required = (params['required'] ?? []) as readonly string[];
      const lines = Object.entries(properties).map(([key, one]) => {
        const said = typeof one.description === 'string' ? ` ${one.description}` : '';
        const unless = required.includes(key)
          ? ''
          : colour.dim(` (default: ${JSON.stringify(one.default) ?? 'none'})`);
        return `    ${key}${said}${limitsText(one)}${unless}\n`;
      });
      return `${colour.bold(name)}${moves}\n  ${description}\n${lines.join('')}`;
    })
    .join('');
}

/** What may be given, after the description: ` [more than 0, at most 3]`; empty where all may. */
function limitsText(one: Described): string {
  const words: readonly (readonly [string, unknown])[] = [
    ['a multiple of', one.multipleOf],
    ['more than', one.exclusiveMinimum],
    ['at least', one.minimum],
    ['at most', one.maximum],
  ];
  const parts = words.flatMap(([word, value]) =>
    typeof value === 'number' ? [`${word} ${String(value)}`] : [],
  );
  if (Array.isArray(one.enum)) parts.push(one.enum.join(', '));
  return parts.length === 0 ? '' : ` [${parts.join(', ')}]`;
}
