/**
 * The process of the tickets: a child of the gateway that keeps them in SQLite, for the gateway has no native module and
 * must not wait for a disk (decision 0024). Its argument is the path of the file. It ends when its stdin does, so it never
 * outlives the gateway for longer than what it has read already takes.
 */
import { createInterface } from 'node:readline';
import { RoviError } from '@rovi/contract';
import { answerAll } from './group-commit.js';
import type { TicketReply, TicketRequest } from './protocol.js';
import { TicketFile } from './ticket-file.js';

const [path = ''] = process.argv.slice(2);

/** The file, or why there is none to be had. */
async function loaded(): Promise<TicketFile | RoviError> {
  try {
    const { default: Database } = await import('better-sqlite3');
    // Only this loads the addon.
    new Database(':memory:').close();
    return new TicketFile(path, Database);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    return new RoviError(
      'tickets-unavailable',
      missing ? 'better-sqlite3 is not installed' : `better-sqlite3 does not load: ${message}`,
      { mend: 'Build and install Rovi again, with a compiler and for this Node.', cause },
    );
  }
}

const file = await loaded();
let waiting: TicketRequest[] = [];

function answer(): void {
  const requests = waiting;
  waiting = [];
  const replies: readonly TicketReply[] =
    file instanceof RoviError
      ? requests.map(({ id }) => ({ id, problem: file.toProblem() }))
      : answerAll(file, requests);
  process.stdout.write(replies.map((reply) => `${JSON.stringify(reply)}\n`).join(''));
}

// A Ctrl-C in the gateway's terminal comes here too: what the gateway has still to say is kept first.
process.on('SIGINT', () => undefined);
// A gateway that is gone hears no answers.
process.stdout.on('error', () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    // All that one turn of the event loop reads is committed together.
    if (waiting.push(JSON.parse(line) as TicketRequest) === 1) setImmediate(answer);
  })
  .on('close', () => {
    // After what was read; with it the process has nothing more to do, and what it said is written before it ends.
    setImmediate(() => {
      if (!(file instanceof RoviError)) file.close();
    });
  });
