import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { Clock } from './ports/clock.js';
import type { Journal } from './ports/journal.js';

/** Characters of a line that are kept: it is in hundreds of events and records, and in every state. The journal has all. */
const LINE_CHARACTERS = 2_000;
/** Milliseconds between two looks at a journal that may be behind. */
const AGAIN_MS = 40;

export interface LastLinesOptions {
  readonly unit: string;
  readonly invocation: string;
  /** At most so many. */
  readonly lines: number;
  /** True where the run is over, and systemd's word on its end is waited for: what it died of comes right before that. */
  readonly ended?: boolean;
  /** Milliseconds to ask again while what the run said, or of a run that is over its end, is not there: the journal may be behind. */
  readonly patienceMs: number;
  /** Milliseconds until it is over, whatever the journal does. */
  readonly withinMs: number;
}

/** What was found, and why it may not be all. */
export interface LastLines {
  readonly lines: readonly LogEntry[];
  readonly error: RoviError | null;
}

/**
 * The last journal lines of one run, oldest first, each cut at 2,000 characters. Never rejects: lines explain something
 * that matters more.
 */
export async function lastLines(
  { journal, clock }: { readonly journal: Pick<Journal, 'read'>; readonly clock: Clock },
  { unit, invocation, lines: count, ended = false, patienceMs, withinMs }: LastLinesOptions,
  given: AbortSignal = new AbortController().signal,
): Promise<LastLines> {
  const over = new AbortController();
  const signal = AbortSignal.any([given, over.signal]);
  const until = clock.monotonic() + patienceMs;
  clock.sleep(withinMs, signal).then(
    () => over.abort(late(withinMs)),
    () => undefined,
  );
  let lines: readonly LogEntry[] = [];
  try {
    for (;;) {
      lines = (await journal.read({ unit, invocation, lines: count }, signal)).map(cut);
      const saidSomething = lines.some(({ transport }) => transport !== 'journal');
      const isWhole = saidSomething && (!ended || lines.at(-1)?.transport === 'journal');
      // systemd has a word on every run: where there is none, the journal has not come so far.
      if (isWhole || (lines.length > 0 && clock.monotonic() >= until)) return { lines, error: null };
      await clock.sleep(AGAIN_MS, signal);
    }
  } catch (thrown) {
    return { lines, error: RoviError.from(signal.aborted ? signal.reason : thrown) };
  } finally {
    over.abort();
  }
}

function cut(entry: LogEntry): LogEntry {
  const { message } = entry;
  if (message.length <= LINE_CHARACTERS) return entry;
  const kept = message.slice(0, LINE_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
  return { ...entry, message: `${kept} […${message.length - kept.length} characters more]` };
}

function late(ms: number): RoviError {
  return new RoviError('journal-unavailable', `the journal did not answer within ${ms / 1000} s`);
}
