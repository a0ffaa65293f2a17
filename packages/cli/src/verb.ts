import { userInfo } from 'node:os';
import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import type { ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** What every verb is given. Verb files import nothing heavy at the top: `rovictl --version` must stay quick. */
export interface VerbContext {
  readonly terminal: Terminal;
  readonly version: string;
  /** The gateway's socket, from `--socket`, else `ROVI_SOCKET`, else undefined for the default. */
  socket(): string | undefined;
  /** The catalog named with `--catalog`; undefined where none was. */
  catalog(): string | undefined;
  /** The client for that socket. Nothing is connected before the first call. */
  client(): Promise<RoviClient>;
}

/** Ends the verb with this exit code once all output is written. */
export function endWith(code: ExitCode): void {
  process.exitCode = code;
}

/** A command line that commander accepts but that makes no sense: exit code 2. */
export class UsageError extends Error {}

/** Who commands, as the operations list shows it: the person behind `sudo`, else the user of this process. */
export function actorName(): string {
  const name = (process.env['SUDO_USER'] ?? '') || userName();
  return name.replace(/[^A-Za-z0-9_.@+:-]/g, '_').slice(0, 64) || 'unknown';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the database (a container's --user 1234).
    return `uid-${String(process.getuid?.() ?? 'unknown')}`;
  }
}
