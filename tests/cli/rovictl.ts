import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program as it is installed. */
export const ROVICTL = fileURLToPath(new URL('../../dist/rovictl.mjs', import.meta.url));
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

if (!existsSync(ROVICTL)) throw new Error(`${ROVICTL} is missing: run \`npm run build\` first`);

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly socket?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A program that is still running: what it wrote so far, and its end. */
export class Running {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves when the text matches; throws with all that was written after the deadline. */
  async until(what: RegExp, stream: 'stdout' | 'stderr' = 'stdout', deadlineMs = 30_000): Promise<void> {
    const end = performance.now() + deadlineMs;
    while (!what.test(this[stream])) {
      if (performance.now() > end)
        throw new Error(`not in time: ${String(what)}\n${this.stdout}\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function environment({ socket, env }: RunOptions): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, TZ: 'UTC', ...(socket === undefined ? {} : { ROVI_SOCKET: socket }), ...env };
}

/** Starts rovictl with pipes for all three streams. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  return new Running(
    spawn(process.execPath, [ROVICTL, ...args], {
      env: environment(options),
      cwd: options.cwd ?? '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Runs rovictl to its end. */
export function rovictl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** Starts rovictl on a pseudo-terminal of this size; both streams come as stdout. */
export function startOnTerminal(
  args: readonly string[],
  options: RunOptions & { readonly columns?: number; readonly rows?: number } = {},
): Running {
  const { columns = 100, rows = 40 } = options;
  const words = [process.execPath, ROVICTL, ...args].map((word) => `'${word}'`).join(' ');
  const command = `stty cols ${String(columns)} rows ${String(rows)}; exec ${words}`;
  return new Running(
    spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
      env: { TERM: 'xterm-256color', SHELL: '/bin/bash', ...environment(options) },
      cwd: options.cwd ?? '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
}
