import type { RoviClient } from '@rovi/client';
import type { Operation, Rolling } from '@rovi/contract';
import { isOf } from './rolling-plan.js';

/**
 * The robot's own record of this rolling restart there, once it has ended; null where it has none that succeeded. For a
 * host that was in hand when `rovictl` ended: whether the restart was carried out is for the robot to say. Rejects where
 * it cannot be asked.
 */
export async function succeededEarlier(client: RoviClient, rolling: Rolling): Promise<Operation | null> {
  // Newest first.
  const last = (await client.operations()).find((one) => isRestartOf(rolling, one));
  if (last === undefined) return null;
  const ended = last.outcome === 'running' ? await ending(client, last) : last;
  return ended.outcome === 'succeeded' ? ended : null;
}

function isRestartOf(rolling: Rolling, { reason, stack, service }: Operation): boolean {
  return isOf(rolling, reason) && rolling.name === (rolling.kind === 'stack' ? stack : service);
}

async function ending(client: RoviClient, { id }: Operation): Promise<Operation> {
  // The stream first: what ends before it begins is seen by the question after its snapshot.
  for await (const event of client.events()) {
    if (event.type === 'snapshot') {
      const now = await client.operation(id);
      if (now.outcome !== 'running') return now;
    }
    if (event.type === 'operation' && event.operation.id === id && event.operation.outcome !== 'running') {
      return event.operation;
    }
  }
  return client.operation(id);
}
