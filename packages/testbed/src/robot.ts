import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { collect, CommandError, enterArgv, ROOT_ENVIRONMENT, signalProgram } from './command.js';
import type { CommandOptions, CommandResult } from './command.js';
import { assertHostCanBoot, nodeForRobot, REPOSITORY } from './host.js';
import { Keeper } from './keeper.js';
import { TestbedError } from './testbed-error.js';

/** How a robot is made. */
export interface BootOptions {
  /** A hint for people: lower-case letters, digits and "-". The robot's own name adds six random digits to it. */
  name?: string;
  /** Default 60 000. */
  bootTimeoutMs?: number;
  /** Files of the robot before its first boot: absolute path → text. */
  files?: Readonly<Record<string, string>>;
}

/**
 * A throwaway machine: systemd as PID 1, the system bus and polkit, on an overlay of this machine's own root.
 * It has a network of its own that leads nowhere. It is gone when its owner is, however the owner ends.
 */
export class Robot {
  private constructor(
    /** Machine name and host name. */
    readonly name: string,
    private readonly keeper: Keeper,
  ) {}

  /** Resolves when the robot's boot is over. Throws with what to install, or with the console of a failed boot. */
  static async boot(options: BootOptions = {}): Promise<Robot> {
    assertHostCanBoot();
    const hint = options.name ?? 'robot';
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(hint)) {
      throw new TestbedError(`"${hint}" is no name for a robot: expected lower-case letters, digits and "-"`);
    }
    const name = `${hint}-${randomBytes(3).toString('hex')}`;
    const node = nodeForRobot();
    const keeper = new Keeper({
      name,
      machineId: randomBytes(16).toString('hex'),
      binds: [`${REPOSITORY}:/opt/rovi-src`, ...node.binds],
      links: node.links,
      files: { ...options.files },
      bootTimeoutMs: options.bootTimeoutMs ?? 60_000,
    });
    try {
      await keeper.start();
    } catch (error) {
      await keeper.stop();
      throw error;
    }
    return new Robot(name, keeper);
  }

  /** Host PID of the robot's PID 1. Another one after each reboot. */
  get leader(): number {
    return this.keeper.leader;
  }

  /** The robot's system bus, usable from the host as root. Another address after each reboot. */
  get systemBusAddress(): string {
    return `unix:path=${this.path('/run/dbus/system_bus_socket')}`;
  }

  /** Host path of a file of the robot. */
  path(inside: string): string {
    return `/proc/${this.leader}/root${inside}`;
  }

  /** Runs a program to its end, in `/`, with a clean environment. Throws a CommandError unless `check` is false. */
  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const hostArgv = enterArgv(this.leader, argv, options);
    const result = await collect(hostArgv, argv, options);
    if (options.check !== false && result.code !== 0) {
      throw new CommandError(argv, result, `ended with ${result.code}`);
    }
    return result;
  }

  /** Runs a bash script. It does not stop at a failing line unless it says `set -e`. */
  shell(script: string, options: CommandOptions = {}): Promise<CommandResult> {
    return this.exec(['bash', '-c', script], options);
  }

  /** Starts a program. The answer's `pid` is its nsenter's on the host; its `kill` signals the program itself. A program that a
   * signal ends makes nsenter end by the same signal. */
  spawn(
    argv: readonly string[],
    options: { user?: string; env?: Readonly<Record<string, string>>; stdio?: StdioOptions } = {},
  ): ChildProcess {
    const [program, ...rest] = enterArgv(this.leader, argv, options);
    const terminal = process.env['TERM'];
    const child = spawn(program, rest, {
      env: { ...ROOT_ENVIRONMENT, ...(terminal === undefined ? {} : { TERM: terminal }) },
      stdio: options.stdio ?? 'pipe',
    });
    child.kill = (signal = 'SIGTERM') =>
      signalProgram(child, typeof signal === 'number' ? 'SIGTERM' : signal);
    return child;
  }

  /** Writes a file, with the folders above it. `mode` in octal digits, default 0644; `owner` as chown takes it. */
  async writeFile(
    path: string,
    text: string,
    options: { mode?: string; owner?: string } = {},
  ): Promise<void> {
    const { mode = '0644', owner = 'root:root' } = options;
    const script = 'set -e; mkdir -p "$(dirname "$1")"; cat > "$1"; chown "$3" "$1"; chmod "$2" "$1"';
    await this.exec(['sh', '-c', script, 'write-file', path, mode, owner], { input: text });
  }

  async readFile(path: string): Promise<string> {
    return (await this.exec(['cat', '--', path])).stdout;
  }

  /** Creates an account with a home directory and a shell, in these groups besides its own. */
  async addUser(name: string, groups: readonly string[] = []): Promise<void> {
    const membership = groups.length === 0 ? [] : ['--groups', groups.join(',')];
    await this.exec(['useradd', '--create-home', '--shell', '/bin/bash', ...membership, name]);
  }

  /**
   * Polls until `probe` answers something truthy and returns that. A probe that throws has not answered yet. The deadline
   * is for a machine that has other things to do: how soon something comes is for the story to measure.
   */
  async waitFor<T>(what: string, probe: () => Promise<T> | T, deadlineMs = 30_000): Promise<NonNullable<T>> {
    const end = performance.now() + deadlineMs;
    let pause = 10;
    let cause: unknown;
    for (;;) {
      try {
        const answer = await probe();
        if (answer) return answer;
        cause = undefined;
      } catch (error) {
        cause = error;
      }
      if (performance.now() > end) {
        throw new TestbedError(`robot ${this.name}: waited ${deadlineMs} ms in vain for: ${what}`, { cause });
      }
      await delay(pause);
      pause = Math.min(pause * 1.5, 100);
    }
  }

  /** The robot's journal as text; `extra` narrows it (`-u`, `-p`, `-o`). */
  async journal(extra: readonly string[] = []): Promise<string> {
    await this.exec(['journalctl', '--sync'], { check: false, timeoutMs: 10_000 });
    return (await this.exec(['journalctl', '--no-pager', '--quiet', '-o', 'short-precise', ...extra])).stdout;
  }

  /** Reboots: in order by default, or at once as a cut cable does. Resolves when it is up again. */
  async reboot(options: { cutPower?: boolean } = {}): Promise<void> {
    const boots = this.keeper.bootCount;
    if (options.cutPower === true) return this.keeper.reset();
    // The command's own process dies with the robot: how it ends says nothing.
    await this.exec(['systemctl', 'reboot'], { check: false });
    await this.keeper.bootAfter(boots);
  }

  /** Takes the robot down at once. Resolves when its processes, cgroups and mounts are gone. May be called again. */
  async shutdown(): Promise<void> {
    await this.keeper.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
