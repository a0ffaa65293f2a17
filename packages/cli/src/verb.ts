import { userInfo } from 'node:os';
import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import type { ExitCode } from './exit-codes.js';
import type { Host } from './hosts/inventory.js';
import type { Terminal } from './terminal.js';
import type { ThisMachine } from './this-machine.js';

/** What every verb is given. Verb files import nothing heavy at the top: `rovictl --version` must stay quick. */
export interface VerbContext {
  readonly terminal: Terminal;
  readonly version: string;
  /** The host that is meant, from `--host`, else `ROVI_HOST`, as it is named; null for this machine. */
  host(): string | null;
  /** The same where its form says that it can be several: `yard,hall`, `@label`, `all`. Null for one host. */
  several(): string | null;
  /**
   * That host as the inventory has it; null for this machine. Rejects with `host-unknown` or `hosts-invalid`, and with a
   * UsageError where several are meant.
   */
  target(): Promise<Host | null>;
  /** The same verb on this host, or with `local` on this machine. Throws a UsageError where `--host` says otherwise. */
  on(host: string): VerbContext;
  /** Leave to work on this machine past its gateway; null where another host is meant. */
  thisMachine(): ThisMachine | null;
  /** The gateway's socket, from `--socket`, else `ROVI_SOCKET`, else undefined for the default. */
  socket(): string | undefined;
  /** The catalog named with `--catalog`; undefined where none was. */
  catalog(): string | undefined;
  /** `socket` or `catalog` where that option names a file of this machine; else null. */
  fileFlag(): 'socket' | 'catalog' | null;
  /**
   * The client for that host or socket. Of another host the first call says on standard error which it is, and over ssh
   * logs in; rejects with a `host-…` code. Of this machine nothing is connected before the first request.
   */
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
