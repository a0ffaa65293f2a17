import { randomBytes } from 'node:crypto';
import { lstat, rename, stat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { RoviError } from '@rovi/contract';

/**
 * Owning a Unix socket's path, safely:
 *
 * - The server binds a private name beside the path and moves it there once it listens. So a client never finds a
 *   socket that refuses it, a stale one is replaced without a gap, and libuv's own unlink at close (of the name it
 *   bound, whoever owns that by then) hits nothing.
 * - The path is given up by us, and only while it still is our socket.
 * - That two conductors do not start in the same instant is the gateway's machine-wide lock; here a live one is refused.
 */

/** sockaddr_un's limit, less the terminating zero. */
const MAX_PATH_BYTES = 107;
/** No connection can take longer than this on one machine, unless the other side is alive and its queue is full. */
const PROBE_MS = 1_000;
const TMPFILES = 'Run `systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf` as root.';

function errno(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? '';
}

async function checkParent(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    if ((await stat(parent)).isDirectory()) return;
  } catch (cause) {
    throw new RoviError(
      'lock-unavailable',
      `The runtime directory ${parent} cannot be used: ${errno(cause)}.`,
      {
        mend: TMPFILES,
        context: { directory: parent },
        cause,
      },
    );
  }
  throw new RoviError('lock-unavailable', `${parent} is not a directory.`, { mend: TMPFILES });
}

/** What a connection attempt tells: someone accepts, nobody does any more, or we may not know. */
function probe(path: string): Promise<'live' | 'stale' | 'denied'> {
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    const end = (result: 'live' | 'stale' | 'denied') => {
      clearTimeout(timer);
      connection.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end('live'), PROBE_MS);
    connection.once('connect', () => end('live'));
    connection.once('error', (error) => {
      const code = errno(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') end('stale');
      else end(code === 'EACCES' ? 'denied' : 'live');
    });
  });
}

async function checkOccupant(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isSocket()) {
      throw new RoviError('socket-denied', `${path} is in the way: it is not a socket.`, {
        mend: `Look at it, then remove it: \`ls -l ${path}\`.`,
      });
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return;
    throw error;
  }
  const found = await probe(path);
  if (found === 'stale') return;
  if (found === 'denied') {
    throw new RoviError('socket-denied', `Another user's socket is at ${path}.`, {
      mend: `\`ls -l ${path}\``,
    });
  }
  throw new RoviError('conductor-running', `Another conductor already serves ${path}.`, {
    mend: 'Only one runs per machine: `systemctl status rovi-gateway`.',
    context: { socket: path },
  });
}

/** Binds with mode 0660. The umask is the process's own, so it is changed for the one synchronous call that binds. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    const previous = process.umask(0o117);
    try {
      server.listen({ path });
    } finally {
      process.umask(previous);
    }
  });
}

/** A path that a server of ours listens at. */
export interface OwnedSocket {
  /** Removes the path if it still is our socket. Call before the server is closed. */
  release(): Promise<void>;
}

/**
 * Lets the server listen at the path, mode 0660, group as the directory's set-group-ID bit says. Rejects with
 * `lock-unavailable` (no directory), `conductor-running` (someone alive is there) or `socket-denied`.
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<OwnedSocket> {
  const bound = join(dirname(path), `.${basename(path)}.${randomBytes(3).toString('hex')}`);
  if (Buffer.byteLength(bound) > MAX_PATH_BYTES) {
    throw new RoviError('bad-request', `The socket path ${path} is too long: at most 98 bytes.`);
  }
  await checkParent(path);
  await checkOccupant(path);
  try {
    await listen(server, bound);
  } catch (cause) {
    if (errno(cause) !== 'EACCES' && errno(cause) !== 'EPERM') throw cause;
    throw new RoviError('socket-denied', `No permission to make a socket in ${dirname(path)}.`, {
      mend: TMPFILES,
      cause,
    });
  }
  try {
    const own = await lstat(bound);
    await rename(bound, path);
    return {
      release: async () => {
        const now = await lstat(path).catch(() => null);
        if (now?.ino === own.ino && now.dev === own.dev) await unlink(path);
      },
    };
  } catch (error) {
    server.close();
    throw error;
  }
}
