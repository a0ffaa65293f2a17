import { writeSync } from 'node:fs';
import type { Logger } from 'pino';
import { pino } from 'pino';

/** pino's levels as syslog priorities (sd-daemon(3)): journald reads the `<N>` prefix of each line. */
function priority(line: string): number {
  const level = Number(/"level":(\d+)/.exec(line)?.[1] ?? 30);
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

/** A logger whose lines carry their priority into the journal; plain JSON lines where stdout is not the journal. */
export function createJournalLog(level: string): Logger {
  const toJournal = process.env['JOURNAL_STREAM'] !== undefined;
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write(line: string): void {
        try {
          writeSync(1, toJournal ? `<${priority(line)}>${line}` : line);
        } catch {
          // A journal that is full or gone must not take the conductor with it.
        }
      },
    },
  );
}
