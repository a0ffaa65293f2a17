import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { JournalctlJournal } from './journalctl-journal.js';

const unit = 'rovi-nav.service';
const run = 'a'.repeat(32);
const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterEach(() => void vi.useRealTimers());
afterAll(() => rmSync(folder, { recursive: true }));

/** From here on the time passes that a test lets pass: how fast programs are here is not what a run is answered by. */
const stopTheClock = (): unknown =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
const realTimeout = setTimeout;
/** A turn of the event loop, in which what is in a pipe is read. */
const turn = (): Promise<void> => new Promise((resolve) => void realTimeout(resolve, 2));

/** A journal of `count` entries with messages of `length` characters, numbered in the order journalctl prints them; the last with fields of its own. */
function journalOf(count: number, length: number, fields = {}, last = {}): JournalctlJournal {
  const program = join(folder, `journalctl-${count}-${length}`);
  const entry = { __REALTIME_TIMESTAMP: '1700000000000000', _TRANSPORT: 'stdout', ...fields };
  const script = `#!${process.execPath}
const [entry, last] = ${JSON.stringify([entry, last])};
let next = 0;
const write = () => {
  while (next < ${count}) {
    const line = JSON.stringify({ ...entry, ...(next === ${count - 1} ? last : {}), __CURSOR: 's=1;i=' + next, MESSAGE: String(next).padEnd(${length}, ' ') });
    next += 1;
    if (!process.stdout.write(line + '\\n')) return process.stdout.once('drain', write);
  }
};
write();
`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return new JournalctlJournal(program);
}

/** A journalctl of its own; `entry` is at hand. */
function programOf(script: string): JournalctlJournal {
  programs += 1;
  const program = join(folder, `journalctl-${programs}`);
  const entry = { __CURSOR: 's=1', __REALTIME_TIMESTAMP: '1700000000000000', _TRANSPORT: 'stdout' };
  writeFileSync(program, `#!${process.execPath}\nconst entry = ${JSON.stringify(entry)};\n${script}\n`);
  chmodSync(program, 0o755);
  return new JournalctlJournal(program);
}
let programs = 0;

const numbers = (entries: readonly { readonly message: string }[]) =>
  entries.map(({ message }) => Number(message));

describe('an answer of the journal', () => {
  // 16 Mi characters are 256 messages of 64 Ki.
  const long = 64 * 1024;

  it('holds the newest of what was asked for, where all is more than it may hold', async () => {
    const found = numbers(await journalOf(300, long).read({ unit, lines: 100_000 }));
    expect([found.length, found[0], found.at(-1)]).toEqual([256, 44, 299]);
  });

  it('holds the oldest after a cursor, so that it can be continued', async () => {
    const found = numbers(await journalOf(300, long).read({ unit, lines: 1, after: 's=1;i=x' }));
    expect([found.length, found[0], found.at(-1)]).toEqual([256, 0, 255]);
    const short = await journalOf(100_500, 10).read({ unit, lines: 1, after: 's=1;i=x' });
    expect(short).toHaveLength(100_000);
  });

  it('holds the newest of a run', async () => {
    stopTheClock();
    // Asked for a run, journalctl prints the newest first.
    const found = numbers(
      await journalOf(300, long, { _SYSTEMD_INVOCATION_ID: run }).read({
        unit,
        lines: 1000,
        invocation: run,
      }),
    );
    expect([found.length, found[0], found.at(-1)]).toEqual([256, 255, 0]);
  });

  it('takes many lines that bear no run', async () => {
    stopTheClock();
    const journal = journalOf(9000, 6, {}, { _SYSTEMD_INVOCATION_ID: run });
    const found = numbers(await journal.read({ unit, lines: 3, invocation: run }));
    expect(found).toEqual([2, 1, 0]);
  });

  it('looks a run up by its index where too much came after it', async () => {
    stopTheClock();
    const journal = programOf(`
      const scan = !process.argv.some((one) => one.startsWith('_SYSTEMD_INVOCATION_ID='));
      const line = JSON.stringify({ ...entry, MESSAGE: '7', ...(scan ? {} : { _SYSTEMD_INVOCATION_ID: '${run}' }) });
      const write = () => { while (process.stdout.write(line + '\\n')); process.stdout.once('drain', write); };
      if (scan) write();
      else process.stdout.write(line + '\\n');`);
    const found = await journal.read({ unit, lines: 3, invocation: run });
    expect(numbers(found)).toEqual([7]);
  });

  it('of a run comes within seconds, with what was found by then', async () => {
    const said = join(folder, 'said');
    // One entry, then silence: a journal that is searched and searched.
    const silent = (first: object): JournalctlJournal =>
      programOf(
        `process.stdout.write(JSON.stringify({ ...entry, MESSAGE: '7', ...${JSON.stringify(first)} }) + '\\n');
         require('node:fs').writeFileSync(${JSON.stringify(said)}, '');
         setTimeout(() => {}, 60_000);`,
      );
    stopTheClock();
    const query = { unit, lines: 3, invocation: run };
    let answered = false;
    const answer = silent({ _SYSTEMD_INVOCATION_ID: run })
      .read(query)
      .finally(() => (answered = true));
    while (!existsSync(said)) await turn();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(answered).toBe(false);
    // So much time, and no more, lets it answer.
    vi.advanceTimersByTime(2_000);
    expect(numbers(await answer)).toEqual([7]);
    const reason = new Error('enough');
    await expect(silent({}).read(query, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
