import type Database from 'better-sqlite3';
import { RoviError } from '@rovi/contract';
import { moveAway } from './move-away.js';

/** Tickets that are counted together: the page at any offset is found by counting these, then at most so many. */
export const BUCKET_BITS = 10;

/** Step n brings a file from `user_version` n to n + 1. A step that was released is never changed. */
const steps: readonly string[] = [
  `
  -- seq: the order of creation. A robot's clock may jump, so created_at is none.
  CREATE TABLE tickets (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    command TEXT NOT NULL,
    params TEXT NOT NULL,
    priority TEXT NOT NULL,
    timeout_seconds REAL NOT NULL,
    metadata TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    started_at TEXT,
    completed_at TEXT,
    result TEXT,
    error TEXT,
    error_code TEXT,
    dry_run INTEGER NOT NULL,
    actor TEXT NOT NULL,
    attempts INTEGER NOT NULL
  );
  CREATE INDEX tickets_by_status ON tickets (status);
  CREATE INDEX tickets_by_end ON tickets (completed_at) WHERE completed_at IS NOT NULL;

  CREATE TABLE transitions (
    ticket INTEGER NOT NULL REFERENCES tickets ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (ticket, number)
  ) WITHOUT ROWID;

  CREATE TABLE attempts (
    ticket INTEGER NOT NULL REFERENCES tickets ON DELETE CASCADE,
    number INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    status TEXT NOT NULL,
    result TEXT,
    error TEXT,
    error_code TEXT,
    execution_time_ms REAL,
    PRIMARY KEY (ticket, number)
  ) WITHOUT ROWID;

  CREATE TABLE estop (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    active INTEGER NOT NULL,
    since TEXT,
    actor TEXT,
    reason TEXT NOT NULL
  );
  INSERT INTO estop VALUES (1, 0, NULL, NULL, '');

  -- The process that writes. One that another has followed writes no more.
  CREATE TABLE writer (one INTEGER PRIMARY KEY CHECK (one = 1), run TEXT NOT NULL);
  INSERT INTO writer VALUES (1, '');

  CREATE TABLE ticket_counts (
    status TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (status, bucket)
  ) WITHOUT ROWID;
  CREATE TRIGGER ticket_came AFTER INSERT ON tickets BEGIN
    INSERT INTO ticket_counts VALUES (new.status, new.seq >> ${BUCKET_BITS}, 1)
      ON CONFLICT DO UPDATE SET n = n + 1;
  END;
  CREATE TRIGGER ticket_moved AFTER UPDATE OF status ON tickets WHEN old.status <> new.status BEGIN
    UPDATE ticket_counts SET n = n - 1 WHERE status = old.status AND bucket = old.seq >> ${BUCKET_BITS};
    INSERT INTO ticket_counts VALUES (new.status, new.seq >> ${BUCKET_BITS}, 1)
      ON CONFLICT DO UPDATE SET n = n + 1;
  END;
  CREATE TRIGGER ticket_went AFTER DELETE ON tickets BEGIN
    UPDATE ticket_counts SET n = n - 1 WHERE status = old.status AND bucket = old.seq >> ${BUCKET_BITS};
    DELETE FROM ticket_counts WHERE status = old.status AND bucket = old.seq >> ${BUCKET_BITS} AND n = 0;
  END;
  `,
];

/** The newest form of the file that this program knows. */
export const SCHEMA_VERSION = steps.length;

/** Throws where the file is of a newer Rovi, or of another program; reads only. Answers with its version. */
export function checkVersion(database: Database, path: string): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) {
    throw new RoviError(
      'tickets-unavailable',
      `${path} was written by a newer Rovi (version ${version} of the file, this one knows ${SCHEMA_VERSION})`,
      {
        mend: `Install the newer Rovi again. To go on without those tickets: ${moveAway(path, 'newer')}.`,
        context: { path, version },
      },
    );
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw new RoviError('tickets-unavailable', `${path} is the database of another program`, {
      mend: `Move it away: ${moveAway(path, 'other')}.`,
      context: { path },
    });
  }
  return version;
}

/** Brings the file from that version to {@link SCHEMA_VERSION}, whole or not at all. */
export function migrate(database: Database, path: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    // Looked at again, for another may have done it meanwhile.
    for (const step of steps.slice(checkVersion(database, path))) database.exec(step);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
