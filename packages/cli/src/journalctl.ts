import { spawn } from 'node:child_process';
import process from 'node:process';
import { RoviError, type LogEntry } from '@rovi/contract';
import { journalEntry } from './journal-entry.js';

/** What of a unit's journal is wanted. */
export interface JournalSelection {
  readonly follow?: true;
  readonly lines: number;
  readonly priority?: number;
  /** 32 hexadecimal digits; null for every run. */
  readonly invocation: string | null;
  /** Only what the program of a service wrote there. */
  readonly stream?: 'stdout' | 'stderr';
}

/** Bytes of one entry as JSON; a longer one is left out, as the gateway leaves it out. */
const ENTRY_BYTES = 4 * 1024 * 1024;

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

/** journalctl's words (in LC_ALL=C) to one who may see no journal, or only that of own programs: no unit is in it. */
const unseeing = /insufficient permissions|not seeing messages from other users/i;

/**
 * Reads a unit's journal with journalctl and hands over each entry as the gateway would have sent it. Resolves with
 * whether journalctl was content; an abort ends it early and is no fault. Rejects with `journal-unavailable` where
 * there is no journalctl, and where this user may not read the journal.
 */
export function readJournal(
  unit: string,
  selection: JournalSelection,
  hear: { readonly entry: (entry: LogEntry) => void; readonly complaint: (text: string) => void },
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('journalctl', journalctlArguments(unit, selection), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' },
    });
    const end = (): void => void child.kill('SIGTERM');
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    const lines = lineSplitter(ENTRY_BYTES, (line) => {
      const entry = journalEntry(line, unit);
      if (entry !== null && !signal.aborted) hear.entry(entry);
    });
    child.stdout.on('data', lines);
    let refused = false;
    const complaints = lineSplitter(ENTRY_BYTES, (line) => {
      if (unseeing.test(line)) {
        refused = true;
        // Following, it would wait for ever for what it may not see.
        end();
      } else if (!refused) hear.complaint(line);
    });
    child.stderr.on('data', complaints);
    child.on('error', (cause) => {
      signal.removeEventListener('abort', end);
      reject(
        new RoviError('journal-unavailable', 'journalctl cannot be run', {
          mend: 'Install systemd, or read the journal on the robot.',
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', end);
      if (refused && !signal.aborted) reject(notAllowed(unit));
      else resolve(code === 0 || signal.aborted);
    });
  });
}

function notAllowed(unit: string): RoviError {
  return new RoviError('journal-unavailable', `you may not read the journal of ${unit}`, {
    mend: 'Ask an admin: root can read it, and so can members of the group systemd-journal (`usermod -aG systemd-journal USER`, then log in again).',
    context: { unit },
  });
}

/** journalctl's command line for what was asked: of one run both what the unit wrote and what systemd said of it. */
export function journalctlArguments(unit: string, selection: JournalSelection): string[] {
  const { follow, lines, priority, invocation, stream } = selection;
  const said =
    stream === undefined ? [] : ['_TRANSPORT=stdout', `PRIORITY=${stream === 'stderr' ? '5' : '6'}`];
  return [
    '--no-pager',
    `--lines=${String(lines)}`,
    '--output=json',
    `--output-fields=${fields}`,
    '--all',
    ...(follow ? ['--follow'] : []),
    ...(priority === undefined ? [] : [`--priority=${String(priority)}`]),
    ...(invocation === null
      ? [`--unit=${unit}`, ...said]
      : [
          `_SYSTEMD_INVOCATION_ID=${invocation}`,
          ...(stream === undefined ? ['+', `INVOCATION_ID=${invocation}`] : said),
        ]),
  ];
}

/** Takes pieces of a stream and hands over its lines; one longer than `limit` bytes is given up. */
export function lineSplitter(limit: number, take: (line: string) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    let begin = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, begin);
      const piece = chunk.subarray(begin, end < 0 ? undefined : end);
      size += piece.length;
      if (size <= limit) pieces.push(piece);
      else pieces = [];
      if (end < 0) return;
      if (size <= limit) take(Buffer.concat(pieces).toString('utf8'));
      pieces = [];
      size = 0;
      begin = end + 1;
    }
  };
}
