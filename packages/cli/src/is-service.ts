import type { RoviClient } from '@rovi/client';
import { isUnreachable } from './gateway-fallback.js';

/** Whether the catalog has a service of this name, rather than a stack or nothing. Rejects where the gateway does not answer. */
export async function isService(client: RoviClient, name: string, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await client.service(name, signal === undefined ? {} : { signal })).kind === 'service';
  } catch (error) {
    if (isUnreachable(error) || signal?.aborted === true) throw error;
    // No such name: what is asked for next says so in its own words.
    return false;
  }
}
