import type { AuditEntry } from '@rovi/contract';

/** Where it is kept who commanded what, from where, and what came of it. */
export interface AuditLog {
  /** Writes the entry down before it returns, as far as the machine lets it. Never throws. */
  record(entry: AuditEntry): void;
}
