import { RoviError, droppedMessageSchema } from '@rovi/contract';
import { foreignAnswer, jsonOf, reportedError, unreachable } from './failure.js';
import { headOf } from './server-events.js';
import type { Transport } from './transport.js';

/** Characters of one line: a ticket that was forced ten thousand times has about 10 million. */
const MAX_LINE_CHARACTERS = 33_554_432;
/** The store answers within 15 s or not at all. */
const SILENCE_MS = 60_000;
/** How a line begins that is none of the answer's own. */
const DROPPED = '{"type":"dropped"';

/**
 * The lines of an `application/x-ndjson` answer, read as fast as they are taken. It ends only where the answer did; what
 * was cut off throws why, in the server's words where it had any.
 */
export async function* jsonLines(
  transport: Transport,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const { status, contentType, chunks } = await transport.stream({
    method: 'GET',
    path,
    headers: { accept: 'application/x-ndjson' },
    timeoutMs: SILENCE_MS,
    signal,
  });
  if (status !== 200) throw reportedError(path, status, await headOf(chunks));
  if (!contentType.startsWith('application/x-ndjson'))
    throw foreignAnswer(path, `it is ${contentType || 'untyped'}`);
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARACTERS) throw foreignAnswer(path, 'a line is too long');
    for (const line of lines) {
      if (line.startsWith(DROPPED)) throw droppedError(line);
      yield line;
    }
  }
  if (rest !== '') throw cutOff();
}

function droppedError(line: string): RoviError {
  const dropped = droppedMessageSchema.safeParse(jsonOf(line));
  return dropped.success ? RoviError.fromProblem(dropped.data.problem) : cutOff();
}

function cutOff(): RoviError {
  return unreachable('hung-up', 'the gateway cut the answer off', 'What came is not the whole: ask again.');
}
