import { RoviError } from '@rovi/contract';
import { printable } from '../control-codes.js';

interface Login {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
}

/** Lines of ssh that are of use to a person. */
const SHOWN = 6;

/** The one translation of what ssh says when it ends without a way: with OpenSSH's own reason, and the mend. */
export function sshFailure(login: Login, said: string): RoviError {
  const lines = linesOf(said);
  const command = `ssh ${login.port === null ? '' : `-p ${String(login.port)} `}${login.user === null ? '' : `${login.user}@`}${login.host}`;
  const known = login.port === null ? login.host : `[${login.host}]:${String(login.port)}`;
  const reason = lines.length === 0 ? 'ssh ended without a word' : lines.slice(-SHOWN).join('\n');
  const context = { ssh: lines };
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/.test(said)) {
    return new RoviError(
      'host-untrusted',
      `the host key of ${login.host} has changed: nothing was sent\n${reason}`,
      {
        mend: `Ask who looks after ${login.host} whether its key was to change; if so \`ssh-keygen -R '${known}'\`, then \`${command}\` once, and compare the fingerprint. Else somebody may be in between.`,
        context,
      },
    );
  }
  if (/Host key verification failed|host key is known for/.test(said)) {
    return new RoviError('host-untrusted', `ssh does not know ${login.host}: nothing was sent\n${reason}`, {
      mend: `\`${command}\` once at a terminal, and compare the fingerprint with the robot's.`,
      context,
    });
  }
  if (/Permission denied \(|Too many authentication failures/.test(said)) {
    return new RoviError('host-credentials', `ssh may not log in to ${login.host}\n${reason}`, {
      mend: `\`${command}\` must work without a question: let ssh-agent have your key (\`ssh-add\`), or run this at a terminal.`,
      context,
    });
  }
  return new RoviError('host-unreachable', `ssh cannot reach ${login.host}\n${reason}`, {
    mend: `\`${command}\` shows more. Stacks that run there, run on.`,
    context,
  });
}

/** The last line that ssh wrote. */
export function lastWords(said: string): string {
  return linesOf(said).at(-1) ?? 'ssh ended without a word';
}

/** Without the frames around its warnings. */
function linesOf(said: string): string[] {
  return said
    .split(/\r?\n/)
    .map((line) => printable(line).trim())
    .filter((line) => line !== '' && !/^@+$/.test(line) && !/^@ .* @$/.test(line));
}

/** Why a socket of a way that stands leads nowhere; null where ssh has said nothing of it. */
export function forwardFailure({ host }: Login, socket: string, said: string): RoviError | null {
  const refusals = said.split(/\r?\n/).filter((line) => /open failed/.test(line));
  if (refusals.length === 0) return null;
  if (refusals.some((line) => line.includes('administratively prohibited'))) {
    return new RoviError('host-unreachable', `sshd on ${host} forwards no sockets`, {
      mend: 'Let its admin allow it: `AllowStreamLocalForwarding local` in sshd_config.',
      context: { reason: 'refused' },
    });
  }
  return new RoviError(
    'gateway-unreachable',
    `ssh reaches ${host}, but its gateway does not answer: nobody listens at ${socket} there, or you may not open it`,
    { context: { reason: 'no-socket' } },
  );
}
