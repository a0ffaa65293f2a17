import type { StoredToken } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { clockText, durationText, momentText } from './moment.js';
import { tableText } from './table.js';

/** The tokens as a table, in the file's order. */
export function tokensText(tokens: readonly StoredToken[], now: number, colour: Colors): string {
  if (tokens.length === 0) return colour.dim('no tokens: over TCP only accounts of this robot are let in\n');
  return tableText(
    ['NAME', 'ROLE', 'ID', 'CREATED', 'ENDS'].map((word) => colour.dim(word)),
    tokens.map(({ name, role, id, created_at, expires_at }) => [
      name,
      role === 'viewer' ? role : colour.bold(role),
      id,
      momentText(created_at, now),
      endText(expires_at, now, colour),
    ]),
  );
}

function endText(expires: string | null, now: number, colour: Colors): string {
  if (expires === null) return 'never';
  const left = Date.parse(expires) - now;
  return left <= 0
    ? colour.red(`ended ${clockText(expires, now)}`)
    : `${clockText(expires, now)} (in ${durationText(left)})`;
}
