import type { Journal, JournalQuery } from '@rovi/conductor';
import { RoviError, logEntrySchema, logListSchema, problemSchema } from '@rovi/contract';
import type { LogEntry, LogsQuery, UnitStatus } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EventStream } from './event-stream.js';
import { frameOf } from './event-stream.js';
import type { OpenStreams } from './open-streams.js';
import type { RequestHeader } from './parse.js';
import type { Answer } from './route.js';

/** Milliseconds that reading the journal may take. */
const READ_MS = 30_000;

/** What every route to a unit's journal says of itself. */
export const LOG_DETAILS =
  'One answer holds at most 100 000 entries and 16 Mi characters of messages: the newest, or after a cursor the oldest.';

/** The header that such a route reads. */
export const LOG_HEADERS: Readonly<Record<string, RequestHeader>> = {
  'Last-Event-ID': {
    schema: z.string(),
    is: 'With `follow`: the cursor of the last entry that was read, to go on after; goes before `after`.',
  },
};

/** How such a route answers. */
export const LOG_ANSWERS: readonly Answer[] = [
  { status: 200, is: 'The entries', schema: logListSchema },
  {
    status: 200,
    is: 'With `follow`: the entries, then every further one as it is written; `id` is the cursor',
    type: 'text/event-stream',
    events: { log: logEntrySchema, dropped: problemSchema },
  },
];

/** Whose journal is read; a unit that was never seen has no invocation. */
export interface LoggedUnit extends Pick<UnitStatus, 'unit' | 'invocation_id'> {
  /** Whether it tells its two outputs apart: services do, gateway and stacks do not. */
  readonly streams: boolean;
}

/** What of its journal is read. */
export type LogSelection = LogsQuery & Pick<JournalQuery, 'stream'>;

/** The entry as it may be told: of a unit whose outputs come as one, none is named. */
function told(entry: LogEntry, { streams }: LoggedUnit): LogEntry {
  return streams || entry.stream === null ? entry : { ...entry, stream: null };
}

/** The last invocation: systemd's own word, else (the unit was unloaded) that of the newest entry. */
async function latestInvocation(
  journal: Journal,
  { unit, invocation_id: known }: Pick<LoggedUnit, 'unit' | 'invocation_id'>,
  signal: AbortSignal,
): Promise<string | null> {
  if (known !== null) return known;
  const [last] = await journal.read({ unit, lines: 1 }, signal);
  return last?.invocation_id ?? null;
}

/** What to ask the journal for; null where the latest invocation is meant and there has been none. */
async function queryOf(
  journal: Journal,
  unit: LoggedUnit,
  query: LogSelection,
  signal: AbortSignal,
): Promise<JournalQuery | null> {
  const { lines, after, priority, stream } = query;
  const invocation =
    query.invocation === 'latest' ? await latestInvocation(journal, unit, signal) : query.invocation;
  if (invocation === null) return null;
  return {
    unit: unit.unit,
    lines,
    ...(invocation === undefined ? {} : { invocation }),
    ...(after === undefined ? {} : { after }),
    ...(priority === undefined ? {} : { priority }),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** Journal entries to the client as they come, no faster than it reads; a journal that fails ends the stream with why. */
async function pump(stream: EventStream, unit: LoggedUnit, entries: AsyncIterable<LogEntry>): Promise<void> {
  try {
    for await (const entry of entries) {
      if (stream.closed.aborted) return;
      stream.send(frameOf('log', told(entry, unit), entry.cursor));
      await stream.ready();
    }
    stream.drop(new RoviError('journal-unavailable', 'the journal ended').toProblem());
  } catch (error) {
    stream.drop(RoviError.from(error).toProblem());
  }
}

/** A signal that ends when the client goes away or the time is over. */
function readSignal(reply: FastifyReply): AbortSignal {
  const over = new AbortController();
  // A timer of its own: AbortSignal.timeout() inside AbortSignal.any() is collected as garbage, and never fires.
  const timer = setTimeout(() => over.abort(), READ_MS);
  reply.raw.once('close', () => {
    clearTimeout(timer);
    over.abort();
  });
  return over.signal;
}

/** Answers with a unit's journal, as a list or as a stream. */
export class UnitLog {
  readonly #journal: Journal;
  readonly #logs: OpenStreams;

  constructor({ journal, logs }: { readonly journal: Journal; readonly logs: OpenStreams }) {
    this.#journal = journal;
    this.#logs = logs;
  }

  /** What the query asks for; with `follow` the reply itself, taken over as an event stream. */
  answer(
    unit: LoggedUnit,
    query: LogSelection,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): Promise<unknown> {
    if (!query.follow) return this.#list(unit, query, { request, reply });
    const cursor = request.headers['last-event-id'];
    const resumed = typeof cursor === 'string' && cursor.length <= 400 ? { ...query, after: cursor } : query;
    return this.#follow(unit, resumed, { request, reply });
  }

  async #follow(
    unit: LoggedUnit,
    query: LogSelection,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): Promise<FastifyReply> {
    const stream = this.#logs.open(request, reply);
    const asked = await queryOf(this.#journal, unit, query, stream.closed).catch((error: unknown) => {
      stream.drop(RoviError.from(error).toProblem());
      return null;
    });
    // Without any invocation so far, the one to come is the latest.
    const wanted = asked ?? { unit: unit.unit, lines: 0 };
    if (!stream.closed.aborted) void pump(stream, unit, this.#journal.follow(wanted, stream.closed));
    return reply;
  }

  async #list(
    unit: LoggedUnit,
    query: LogSelection,
    { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  ): Promise<{ entries: readonly LogEntry[] }> {
    // Until the client has read it: as long as that takes it is all in memory.
    reply.raw.once('close', this.#logs.enter(request));
    const signal = readSignal(reply);
    try {
      const asked = await queryOf(this.#journal, unit, query, signal);
      const entries = asked === null ? [] : await this.#journal.read(asked, signal);
      return { entries: entries.map((entry) => told(entry, unit)) };
    } catch (cause) {
      if (!signal.aborted) throw cause;
      throw new RoviError('journal-unavailable', `the journal did not answer within ${READ_MS / 1000} s`, {
        mend: 'Ask for fewer lines, or read it on the robot: `journalctl -u UNIT`.',
        cause,
      });
    }
  }
}
