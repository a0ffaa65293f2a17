import type { AuditLog } from '@rovi/conductor';
import { AUDIT_MESSAGE } from '@rovi/contract';
import type { AuditEntry } from '@rovi/contract';
import type { Logger } from 'pino';

/**
 * The audit in the gateway's own log, and so in the journal: root's, written to at once, not to be changed by the
 * gateway's user, and kept as long as the journal is. Its lines are there whatever the log level.
 */
export class LogAudit implements AuditLog {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log.child({}, { level: 'info' });
  }

  record(entry: AuditEntry): void {
    this.#log.info({ audit: entry }, AUDIT_MESSAGE);
  }
}
