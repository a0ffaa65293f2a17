import type { Journal } from '@rovi/conductor';
import { AUDIT_MESSAGE, GATEWAY_UNIT, auditEntrySchema } from '@rovi/contract';
import type { AuditEntry } from '@rovi/contract';

/** The audit entry that a line of the gateway's log holds; null where it holds none. */
export function auditEntryOf(message: string): AuditEntry | null {
  if (!message.includes(`"msg":"${AUDIT_MESSAGE}"`)) return null;
  try {
    const { msg, audit } = JSON.parse(message) as { msg?: unknown; audit?: unknown };
    if (msg !== AUDIT_MESSAGE) return null;
    const entry = auditEntrySchema.safeParse(audit);
    return entry.success ? entry.data : null;
  } catch {
    return null;
  }
}

/** The last `lines` entries, oldest first, as far back as the journal is looked through. Rejects with `journal-unavailable`. */
export async function readAudit(journal: Journal, lines: number, signal: AbortSignal): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for await (const { message } of journal.backwards(GATEWAY_UNIT, signal)) {
    const entry = auditEntryOf(message);
    if (entry !== null) found.push(entry);
    if (found.length === lines) break;
  }
  return found.reverse();
}
