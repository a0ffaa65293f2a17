import { RoviError, problemSchema } from '@rovi/contract';
import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { foreignAnswer, jsonOf, reportedError, unreachable } from './failure.js';
import type { Transport, TransportRequest } from './transport.js';

/** Characters of one unfinished event; a snapshot of a thousand stacks is about one million. */
const MAX_EVENT_CHARACTERS = 33_554_432;
/** The server sends a comment each 15 s: three that stay away mean that nobody is there. */
const SILENCE_MS = 45_000;

/** What is needed to ask for a stream again from where it ended. */
export interface StreamSource<Event> {
  readonly transport: Transport;
  /** Path and query of the first request, without a resume point. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where to begin, as the server's own event id. */
  readonly lastEventId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The event in our types; throws `internal` where the server sent what we do not know. */
  read(message: EventSourceMessage): Event;
}

export interface Reconnection {
  /** Go on after a lost connection for as long as the signal does not abort. Default: the loss is thrown. */
  readonly reconnect?: boolean;
  /** Hears why the connection was lost, before each new attempt. */
  readonly onDisconnect?: (error: RoviError) => void;
  /** Hears each time that the server has taken the request, before the first event: there may be none for long. */
  readonly onConnect?: () => void;
}

/** Milliseconds before the next attempt: 0.25, 0.5, 1, … 5 s. */
export function reconnectDelay(failures: number): number {
  return Math.min(5_000, 250 * 2 ** Math.max(0, failures - 1));
}

/**
 * The events of a `text/event-stream`, in order. With `reconnect`, resumes after the last event that was yielded; what
 * will not get better (no permission, an unknown stack, a foreign server) is thrown all the same.
 */
export async function* serverEvents<Event>(
  source: StreamSource<Event>,
  { reconnect = false, onDisconnect, onConnect }: Reconnection,
): AsyncGenerator<Event, void, undefined> {
  let { lastEventId } = source;
  let failures = 0;
  for (;;) {
    try {
      for await (const message of messages(source, lastEventId, onConnect)) {
        failures = 0;
        const event = source.read(message);
        yield event;
        lastEventId = message.id ?? lastEventId;
      }
    } catch (thrown) {
      if (source.signal?.aborted === true || !(thrown instanceof RoviError)) throw thrown;
      if (!reconnect || !transient.has(thrown.code)) throw thrown;
      onDisconnect?.(thrown);
      failures += 1;
      await pause(reconnectDelay(failures), source.signal);
    }
  }
}

const transient: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'host-unreachable',
  'client-too-slow',
  'too-many-clients',
  'journal-unavailable',
]);

/** One connection's messages; always ends by throwing why. */
async function* messages(
  { transport, path, headers, signal }: StreamSource<unknown>,
  lastEventId: string | undefined,
  onConnect: (() => void) | undefined,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const request: TransportRequest = {
    method: 'GET',
    path,
    headers: {
      ...headers,
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    timeoutMs: SILENCE_MS,
    signal,
  };
  const { status, contentType, chunks } = await transport.stream(request);
  if (status !== 200) throw reportedError(path, status, await headOf(chunks));
  if (!contentType.startsWith('text/event-stream'))
    throw foreignAnswer(path, `it is ${contentType || 'untyped'}`);
  onConnect?.();
  let ready: EventSourceMessage[] = [];
  let fault: Error | null = null;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (message) => ready.push(message),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') fault = error;
    },
  });
  for await (const chunk of chunks) {
    parser.feed(chunk);
    if (fault !== null) throw foreignAnswer(path, 'an event is too long', fault);
    const batch = ready;
    ready = [];
    for (const message of batch) {
      if (message.event === 'dropped') throw droppedError(message.data);
      yield message;
    }
  }
  throw unreachable('hung-up', 'the gateway ended the stream', 'It may be restarting: connect again.');
}

/** As much of an answer as a refusal has. */
export async function headOf(chunks: AsyncIterable<string>): Promise<string> {
  let body = '';
  for await (const chunk of chunks) if ((body += chunk).length > 1_000_000) break;
  return body;
}

/** Why the server ended the stream, in its own words. */
function droppedError(data: string): RoviError {
  const problem = problemSchema.safeParse(jsonOf(data));
  return problem.success
    ? RoviError.fromProblem(problem.data)
    : unreachable('hung-up', 'the gateway ended the stream without a reason', 'Connect again.');
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
