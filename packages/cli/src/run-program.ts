import { spawn } from 'node:child_process';
import process from 'node:process';

/** What a program that ran to its end left behind. */
export interface Ended {
  /** Exit status; 128 + signal number is not used: null means a signal, or the deadline, ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Set where the program could not be run at all: `ENOENT` for one that is not installed. */
  readonly missing: boolean;
}

export interface RunOptions {
  /** Milliseconds until the program is killed. */
  readonly deadlineMs?: number;
  /** Run as this account; needs root. */
  readonly uid?: number;
  readonly gid?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
  /** With no other variables than `env` and a system service's PATH. */
  readonly bare?: boolean;
}

/** What systemd gives a system service (systemd.exec(5)). */
const SERVICE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program without a shell and without a terminal; never rejects. Output beyond 8 MiB is cut. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    const child = spawn(program, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.deadlineMs ?? 15_000,
      killSignal: 'SIGKILL',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
      // Words and dates must be those that the parsers of this program expect.
      env: {
        ...(options.bare === true ? { PATH: SERVICE_PATH } : process.env),
        LC_ALL: 'C.UTF-8',
        SYSTEMD_COLORS: '0',
        SYSTEMD_PAGER: '',
        ...options.env,
      },
    });
    const keep = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size <= 8 << 20) into.push(chunk);
    };
    child.stdout.on('data', keep(out));
    child.stderr.on('data', keep(err));
    const end = (code: number | null, missing: boolean): void => {
      resolve({
        code,
        missing,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      });
    };
    child.on('error', () => {
      end(null, true);
    });
    child.on('close', (code) => {
      end(code, false);
    });
  });
}
