import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { RoviError } from '@rovi/contract';
import type Database from 'better-sqlite3';
import { checkVersion, migrate, SCHEMA_VERSION } from './schema.js';
import { sqliteCode, sqliteProblem } from './sqlite-problem.js';
import { TicketTables } from './ticket-tables.js';

/** Milliseconds for which a lock of somebody else, such as a `sqlite3` of the operator's, is waited for. */
const LOCK_WAIT = 4_000;
/** Bytes up to which a file is looked through when it is opened: about 50 ms. Damage in a larger one shows when it is met. */
const LOOKED_THROUGH = 32 * 1024 * 1024;

/** The class of better-sqlite3. */
export type OpenDatabase = typeof Database;

/** The open file, and who is to write into it. */
interface Opened {
  readonly database: Database;
  readonly tables: TicketTables;
  /** The file itself: another at the same path is another one. */
  readonly inode: string;
  /** Whether this process has put itself down as the writer. */
  claimed: boolean;
  /** What was found to be damaged while it was written: nothing more is, until another file is there. */
  damage: RoviError | null;
}

/**
 * The file of the tickets. It is opened when it is first needed, and again where that failed or the file was moved away;
 * one that is damaged or of a newer Rovi is refused and left as it is.
 */
export class TicketFile {
  readonly path: string;
  readonly #Database: OpenDatabase;
  readonly #run = randomUUID();
  #opened: Opened | null = null;

  constructor(path: string, database: OpenDatabase) {
    this.path = path;
    this.#Database = database;
  }

  /** For reading. Throws SQLite's own errors and those of the file system, and RoviErrors. */
  read<T>(work: (tables: TicketTables) => T): T {
    const { database, tables } = this.#use();
    // One state of the file for all that is read.
    database.exec('BEGIN');
    try {
      return work(tables);
    } finally {
      if (database.inTransaction) database.exec('COMMIT');
    }
  }

  /** Does the work in one transaction: it is on the disk when this returns, and nothing of it where this throws. */
  write<T>(work: (tables: TicketTables, savepoint: <S>(step: () => S) => S) => T): T {
    const opened = this.#use();
    const { database, tables, damage } = opened;
    if (damage !== null) throw damage;
    try {
      database.exec('BEGIN IMMEDIATE');
      this.#claim(opened);
      const done = work(tables, (step) => stepOf(database, step));
      database.exec('COMMIT');
      opened.claimed = true;
      return done;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      if (['SQLITE_CORRUPT', 'SQLITE_NOTADB'].some((code) => sqliteCode(error).startsWith(code))) {
        opened.damage = sqliteProblem(this.path, error);
      }
      throw error;
    }
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = null;
    opened?.database.close();
  }

  #use(): Opened {
    if (this.#opened !== null && this.#opened.inode !== inodeOf(this.path)) this.close();
    return (this.#opened ??= this.#open());
  }

  #open(): Opened {
    const fresh = this.#make();
    const database = new this.#Database(this.path, { timeout: LOCK_WAIT, fileMustExist: true });
    try {
      // Before anything is written: a damaged file is not made worse.
      const version = checkVersion(database, this.path);
      if (!fresh && statSync(this.path).size <= LOOKED_THROUGH) lookThrough(database);
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = FULL');
      database.pragma('foreign_keys = ON');
      // After a burst the log does not keep the room that the disk may need.
      database.pragma('journal_size_limit = 16777216');
      // What is sorted is small, and /tmp may be full.
      database.pragma('temp_store = MEMORY');
      if (version < SCHEMA_VERSION) migrate(database, this.path);
      return {
        database,
        tables: new TicketTables(database),
        inode: inodeOf(this.path),
        claimed: false,
        damage: null,
      };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Makes the file where it is not there; true where it is empty. SQLite would make it readable by all. */
  #make(): boolean {
    mkdirSync(dirname(this.path), { recursive: true });
    // A pipe in its place is not waited for.
    const file = openSync(this.path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
    try {
      const status = fstatSync(file);
      if (!status.isFile()) {
        throw new RoviError('tickets-unavailable', `${this.path} is no plain file`, {
          mend: `Move it away: \`mv ${this.path} ${this.path}.old\`.`,
          context: { path: this.path },
        });
      }
      if ((status.mode & 0o777) !== 0o600) fchmodSync(file, 0o600);
      if (status.size === 0) syncFolder(dirname(this.path));
      return status.size === 0;
    } finally {
      closeSync(file);
    }
  }

  /**
   * Of two processes the later one writes. A gateway that was killed may have left one behind with requests still
   * unread, and those must not come after the next gateway has settled what was left.
   */
  #claim({ database, claimed }: Opened): void {
    const { run } = database.prepare('SELECT run FROM writer').get() as { run: string };
    if (run === this.#run) return;
    if (claimed) {
      throw new RoviError('tickets-unavailable', `another gateway has opened ${this.path}`, {
        mend: `\`fuser -v ${this.path}\` says which process.`,
        context: { path: this.path },
      });
    }
    database.prepare('UPDATE writer SET run = ?').run(this.#run);
  }
}

function lookThrough(database: Database): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
}

/** What the step throws undoes the step alone, unless SQLite itself gave up the transaction. */
function stepOf<T>(database: Database, step: () => T): T {
  database.exec('SAVEPOINT step');
  try {
    const done = step();
    database.exec('RELEASE step');
    return done;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK TO step; RELEASE step');
    throw error;
  }
}

function inodeOf(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? '' : `${status.dev}:${status.ino}`;
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
