import { constants } from 'node:os';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { TestbedError } from './testbed-error.js';

/** What a program left behind. `code` is 128 + the signal's number where a signal ended it. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a program in the robot is run. */
export interface CommandOptions {
  /** Account in the robot's own user database; default root. */
  user?: string;
  /** Text on stdin; default none. */
  input?: string;
  /**
   * Default 110 000: on a busy machine install.sh takes a minute, and `rovictl ros restart` may wait for longer. A program
   * that takes longer is killed, and the call throws whatever `check` says.
   */
  timeoutMs?: number;
  /** Default true: an exit code other than 0 throws a CommandError. */
  check?: boolean;
  env?: Readonly<Record<string, string>>;
}

/** A program in the robot that ended with an error, or not in time. Its message is fit for a test report. */
export class CommandError extends TestbedError {
  constructor(
    readonly argv: readonly string[],
    readonly result: CommandResult,
    outcome: string,
  ) {
    const output = [result.stderr.trim(), result.stdout.trim()].filter(Boolean).join('\n').slice(-4000);
    super(`\`${argv.join(' ')}\` ${outcome}${output === '' ? '' : `:\n${output}`}`);
  }

  get code(): number {
    return this.result.code;
  }

  get stderr(): string {
    return this.result.stderr;
  }
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What root's programs in the robot see: nothing of the host's own environment. */
export const ROOT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH,
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  LANG: 'C.UTF-8',
  SHELL: '/bin/bash',
};

// $0 is the user. The group is read in the robot: setpriv has no word for "the user's own group".
const AS_USER = 'exec setpriv --reuid "$0" --regid "$(id -g "$0")" --init-groups --reset-env "$@"';

/**
 * The host command line that runs `argv` inside the namespaces of `leader`.
 * The program ends when its nsenter is killed; `signalProgram` is the better way.
 */
export function enterArgv(
  leader: number,
  argv: readonly string[],
  options: { user?: string; env?: Readonly<Record<string, string>> },
): [string, ...string[]] {
  const assignments = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const program = ['env', 'LANG=C.UTF-8', ...assignments, ...argv];
  const guarded = ['--pdeathsig', 'KILL', '--', ...program];
  const inner =
    options.user === undefined || options.user === 'root'
      ? ['setpriv', ...guarded]
      : ['sh', '-c', AS_USER, options.user, ...guarded];
  return ['nsenter', '--target', String(leader), '--all', '--', ...inner];
}

/**
 * Signals the program that an nsenter runs, not the nsenter: killed itself, it would leave the program's remains to the
 * host's PID 1, and where that one does not reap (containers) the robot could not shut down for 10 s.
 */
export function signalProgram(nsenter: ChildProcess, signal: NodeJS.Signals): boolean {
  const { pid } = nsenter;
  if (pid === undefined || nsenter.exitCode !== null || nsenter.signalCode !== null) return false;
  try {
    const [program] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return process.kill(Number(program) || pid, signal);
  } catch {
    return false; // it ended this moment
  }
}

/** Runs a host command line to its end and collects what it wrote. Throws only if it cannot be run, or not in time. */
export function collect(
  hostArgv: readonly [string, ...string[]],
  shownArgv: readonly string[],
  options: Pick<CommandOptions, 'input' | 'timeoutMs'>,
): Promise<CommandResult> {
  const { input, timeoutMs = 110_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(hostArgv[0], hostArgv.slice(1), {
      env: ROOT_ENVIRONMENT,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      signalProgram(child, 'SIGKILL');
      // A grandchild may hold the pipes open for ever: what it writes is no longer of interest.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin?.on('error', () => undefined); // a program may end without reading its input
    child.stdin?.end(input);
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new TestbedError(`cannot run \`${hostArgv[0]}\``, { cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result = {
        code: code ?? 128 + signalNumber(signal),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      };
      if (late) reject(new CommandError(shownArgv, result, `did not end within ${timeoutMs} ms`));
      else resolve(result);
    });
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : (constants.signals[signal] ?? 0);
}
