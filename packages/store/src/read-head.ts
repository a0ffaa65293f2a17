import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * The text of a file's first `bytes` bytes. Rejects for what is no plain file: a pipe would be waited for until somebody
 * writes to it, and the gateway with it, and a device has no end.
 */
export async function readHead(path: string, bytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error(`${path} is no plain file`);
    const head = Buffer.alloc(Math.min(bytes, status.size));
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(head, length, head.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === head.length) return head.toString('utf8', 0, length);
    }
  } finally {
    await file.close();
  }
}
