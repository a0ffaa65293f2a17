import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FromRosProcess } from '@rovi/contract';
import { fromRosProcessSchema } from '@rovi/contract';
import type { RosSpec } from '../ros-transport.js';
import { JsonLines } from './json-lines.js';
import { ProcessOutput } from './process-output.js';
import type { ToProcess } from './protocol.js';
import { HANG_MS, LINE_BYTES, PING_MS } from './protocol.js';

/** Bytes that may wait for a process that does not read; past that, messages are dropped and sent again later. */
const WAITING_BYTES = 8 * 1024 * 1024;
/** Milliseconds from start to `ready`: a setup file of many packages, the loading of the middleware. */
const START_MS = 60_000;
const STOP_MS = 1_000;
/** Milliseconds for its last words after its end. */
const OUTPUT_MS = 200;

/** How the process ended. */
export interface ProcessEnd {
  /** True if it was told to. */
  readonly bidden: boolean;
  /** Exit status; null where a signal ended it or it could not be started. */
  readonly status: number | null;
  /** One clause for people: `ended by SIGABRT`, `answered nothing for 5 s`. */
  readonly text: string;
  /** What it printed last; empty where that says nothing of its end, because we ended it. */
  readonly said: string;
}

export interface RosProcessOptions {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly spec: RosSpec;
  /** What the process says, but for pongs. */
  readonly heard: (message: FromRosProcess) => void;
  /** A line it printed. */
  readonly printed: (line: string) => void;
  /** The process reads again after messages were dropped. */
  readonly drained: () => void;
  /** Called once. */
  readonly ended: (end: ProcessEnd) => void;
}

/** One run of the ROS process: the child, its channel, its heartbeat. It is a process group of its own. */
export class RosProcess {
  readonly #options: RosProcessOptions;
  readonly #child: ChildProcess;
  /** Resolves when the child has ended, or could not be started. */
  readonly #gone: Promise<void>;
  readonly #channel: Socket;
  readonly #output: ProcessOutput;
  #timer: NodeJS.Timeout;
  #pinged = 0;
  #answeredAt = performance.now();
  #dropped = false;
  #why: string | null = null;
  #bidden = false;
  #over = false;

  /** Starts it. */
  constructor(options: RosProcessOptions) {
    this.#options = options;
    const [program, ...words] = options.command;
    this.#output = new ProcessOutput(options.printed);
    this.#child = spawn(program, words, {
      env: { ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child.once('error', (error) => this.#end(null, `cannot be started: ${error.message}`));
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
    // Without a free descriptor there are no streams either, whatever the types say.
    const [, stdout, stderr, channel] = (this.#child.stdio as ChildProcess['stdio'] | undefined) ?? [];
    this.#channel = channel instanceof Socket ? channel : new Socket().destroy();
    if (stdout instanceof Readable) this.#output.follow(stdout);
    if (stderr instanceof Readable) this.#output.follow(stderr);
    this.#timer = setTimeout(() => this.#kill(`was not ready after ${START_MS / 1000} s`), START_MS);
    this.#child.once('exit', (code, signal) => {
      this.#killGroup();
      const text =
        this.#why ?? (signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`);
      // `close` comes when its last words have been read; what it left behind may hold its output open.
      const end = (): void => this.#end(code, text);
      this.#child.once('close', end);
      setTimeout(end, OUTPUT_MS);
    });
    this.#listen();
    this.send({ type: 'spec', spec: options.spec });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Sends one message; false where it was dropped because the process does not read. A halt is never dropped. */
  send(message: ToProcess): boolean {
    if (this.#over || this.#channel.destroyed) return false;
    if (message.type !== 'halt' && this.#channel.writableLength > WAITING_BYTES) {
      this.#dropped = true;
      return false;
    }
    this.#channel.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  /** Begins to look whether it still answers. */
  watch(): void {
    clearTimeout(this.#timer);
    this.#answeredAt = performance.now();
    let last = this.#answeredAt;
    this.#timer = setInterval(() => {
      const now = performance.now();
      // A gateway that was itself stopped for a while must not blame the process.
      if (now - last > 3 * PING_MS) this.#answeredAt = now;
      last = now;
      if (now - this.#answeredAt > HANG_MS) return this.#kill(`answered nothing for ${HANG_MS / 1000} s`);
      this.#pinged += 1;
      this.send({ type: 'ping', id: this.#pinged });
    }, PING_MS);
  }

  /** Lets it leave the graph; kills it when it has not ended after a second. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#over) return;
    this.#bidden = true;
    this.send({ type: 'bye' });
    const timer = setTimeout(() => this.#kill('did not end when told to'), STOP_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  #listen(): void {
    const lines = new JsonLines({
      limit: LINE_BYTES,
      take: (value) => {
        // One that is to go, or is being killed, has nothing more to say.
        if (this.#bidden || this.#why !== null) return;
        const message = fromRosProcessSchema.safeParse(value);
        if (!message.success) return this.#kill('said what it should not');
        if (message.data.type === 'pong') this.#answeredAt = performance.now();
        else this.#options.heard(message.data);
      },
      fault: (text) => this.#kill(`sent ${text}`),
    });
    this.#channel.on('data', (chunk: Buffer) => lines.push(chunk));
    this.#channel.on('drain', () => {
      if (!this.#dropped) return;
      this.#dropped = false;
      this.#options.drained();
    });
    // Its end is told by the child's own.
    this.#channel.on('error', () => undefined);
  }

  #kill(why: string): void {
    if (this.#over) return;
    this.#why ??= why;
    this.#killGroup();
  }

  /** Whatever it started belongs to its group, and is not to outlive it. */
  #killGroup(): void {
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }

  #end(status: number | null, text: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#channel.destroy();
    this.#options.ended({
      bidden: this.#bidden,
      status,
      text,
      said: this.#why === null ? this.#output.last : '',
    });
  }
}
