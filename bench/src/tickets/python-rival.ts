import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Inserts tickets, each in a transaction of its own, with the pragmas of Rovi; writes the milliseconds of each. */
const CREATE = `
import json, sqlite3, sys, time
path, rows = sys.argv[1], json.load(sys.stdin)
db = sqlite3.connect(path, isolation_level=None)
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA synchronous = FULL')
db.execute('CREATE TABLE IF NOT EXISTS tickets (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ticket TEXT NOT NULL)')
took = []
for key, text in rows:
    begin = time.perf_counter()
    db.execute('INSERT INTO tickets (id, ticket) VALUES (?, ?)', (key, text))
    took.append((time.perf_counter() - begin) * 1000)
print(json.dumps(took))
`;

/** Reads one page by LIMIT and OFFSET, so many times; writes the milliseconds of each. */
const PAGE = `
import json, sqlite3, sys, time
path, where, offset, reads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
db = sqlite3.connect('file:' + path + '?mode=ro', uri=True)
took = []
for _ in range(reads):
    begin = time.perf_counter()
    db.execute('SELECT * FROM tickets ' + where + ' ORDER BY seq DESC LIMIT 100 OFFSET ?', (offset,)).fetchall()
    took.append((time.perf_counter() - begin) * 1000)
print(json.dumps(took))
`;

async function python(program: string, words: readonly string[], input = ''): Promise<number[]> {
  const child = run('python3', ['-c', program, ...words], { maxBuffer: 2 ** 26 });
  child.child.stdin?.end(input);
  return JSON.parse((await child).stdout) as number[];
}

/** What a user would write instead: one table, one INSERT a transaction. Milliseconds of each. */
export function pythonCreates(path: string, rows: readonly (readonly [string, string])[]): Promise<number[]> {
  return python(CREATE, [path], JSON.stringify(rows));
}

/** The same page of Rovi's own file by plain SQL. Milliseconds of each read. */
export function sqlPages(path: string, where: string, offset: number, reads: number): Promise<number[]> {
  return python(PAGE, [path, where, String(offset), String(reads)]);
}
