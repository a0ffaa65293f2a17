import { RoviError } from '@rovi/contract';

const mends: Readonly<Record<string, (path: string) => string>> = {
  ENOSPC: (path) => `The disk is full: \`df -h ${path}\`. Make room, then try again.`,
  EDQUOT: (path) =>
    `The quota of the gateway's user is used up: \`df -h ${path}\`. Make room, then try again.`,
  EROFS: (path) =>
    `The file system is mounted read-only: \`findmnt --target ${path}\`. The kernel does so after errors of the disk: \`journalctl -k\`.`,
  EISDIR: (path) => `It is a folder, which Rovi did not make. As root: \`rm -r ${path}\`.`,
  EIO: () => 'The disk has an error: `journalctl -k`. Save what matters and replace it.',
};

/** The error for a file of the state that could not be read or written. */
export function unwritable(path: string, cause: unknown): RoviError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const mend =
    mends[code]?.(path) ??
    `Its folder belongs to the catalog's user; as root: \`systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf\`, then \`ls -ld ${path}\`.`;
  return new RoviError('state-unwritable', `${path} cannot be kept: ${message}`, {
    mend,
    context: { path, errno: code },
    cause,
  });
}
