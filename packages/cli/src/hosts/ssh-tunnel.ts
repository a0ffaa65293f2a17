import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostAddress } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { runProgram } from '../run-program.js';
import { sshFailure } from './ssh-failure.js';

/**
 * One OpenSSH for one command: the user's own `ssh` with its configuration, agent and known hosts. It is a master of
 * its own (`-M -S`) that logs in once and runs nothing on the robot; then the gateway's socket is forwarded through it
 * to a socket in a folder that only this user can open. Forwardings of the user's configuration are left out, and a
 * connection that the user shares is not used: ours would stay in it after the command (docs/decisions/0025).
 */

export type SshAddress = Extract<HostAddress, { kind: 'ssh' }>;

/** Milliseconds for a login that nobody is asked about, and for one with a person at a terminal. */
const LOGIN_MS = 25_000;
const LOGIN_WITH_PERSON_MS = 180_000;
const LOOK_MS = 15;
/** Characters kept of what ssh says. */
const KEPT = 16_384;

export class SshTunnel {
  readonly #address: SshAddress;
  readonly #remoteSocket: string;
  #mayAsk: boolean;
  #opening: Promise<string> | null = null;
  #child: ChildProcess | null = null;
  #folder: string | null = null;
  /** What the present ssh wrote to its standard error. */
  said = '';

  /** `mayAsk`: somebody is at a terminal, whom ssh may ask for a password or about an unknown host; at most once. */
  constructor(address: SshAddress, remoteSocket: string, mayAsk: boolean) {
    this.#address = address;
    this.#remoteSocket = remoteSocket;
    this.#mayAsk = mayAsk;
    guard();
  }

  /** The socket that leads to the gateway's; opens the way where it is not open. Rejects with why ssh ended. */
  socket(): Promise<string> {
    if (this.#opening !== null && !this.ended) return this.#opening;
    this.close();
    const opening = this.#open();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.close();
    });
    return opening;
  }

  /** Whether ssh has ended since the way was opened. */
  get ended(): boolean {
    return this.#child !== null && (this.#child.exitCode !== null || this.#child.signalCode !== null);
  }

  /** Ends ssh, and takes its folder away. May be called again. */
  close(): void {
    standing.delete(this);
    this.#child?.kill();
    this.#child = null;
    this.#opening = null;
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  async #open(): Promise<string> {
    const mayAsk = this.#mayAsk;
    this.#mayAsk = false;
    standing.add(this);
    const folder = await mkdtemp(join(runtimeFolder(), 'rovi-ssh-'));
    this.#folder = folder;
    const control = join(folder, 'ctl');
    const local = join(folder, 'sock');
    this.said = '';
    const child = await this.#spawn(sshArguments(this.#address, control, mayAsk));
    const patience = mayAsk ? LOGIN_WITH_PERSON_MS : LOGIN_MS;
    const end = performance.now() + patience;
    while (!existsSync(control)) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw sshFailure(this.#address, await this.#lastWords(child));
      }
      if (performance.now() > end) {
        throw sshFailure(this.#address, `${this.said}\nno login within ${String(patience / 1000)} s`);
      }
      await delay(LOOK_MS);
    }
    const forward = ['-F', 'none', '-S', control, '-O', 'forward', '-L', `${local}:${this.#remoteSocket}`];
    const { code, stderr } = await runProgram('ssh', [...forward, '--', 'rovi'], { deadlineMs: 10_000 });
    if (code !== 0) throw sshFailure(this.#address, `${this.said}\n${stderr}`);
    return local;
  }

  /** With a parent's death as its own, where util-linux can: a rovictl that is killed leaves no ssh behind. */
  async #spawn(argv: readonly string[]): Promise<ChildProcess> {
    const guarded = ['--pdeathsig', 'TERM', '--', 'ssh', ...argv];
    const child = (await begun('setpriv', guarded)) ?? (await begun('ssh', argv));
    if (child === null) {
      throw new RoviError('host-unreachable', 'OpenSSH is not installed here: there is no program `ssh`', {
        mend: 'Install openssh-client, or reach the robot by https://.',
      });
    }
    this.#child = child;
    child.unref();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-KEPT);
    });
    (child.stderr as unknown as { unref?: () => void } | null)?.unref?.();
    return child;
  }

  /** Its end can be known before the last it wrote. */
  async #lastWords(child: ChildProcess): Promise<string> {
    for (let tries = 0; tries < 20 && child.stderr?.readableEnded === false; tries += 1) await delay(LOOK_MS);
    return this.said;
  }
}

/** The ways that are open, or being opened. */
const standing = new Set<SshTunnel>();
let guarded = false;

/** However this program ends, it closes all of them. One guard for all: there may be many hosts in one command. */
function guard(): void {
  if (guarded) return;
  guarded = true;
  const closeAll = (): void => {
    for (const tunnel of [...standing]) tunnel.close();
  };
  process.on('exit', closeAll);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    // Before all others: those of `once` are gone as soon as they have heard it.
    process.prependOnceListener(signal, () => {
      // Where a verb hears the signal itself, it ends by itself, and may have to say something first.
      if (process.listenerCount(signal) > 0) return;
      closeAll();
      process.kill(process.pid, signal);
    });
  }
}

/** Null where there is no such program. */
function begun(program: string, argv: readonly string[]): Promise<ChildProcess | null> {
  return new Promise((resolve) => {
    const child = spawn(program, [...argv], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    child.once('spawn', () => {
      resolve(child);
    });
    child.once('error', () => {
      resolve(null);
    });
  });
}

/** The words after `ssh`. Nothing of a host's name is ever where an option is looked for. */
export function sshArguments(
  { user, host, port }: SshAddress,
  control: string,
  mayAsk: boolean,
): readonly string[] {
  const options = {
    ControlPersist: 'no',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    ConnectTimeout: '10',
    ServerAliveInterval: '5',
    ServerAliveCountMax: '3',
    LogLevel: 'INFO',
    ...(mayAsk ? {} : { BatchMode: 'yes' }),
  };
  return [
    ...['-N', '-T', '-M', '-S', control],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    ...['--', host],
  ];
}

/** A folder that ssh takes in a forwarding without quoting, short enough for a socket below it. */
function runtimeFolder(): string {
  const own = process.env['XDG_RUNTIME_DIR'] ?? '';
  return /^(?:\/[A-Za-z0-9_.-]+)+$/.test(own) && own.length <= 40 && existsSync(own) ? own : '/tmp';
}
