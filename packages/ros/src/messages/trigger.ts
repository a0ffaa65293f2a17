import type { Operation } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** `std_srvs/srv/Trigger` response. */
export interface TriggerResponse {
  readonly success: boolean;
  /** `<code>: <sentence>`: the code is `succeeded` or one of docs/errors.md. */
  readonly message: string;
}

/** What came of an operation: `success` only where it ended well, with the code and what to do where it did not. */
export function triggerOf(operation: Operation): TriggerResponse {
  const { outcome, message, problem, warnings } = operation;
  if (outcome === 'succeeded') {
    return { success: true, message: [`succeeded: ${message}`, ...warnings].join('\n') };
  }
  return { success: false, message: problem === null ? `internal: ${message}` : problemText(problem) };
}

/** A command that was not begun. */
export function refusalOf(error: unknown): TriggerResponse {
  return { success: false, message: problemText(RoviError.from(error)) };
}

function problemText({ code, message, mend }: { code: string; message: string; mend: string }): string {
  return `${code}: ${message}${mend === '' ? '' : `\n${mend}`}`;
}
