/** The lines of a stream of UTF-8 text. A line longer than `limit` bytes is given up: of it nothing is returned. */
export async function* boundedLines(stream: AsyncIterable<Buffer>, limit: number): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let begin = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, begin);
      const piece = chunk.subarray(begin, end < 0 ? undefined : end);
      size += piece.length;
      if (size <= limit) pieces.push(piece);
      else pieces = [];
      if (end < 0) break;
      if (size <= limit) yield Buffer.concat(pieces).toString('utf8');
      pieces = [];
      size = 0;
      begin = end + 1;
    }
  }
  if (size > 0 && size <= limit) yield Buffer.concat(pieces).toString('utf8');
}
