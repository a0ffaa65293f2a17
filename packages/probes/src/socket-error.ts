import type { Seen } from './probe.js';
import { bad, unseen } from './probe.js';

/** Errors that say something about this process or machine, and nothing about who was to answer. */
const ours: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files in the gateway',
  ENFILE: 'too many open files on the robot',
  ENOMEM: 'no memory for a socket',
  ENOBUFS: 'no memory for a socket',
  EACCES: 'the gateway may not connect there',
  EPERM: 'the gateway may not connect there',
  EAFNOSUPPORT: 'the gateway has no network (the unit closes it)',
  EADDRNOTAVAIL: 'no free local port to connect from',
};

const theirs: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'unknown host name',
  EAI_AGAIN: 'host name cannot be resolved',
};

/** What a failed connection to `where` comes to. */
export function socketError(error: unknown, where: string): Seen {
  const code = codeOf(error);
  const own = ours[code];
  if (own !== undefined) return unseen(`${where}: ${own}`);
  const text =
    theirs[code] ??
    tlsReason(error) ??
    (error instanceof Error && error.message !== '' ? error.message : code);
  return bad(`${where}: ${text}`);
}

/** OpenSSL's word, without the places in its source that its message is full of. */
function tlsReason(error: unknown): string | undefined {
  const said = /:SSL routines:[^:]*:([^:]+):/.exec(error instanceof Error ? error.message : '')?.[1];
  return said === undefined ? undefined : `no TLS: ${said}`;
}

/** The errno's name; of several attempts (IPv6, then IPv4) the last one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors.at(-1));
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : 'error';
}
