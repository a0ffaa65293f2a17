import { setTimeout as delay } from 'node:timers/promises';
import type { RoviClient } from '@rovi/client';
import { RoviError, type RoviEvent } from '@rovi/contract';

/** Who hears events. */
export interface Follower {
  /** Ask for the events missed meanwhile instead of a new snapshot. */
  readonly resume: boolean;
  readonly onEvent: (event: RoviEvent) => void;
  /** Once a loss, however many attempts follow. */
  readonly onLost: (error: RoviError) => void;
  readonly onBack: () => void;
}

/** What passes by itself, if one waits. */
const passing: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'host-unreachable',
  'client-too-slow',
  'too-many-clients',
]);

/**
 * Every event until the signal aborts or something happens that does not pass by itself; rejects then.
 * The client's own reconnection resumes without a word; here the person must see at once that the link is back, so each
 * new connection begins with a snapshot, but for a reader of JSON, who wants the missed events.
 */
export async function followEvents(
  client: RoviClient,
  signal: AbortSignal,
  follower: Follower,
): Promise<void> {
  let lost = false;
  let failures = 0;
  let boot: string | undefined;
  let since: number | undefined;
  for (;;) {
    try {
      const resume = follower.resume && boot !== undefined && since !== undefined ? { boot, since } : {};
      // Where events are resumed none may come for long: the link is back all the same.
      const onConnect = (): void => {
        if (lost) follower.onBack();
        lost = false;
      };
      for await (const event of client.events({ signal, onConnect, ...resume })) {
        failures = 0;
        since = event.seq;
        if (event.type === 'snapshot') boot = event.snapshot.boot_id;
        follower.onEvent(event);
      }
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof RoviError) || !passing.has(thrown.code)) throw thrown;
      if (!lost) follower.onLost(thrown);
      lost = true;
      failures += 1;
      await delay(Math.min(2_000, 125 * 2 ** failures), undefined, { signal });
    }
  }
}
