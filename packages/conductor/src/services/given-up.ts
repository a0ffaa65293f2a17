import type { ServiceEntry } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { UnitReading } from '../ports/unit-manager.js';

/** Lines in which systemd's own word on a unit's last end is looked for. */
const LINES = 30;
/** Milliseconds that the journal may take. */
const WITHIN_MS = 3_000;

/** True for a unit that systemd starts again after such an end, if it does not give up. */
export function isRestarted(
  { restart }: Pick<ServiceEntry, 'restart'>,
  { activeState, result }: UnitReading,
): boolean {
  return (
    restart !== 'never' && activeState === 'failed' && (result !== 'success' || restart !== 'on-failure')
  );
}

/**
 * For a unit that was found failed: true where systemd's last word on it is that it gave up. Without that word it may
 * have been stopped, badly, by somebody while no gateway looked. Never rejects.
 */
export async function saidToHaveGivenUp(
  { journal, clock }: { readonly journal: Pick<Journal, 'read'>; readonly clock: Clock },
  unit: string,
): Promise<boolean> {
  const over = new AbortController();
  clock.sleep(WITHIN_MS, over.signal).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    const lines = await journal.read({ unit, lines: LINES }, over.signal);
    const said = lines.findLast(({ message }) =>
      /start request repeated too quickly|^Stopping /i.test(message),
    );
    return said !== undefined && !said.message.startsWith('Stopping ');
  } catch {
    return false;
  } finally {
    over.abort();
  }
}
