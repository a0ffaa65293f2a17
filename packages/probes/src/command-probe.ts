import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ProbeTarget } from '@rovi/conductor';
import type { Probe, Seen } from './probe.js';
import { bad, good, unseen } from './probe.js';

/** What is kept of a command's output: its last line is in here, or is cut. */
const KEPT_CHARACTERS = 4096;
/** Characters of output after which a command has failed: it may print as fast as it is read, for as long as it may run. */
const FLOOD_CHARACTERS = 16 * 1024 * 1024;
/** Milliseconds for the rest of the output, after the end of a command whose child still has the pipe open. */
const DRAIN_MS = 50;

/** Variables by which systemd and the gateway talk: a command that had them could speak for the gateway. */
const withheld = [
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'LISTEN_FDS',
  'LISTEN_PID',
  'INVOCATION_ID',
];

/**
 * Runs a program, without a shell, in a process group of its own: that is killed as a whole at the end, whatever end it
 * is. A child that has left the group (a daemon) lives on. It finds the instance in ROVI_SERVICE, ROVI_INSTANCE,
 * ROVI_UNIT and, for each port with a name, ROVI_PORT_<NAME>.
 */
export const commandProbe: Probe<'command'> = {
  type: 'command',
  look({ command: [program = '', ...words] }, target, signal) {
    return new Promise<Seen>((resolve) => {
      if (signal.aborted) return resolve(unseen('the look was ended'));
      const child = spawn(program, words, {
        cwd: '/',
        env: environmentFor(target),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      // First of all: without room for descriptors there are no streams, and an error nobody hears ends the gateway.
      child.once('error', (error) => end(unseen(`${program} cannot be run: ${error.message}`)));
      let output = '';
      let heard = 0;
      const hear = (text: string): void => {
        output = (output + text).slice(-KEPT_CHARACTERS);
        heard += text.length;
        if (heard > FLOOD_CHARACTERS) end(bad(`${program} prints without end: more than 16 MiB`));
      };
      const streams = [child.stdout, child.stderr].filter(
        (stream: Readable | undefined) => stream !== undefined,
      );
      for (const stream of streams) stream.setEncoding('utf8').on('data', hear);
      let drain: NodeJS.Timeout | null = null;
      let exited = false;
      const end = (seen: Seen): void => {
        signal.removeEventListener('abort', abort);
        if (drain !== null) clearTimeout(drain);
        if (!exited) killGroup(child);
        for (const stream of streams) stream.destroy();
        resolve(seen);
      };
      const abort = (): void => end(unseen('the command was ended'));
      child.once('exit', (status, killedBy) => {
        // At once: what it left behind must not live on, and its number is still its own.
        killGroup(child);
        exited = true;
        const decide = (): void => end(judge({ program, status, killedBy, line: lastLine(output) }));
        child.once('close', decide);
        drain = setTimeout(decide, DRAIN_MS);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  },
};

function judge(end: {
  readonly program: string;
  readonly status: number | null;
  readonly killedBy: string | null;
  readonly line: string;
}): Seen {
  const { program, status, killedBy, line } = end;
  const said = line === '' ? '' : `: ${line}`;
  if (status === null) return bad(`${program} was killed by ${killedBy ?? 'a signal'}${said}`);
  const figures = { exit_status: status };
  return status === 0
    ? good(line === '' ? 'exit code 0' : line, figures)
    : bad(`exit code ${status}${said}`, figures);
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? '';
}

/** The group has the program's pid as its number for as long as anyone is in it: it cannot be another's. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: nobody is in it any more.
  }
}

function environmentFor({ service, instance, unit, ports }: ProbeTarget): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    ROVI_SERVICE: service,
    ROVI_INSTANCE: String(instance),
    ROVI_UNIT: unit,
  };
  for (const [name, port] of Object.entries(ports)) {
    environment[`ROVI_PORT_${name.toUpperCase()}`] = String(port);
  }
  for (const name of withheld) delete environment[name];
  return environment;
}
