import { accessSync, constants } from 'node:fs';
import { basename } from 'node:path';
import { RoviError } from '@rovi/contract';
import { unwritable } from '../unwritable.js';
import { moveAway } from './move-away.js';

/** The code of SQLite, such as `SQLITE_FULL`; empty where the error is none of its. */
export function sqliteCode(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** What of SQLite's or the file system's went wrong with the file, for people. */
export function sqliteProblem(path: string, error: unknown): RoviError {
  if (error instanceof RoviError) return error;
  const code = sqliteCode(error);
  const { message } = error as Error;
  const context = { path, sqlite: code };
  const is = (...names: readonly string[]): boolean =>
    names.some((name) => code.startsWith(`SQLITE_${name}`));
  // SQLite says ENOSPC of a write only; for its index of the log it is an IOERR_SHMSIZE.
  if (is('FULL', 'IOERR_SHMSIZE')) return unwritable(path, asErrno('ENOSPC', message, error));
  if (is('IOERR', 'READONLY'))
    return unwritable(path, asErrno(whyNotWritten(path) ?? (is('IOERR') ? 'EIO' : ''), message, error));
  if (is('CORRUPT', 'NOTADB')) {
    return new RoviError('tickets-unavailable', `${path} is damaged: ${message}. It was left as it is.`, {
      mend: `Move it away and tickets begin anew: ${moveAway(path, 'broken')}. What can be read of it: \`sqlite3 ${path}.broken/${basename(path)} .recover\`.`,
      context,
      cause: error,
    });
  }
  if (is('BUSY', 'LOCKED')) {
    return new RoviError('tickets-unavailable', `${path} is held by another program: ${message}`, {
      mend: `\`fuser -v ${path}\` says by which.`,
      context,
      cause: error,
    });
  }
  const errno = code === '' ? (error as NodeJS.ErrnoException).code : undefined;
  if (errno !== undefined) return unwritable(path, error);
  return new RoviError('tickets-unavailable', `${path} cannot be used: ${message}`, {
    mend: `Its folder belongs to the catalog's user: \`ls -la ${path}\`.`,
    context,
    cause: error,
  });
}

function asErrno(code: string, message: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}

/** EROFS, EACCES: SQLite's own code does not say. Null where it could be written. */
function whyNotWritten(path: string): string | null {
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? null;
  }
}
