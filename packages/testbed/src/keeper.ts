/**
 * The owner's end of programs/keeper.py, which says what is spoken over its stdin and stdout.
 * The keeper lives as long as its stdin is open: however the owner dies, the robot goes with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TestbedError } from './testbed-error.js';

const PROGRAM = fileURLToPath(new URL('../programs/keeper.py', import.meta.url));

/** What a robot is made of. */
export interface KeeperOptions {
  name: string;
  /** 32 hexadecimal digits. */
  machineId: string;
  /** Read-only bind mounts, `host path:robot path`. */
  binds: string[];
  /** Symbolic links in the robot: path → target. */
  links: Record<string, string>;
  /** Files in the robot before its first boot: path → text. */
  files: Record<string, string>;
  /** Milliseconds a boot may take, a reboot too. */
  bootTimeoutMs: number;
}

interface KeeperEvent {
  event: 'leader' | 'ready' | 'rebooting' | 'failed';
  pid?: number;
  message?: string;
}

/** A keeper process and what it last said of its robot. */
export class Keeper {
  private process: ChildProcess | undefined;
  private currentLeader: number | undefined;
  private boots = 0;
  private failure: TestbedError | undefined;
  private ended: Promise<void> | undefined;
  private changed = () => {};

  constructor(private readonly options: KeeperOptions) {}

  /** Host PID of the robot's PID 1. Throws once the robot is gone. */
  get leader(): number {
    if (this.failure !== undefined) throw this.failure;
    if (this.currentLeader === undefined) throw new TestbedError(`robot ${this.options.name} is not running`);
    return this.currentLeader;
  }

  /** Resolves when the robot has booted; throws with its console if it does not. */
  async start(): Promise<void> {
    const argv = ['--mount', '--', '/usr/bin/python3', '-ISEB', PROGRAM, JSON.stringify(this.options)];
    // Detached: a Ctrl-C in the owner's terminal is the owner's to handle.
    const child = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.process = child;
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.stdin.on('error', () => undefined); // the keeper is gone: its end is heard below
    createInterface({ input: child.stdout }).on('line', (line) => this.hear(JSON.parse(line) as KeeperEvent));
    this.ended = new Promise((resolve) => {
      const over = (cause?: Error) => {
        this.failure ??= new TestbedError(
          `robot ${this.options.name} is gone: ${complaints.trim() || 'taken down'}`,
          {
            cause,
          },
        );
        this.currentLeader = undefined;
        this.changed();
        resolve();
      };
      child.once('close', () => over());
      child.once('error', over);
    });
    await this.bootAfter(0);
    // A test that forgets its robot must still be able to end; the robot then goes with it.
    this.hold(false);
  }

  /** Number of boots completed so far. */
  get bootCount(): number {
    return this.boots;
  }

  /** Ends the robot as a cut cable would and boots it again over the same files. */
  async reset(): Promise<void> {
    const before = this.boots;
    this.process?.stdin?.write('reset\n');
    await this.bootAfter(before);
  }

  /** Resolves when more than `count` boots have been completed. */
  async bootAfter(count: number): Promise<void> {
    this.hold(true);
    try {
      while (this.boots <= count) {
        if (this.failure !== undefined) throw this.failure;
        await new Promise<void>((resolve) => (this.changed = resolve));
      }
    } finally {
      this.hold(false);
    }
  }

  /** Takes the robot down; resolves when nothing is left of it. */
  async stop(): Promise<void> {
    const child = this.process;
    if (child === undefined || this.ended === undefined) return;
    this.hold(true);
    child.stdin?.end();
    await this.ended;
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      await once(child, 'exit');
  }

  private hear(said: KeeperEvent): void {
    switch (said.event) {
      case 'leader':
        this.currentLeader = said.pid;
        break;
      case 'ready':
        this.boots += 1;
        break;
      case 'rebooting':
        this.currentLeader = undefined;
        break;
      case 'failed':
        this.failure = new TestbedError(`robot ${this.options.name}: ${said.message ?? 'failed'}`);
        break;
    }
    this.changed();
  }

  private hold(held: boolean): void {
    const streams = [this.process, this.process?.stdin, this.process?.stdout, this.process?.stderr];
    for (const one of streams as ({ ref?: () => void; unref?: () => void } | null | undefined)[]) {
      if (held) one?.ref?.();
      else one?.unref?.();
    }
  }
}
