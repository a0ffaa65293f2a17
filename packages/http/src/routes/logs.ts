import {
  RoviError,
  logEntrySchema,
  logListSchema,
  logsQuerySchema,
  problemSchema,
  stackParamsSchema,
} from '@rovi/contract';
import type { LogEntry, LogsQuery, StackStatus } from '@rovi/contract';
import type { Journal, JournalQuery } from '@rovi/conductor';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { EventStream } from '../event-stream.js';
import { frameOf } from '../event-stream.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';
import { stackOf } from './state.js';

/** Milliseconds that reading the journal may take. */
const READ_MS = 30_000;

/** The last invocation: systemd's own word, else (the unit was unloaded) that of the newest entry. */
async function latestInvocation(
  journal: Journal,
  stack: StackStatus,
  signal: AbortSignal,
): Promise<string | null> {
  if (stack.unit.invocation_id !== null) return stack.unit.invocation_id;
  const [last] = await journal.read({ unit: stack.unit.unit, lines: 1 }, signal);
  return last?.invocation_id ?? null;
}

/** What to ask the journal for; null where the latest invocation is meant and there has been none. */
async function queryOf(
  journal: Journal,
  stack: StackStatus,
  query: LogsQuery,
  signal: AbortSignal,
): Promise<JournalQuery | null> {
  const { lines, after, priority } = query;
  const invocation =
    query.invocation === 'latest' ? await latestInvocation(journal, stack, signal) : query.invocation;
  if (invocation === null) return null;
  return {
    unit: stack.unit.unit,
    lines,
    ...(invocation === undefined ? {} : { invocation }),
    ...(after === undefined ? {} : { after }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Journal entries to the client as they come, no faster than it reads; a journal that fails ends the stream with why. */
async function pump(stream: EventStream, entries: AsyncIterable<LogEntry>): Promise<void> {
  try {
    for await (const entry of entries) {
      if (stream.closed.aborted) return;
      stream.send(frameOf('log', entry, entry.cursor));
      await stream.ready();
    }
    stream.drop(new RoviError('journal-unavailable', 'the journal ended').toProblem());
  } catch (error) {
    stream.drop(RoviError.from(error).toProblem());
  }
}

/** A signal that ends when the client goes away or the time is over. */
function readSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, AbortSignal.timeout(READ_MS)]);
}

/** A stack's journal. */
export function logRoutes({ conductor, journal, logs }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/stacks/:name/logs',
        id: 'readLogs',
        tag: 'events and logs',
        summary: "A stack's journal, oldest entry first",
        details:
          'One answer holds at most 100 000 entries and 16 Mi characters of messages: the newest, or after a cursor the oldest.',
        params: stackParamsSchema,
        query: logsQuerySchema,
        headers: {
          'Last-Event-ID': {
            schema: z.string(),
            is: 'With `follow`: the cursor of the last entry that was read, to go on after; goes before `after`.',
          },
        },
        answers: [
          { status: 200, is: 'The entries', schema: logListSchema },
          {
            status: 200,
            is: 'With `follow`: the entries, then every further one as it is written; `id` is the cursor',
            type: 'text/event-stream',
            events: { log: logEntrySchema, dropped: problemSchema },
          },
        ],
        errors: ['stack-unknown', 'journal-unavailable', 'too-many-clients'],
      },
      async ({ params: { name }, query }, request, reply) => {
        const stack = stackOf(conductor.snapshot(), name);
        if (query.follow) {
          const cursor = request.headers['last-event-id'];
          const resumed =
            typeof cursor === 'string' && cursor.length <= 400 ? { ...query, after: cursor } : query;
          const stream = logs.open(request, reply);
          const asked = await queryOf(journal, stack, resumed, stream.closed).catch((error: unknown) => {
            stream.drop(RoviError.from(error).toProblem());
            return null;
          });
          // Without any invocation so far, the one to come is the latest.
          const wanted = asked ?? { unit: stack.unit.unit, lines: 0 };
          if (!stream.closed.aborted) void pump(stream, journal.follow(wanted, stream.closed));
          return reply;
        }
        const leave = logs.enter();
        const signal = readSignal(reply);
        try {
          const asked = await queryOf(journal, stack, query, signal);
          return { entries: asked === null ? [] : await journal.read(asked, signal) };
        } catch (cause) {
          if (!signal.aborted) throw cause;
          throw new RoviError(
            'journal-unavailable',
            `the journal did not answer within ${READ_MS / 1000} s`,
            { mend: 'Ask for fewer lines, or read it on the robot: `journalctl -u UNIT`.', cause },
          );
        } finally {
          leave();
        }
      },
    ),
  ];
}
