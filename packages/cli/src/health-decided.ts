import type { RoviClient } from '@rovi/client';
import type { HealthWord, SupervisedService } from '@rovi/contract';

/** Milliseconds that somebody who has just started a service waits for its first looks. */
const PATIENCE_MS = 15_000;

const undecided: ReadonlySet<HealthWord> = new Set(['starting', 'unknown']);

/**
 * Resolves when the checks of a service that was started have come to a verdict, with the service as it was then; with
 * null when patience ends. Rejects where the link is lost, and with an abort's own reason.
 */
export async function healthDecided(
  client: RoviClient,
  name: string,
  options: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
): Promise<SupervisedService | null> {
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort(new Error('no verdict in time'));
  }, options.patienceMs ?? PATIENCE_MS);
  const signals = options.signal === undefined ? [patience.signal] : [patience.signal, options.signal];
  try {
    for await (const event of client.events({ signal: AbortSignal.any(signals) })) {
      const services = event.type === 'snapshot' ? event.snapshot.services : [];
      const service = event.type === 'service' ? event.service : services.find((one) => one.name === name);
      if (service?.name !== name) continue;
      const open = service.instances.some(
        ({ health, unit }) => unit.main_pid !== null && undecided.has(health.status),
      );
      if (!open) return service;
    }
    return null;
  } catch (error) {
    if (!patience.signal.aborted) throw error;
    return null;
  } finally {
    clearTimeout(timer);
  }
}
