import process from 'node:process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does what goes on until somebody ends it, by Ctrl-C, a signal or `end`. What its end makes of it is no error. */
export async function untilEnded(
  work: (signal: AbortSignal, end: () => void) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    over.abort(new Error('ended'));
  };
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    await work(over.signal, end);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}
