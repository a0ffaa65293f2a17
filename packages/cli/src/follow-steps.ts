import type { RoviClient } from '@rovi/client';
import type { Operation } from '@rovi/contract';
import type { Request } from './command-request.js';

/** Gives each copy of the command's record that the event stream tells of. That stream is a comfort: its errors are nobody's concern here. */
export async function followSteps(
  client: RoviClient,
  request: Request,
  update: (operation: Operation) => void,
  signal: AbortSignal,
): Promise<void> {
  let id: string | null = null;
  const look = (operation: Operation | null): void => {
    if (operation === null || operation.kind !== request.kind) return;
    if (operation.stack !== request.stack || operation.service !== (request.service ?? null)) return;
    // A record of the same kind that has ended is an earlier one, unless its beginning was seen here.
    if (operation.outcome === 'running') id ??= operation.id;
    if (operation.id === id && !signal.aborted) update(operation);
  };
  try {
    for await (const event of client.events({ signal })) {
      if (event.type === 'snapshot') {
        const { operation, service_operations: others } = event.snapshot;
        for (const one of [operation, ...others]) look(one);
      }
      if (event.type === 'operation') look(event.operation);
    }
  } catch {
    // The command's own answer says what went wrong.
  }
}
