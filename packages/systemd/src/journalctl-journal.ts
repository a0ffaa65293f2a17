import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Journal, JournalQuery } from '@rovi/conductor';
import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { boundedLines } from './bounded-lines.js';
import { STREAM_PRIORITY, journalEntry } from './journal-entry.js';

/** Bytes of one entry as JSON; a longer one is left out. Non-text takes four bytes a byte. */
const ENTRY_BYTES = 4 * 1024 * 1024;
/** Characters of messages that one answer holds: what a client asks for must not cost the conductor its memory. */
const ANSWER_CHARACTERS = 16 * 1024 * 1024;
/** Entries that one answer holds, where a cursor says only where it begins. */
const ANSWER_ENTRIES = 100_000;
/** Entries and milliseconds for finding the last of one run among those of later ones. */
const SCAN = { entries: 10_000, ms: 1_200, allMs: 2_000 } as const;
/** Bytes of complaints that are kept. */
const COMPLAINT_BYTES = 4096;

const fields = [
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  'INVOCATION_ID',
  '_SYSTEMD_INVOCATION_ID',
  '_PID',
  '_COMM',
  '_TRANSPORT',
].join(',');

/** The complaints of a journalctl that is not allowed to see the system's journal; its exit status can still be 0. */
const notAllowed =
  /insufficient permissions|not seeing messages from other users|No journal files were (?:found|opened)/;

/** Two print the newest first: `scan` is narrowed by unit alone and bounded by {@link SCAN}, `run` as the query says. */
type Mode = 'all' | 'follow' | 'scan' | 'run';
/** Entries that a search from the newest backwards looks at. */
const SEARCH_ENTRIES = 200_000;

type Journalctl = ChildProcessByStdio<null, Readable, Readable>;

/**
 * The journal by `journalctl -o json`. One process per call, ended and reaped whatever ends the call. An answer of
 * `read` holds at most 100 000 entries and 16 Mi characters of messages: the newest of those asked for by number; after
 * a cursor the oldest, so that the last one's cursor continues.
 */
export class JournalctlJournal implements Journal {
  readonly #program: string;

  constructor(program = 'journalctl') {
    this.#program = program;
  }

  async read(query: JournalQuery, signal?: AbortSignal): Promise<LogEntry[]> {
    if (query.lines === 0 && query.after === undefined) return [];
    const { invocation, after, lines } = query;
    if (invocation !== undefined && after === undefined)
      return this.#lastOf(query, invocation, lines, signal);
    const entries: LogEntry[] = [];
    let characters = 0;
    for await (const entry of this.#entries(query, 'all', signal)) {
      characters += entry.message.length;
      if (after !== undefined && (characters > ANSWER_CHARACTERS || entries.length === ANSWER_ENTRIES)) break;
      entries.push(entry);
      while (characters > ANSWER_CHARACTERS) characters -= entries.shift()?.message.length ?? characters;
    }
    return entries;
  }

  /**
   * The last entries of one invocation. A process that ends at once is gone before journald looks at it: its lines
   * bear the unit's name but no invocation. They belong to the one whose entries come right before them. A run that so
   * much has come after that it is not found soon is looked up by its index, then without such lines. Takes two seconds
   * at most and answers with what was found by then.
   */
  async #lastOf(
    query: JournalQuery,
    invocation: string,
    lines: number,
    signal?: AbortSignal,
  ): Promise<LogEntry[]> {
    const begin = performance.now();
    const found: LogEntry[] = [];
    let unnamed: LogEntry[] = [];
    let characters = 0;
    let looked = 0;
    const whole = await this.#within(SCAN.ms, query, 'scan', signal, (entry) => {
      looked += 1;
      if (looked > SCAN.entries) return false;
      if (entry.invocation_id !== null && entry.invocation_id !== invocation) {
        unnamed = [];
        characters = 0;
        return found.length === 0;
      }
      if (entry.invocation_id === null && unnamed.length >= lines) return true;
      characters += entry.message.length;
      if (characters > ANSWER_CHARACTERS) return false;
      unnamed.push(entry);
      if (entry.invocation_id === null) return true;
      for (const one of unnamed) found.push(one);
      unnamed = [];
      return found.length < lines;
    });
    if (found.length > 0 || (whole && looked < SCAN.entries)) return found.slice(0, lines).reverse();
    const left = SCAN.allMs - (performance.now() - begin);
    characters = 0;
    await this.#within(left, query, 'run', signal, (entry) => {
      characters += entry.message.length;
      return characters <= ANSWER_CHARACTERS && found.push(entry) < lines;
    });
    return found.reverse();
  }

  /** Gives entries to `take` until it has enough (returns false) or the time is over; resolves with false if it was over. */
  async #within(
    ms: number,
    query: JournalQuery,
    mode: Mode,
    signal: AbortSignal | undefined,
    take: (entry: LogEntry) => boolean,
  ): Promise<boolean> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ms);
    const either = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
    try {
      for await (const entry of this.#entries(query, mode, either)) if (!take(entry)) break;
      return true;
    } catch (error) {
      if (!patience.signal.aborted || signal?.aborted === true) throw error;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  backwards(unit: string, signal: AbortSignal): AsyncIterable<LogEntry> {
    const query: JournalQuery = { unit, lines: SEARCH_ENTRIES };
    return { [Symbol.asyncIterator]: () => this.#entries(query, 'run', signal) };
  }

  follow(query: JournalQuery, signal: AbortSignal): AsyncIterable<LogEntry> {
    return { [Symbol.asyncIterator]: () => this.#followed(query, signal) };
  }

  async *#followed(query: JournalQuery, signal: AbortSignal): AsyncGenerator<LogEntry> {
    try {
      yield* this.#entries(query, 'follow', signal);
    } catch (error) {
      // The abort is how a follower ends, not a failure.
      if (!signal.aborted) throw error;
    }
  }

  async *#entries(query: JournalQuery, mode: Mode, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    signal?.throwIfAborted();
    const child = spawn(this.#program, journalArguments(query, mode), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', SYSTEMD_COLORS: '0' },
    });
    const ended = endOf(child);
    const kill = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    try {
      for await (const line of boundedLines(child.stdout as AsyncIterable<Buffer>, ENTRY_BYTES)) {
        const entry = journalEntry(line, query.unit);
        if (entry !== null) yield entry;
        signal?.throwIfAborted();
      }
      const end = await ended;
      signal?.throwIfAborted();
      const failure = failureOf(end);
      if (failure !== null) throw failure;
    } finally {
      signal?.removeEventListener('abort', kill);
      kill();
      await ended;
    }
  }
}

interface End {
  readonly code: number | null;
  readonly complaint: string;
  readonly error: Error | null;
}

/** Resolves when the process is reaped and its output closed, or could not be started; never rejects. */
async function endOf(child: Journalctl): Promise<End> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, COMPLAINT_BYTES);
    // A follower that may see nothing would wait for ever.
    if (notAllowed.test(complaint)) child.kill('SIGKILL');
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, complaint, error: null };
  } catch (error) {
    return { code: null, complaint, error: error as Error };
  }
}

function failureOf({ code, complaint, error }: End): RoviError | null {
  const text = complaint.trim();
  if (error === null && code === 0 && !notAllowed.test(text)) return null;
  if (/cursor/i.test(text)) {
    return new RoviError('bad-request', `the journal does not know this cursor: ${text}`, {
      mend: 'Leave the cursor out to begin with the last lines.',
    });
  }
  const why = error?.message ?? (text === '' ? `journalctl ended with ${code ?? 'a signal'}` : text);
  return new RoviError('journal-unavailable', `the journal cannot be read: ${why.split('\n', 1)[0] ?? ''}`, {
    mend: 'The user needs to be in the group systemd-journal: `rovictl doctor` says who is not.',
    context: { exit_status: code },
    cause: error ?? undefined,
  });
}

/** journalctl's command line. Matches are whole arguments with a fixed field name: a value cannot become an option. */
function journalArguments(query: JournalQuery, mode: Mode): string[] {
  const { unit, invocation, after, priority, lines, stream } = query;
  const scan = mode === 'scan';
  const run = (field: string): string[] =>
    invocation === undefined || scan ? [] : [`${field}=${invocation}`];
  const count = scan ? SCAN.entries : after === undefined ? lines : 'all';
  // Alone, --follow means "this boot" by /proc's word, which under ProtectProc= in a container is the host's boot.
  const follow = mode === 'follow' ? ['--follow', '--merge'] : [];
  const here = mode === 'follow' ? ownMachine() : [];
  const systemdSays = [
    '+',
    // What systemd says of the unit, as `journalctl -u` asks for it: anyone can write a field of that name.
    `UNIT=${unit}`,
    '_PID=1',
    ...here,
    ...run('INVOCATION_ID'),
  ];
  return [
    '--output=json',
    `--output-fields=${fields}`,
    '--all',
    '--no-pager',
    ...follow,
    ...(scan || mode === 'run' ? ['--reverse'] : []),
    `--lines=${count}`,
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
    ...(priority === undefined ? [] : [`--priority=${priority}`]),
    `_SYSTEMD_UNIT=${unit}`,
    ...here,
    ...run('_SYSTEMD_INVOCATION_ID'),
    ...(stream === undefined ? systemdSays : ['_TRANSPORT=stdout', `PRIORITY=${STREAM_PRIORITY[stream]}`]),
  ];
}

/** Keeps the journals of other machines out that a log server among the robots collects. */
function ownMachine(): string[] {
  try {
    return [`_MACHINE_ID=${readFileSync('/etc/machine-id', 'utf8').trim()}`];
  } catch {
    return [];
  }
}
