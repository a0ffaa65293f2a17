import process from 'node:process';

/** Runs it with a signal that Ctrl-C aborts: what was begun on the robots goes on, and each host's outcome says so. */
export async function untilInterrupt<Answer>(
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await work(interrupted.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
