import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RoviError } from '@rovi/contract';
import { unreachable } from './failure.js';

const NOT_RUNNING = 'Look with `systemctl status rovi-gateway.service`; stacks that run, run on.';

/** The one translation of what `node:http` and `connect(2)` report on the Unix socket at `path`. */
export function connectionFailure(error: unknown, path: string): RoviError {
  if (error instanceof RoviError) return error;
  const code: string = (error as NodeJS.ErrnoException | null)?.code ?? '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return unreachable('no-socket', `the gateway is not running: there is no ${path}`, NOT_RUNNING, error);
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return unreachable(
        'refused',
        `the gateway is not running: nobody listens at ${path}`,
        NOT_RUNNING,
        error,
      );
    case 'EAGAIN':
      return unreachable(
        'overloaded',
        `the gateway has too many connections waiting at ${path}`,
        NOT_RUNNING,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return socketDenied(path, error);
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return unreachable(
        'hung-up',
        `the gateway hung up: ${message}`,
        'A command may still be carried out: read the state before you repeat it.',
        error,
      );
    }
  }
}

/** Whether the socket is there cannot be told: its folder itself is closed to others. */
function socketDenied(path: string, cause: unknown): RoviError {
  const folder = dirname(path);
  const group = groupOf(folder);
  const called =
    group === null
      ? "the operators' group (rovi-ops in the shipped catalog)"
      : `the operators' group (here ${group})`;
  return new RoviError(
    'socket-denied',
    `you may not reach ${path}: this session is not in ${called}; whether the gateway runs cannot be told from here`,
    {
      mend: `An admin runs \`usermod -aG ${group ?? 'GROUP'} USER\`; then log in again, until \`id\` lists the group.`,
      context: { socket: path, group },
      cause,
    },
  );
}

/** The group that a folder belongs to; null where that is not to be had, or is root's, which is nobody's to join. */
function groupOf(folder: string): string | null {
  try {
    const { gid } = statSync(folder);
    if (gid === 0) return null;
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(gid));
    return line?.split(':')[0] ?? null;
  } catch {
    return null;
  }
}
