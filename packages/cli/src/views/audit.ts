import type { AuditEntry } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { clockText, localTimes } from './moment.js';
import { tableText } from './table.js';

/** The entries as a table, oldest first. */
export function auditText(entries: readonly AuditEntry[], now: number, colour: Colors): string {
  if (entries.length === 0) return colour.dim('nothing was commanded, as far as the journal goes back\n');
  return tableText(
    ['WHEN', '', 'COMMAND', 'BY', 'FROM', 'RESULT'].map((word) => colour.dim(word)),
    printableData(entries).map((entry) => [
      clockText(entry.at, now),
      glyph(entry, colour),
      entry.target === null ? entry.command : `${entry.command} ${entry.target}`,
      `${entry.actor.name}${entry.actor.verified ? '' : colour.dim('?')}`,
      fromText(entry),
      localTimes(resultText(entry, colour), now),
    ]),
  );
}

function glyph({ decision, outcome }: AuditEntry, colour: Colors): string {
  if (decision === 'refused') return colour.red('⊘');
  if (decision === 'accepted') return colour.yellow('▸');
  return outcome === 'succeeded'
    ? colour.green('✓')
    : outcome === 'failed'
      ? colour.red('✗')
      : colour.yellow('–');
}

/** How it came in: `cli unix`, `web tcp 10.0.0.7:40312 (token, operator)`. */
function fromText({ actor, origin }: AuditEntry): string {
  const letIn =
    origin.via === null || origin.via === 'socket' ? '' : ` (${origin.via}, ${origin.role ?? ''})`;
  return [actor.face, origin.transport === actor.face ? '' : origin.transport, origin.peer ?? '']
    .filter((word) => word !== '')
    .join(' ')
    .concat(letIn);
}

function resultText({ decision, operation, message, code, reason }: AuditEntry, colour: Colors): string {
  // Of what is no operation (maintain, recover, …) the message is its end already.
  const begun = decision === 'accepted' && operation !== null;
  const why = reason === '' || decision !== 'accepted' || message.includes(reason) ? '' : `: ${reason}`;
  const said = `${begun ? `accepted as ${operation}` : message}${why}`;
  return code === null ? said : `${said} ${colour.dim(`[${code}]`)}`;
}
