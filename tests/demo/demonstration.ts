import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';
import { expect, onTestFinished } from 'vitest';

const PROGRAM = join(REPOSITORY, 'demo/dist/main.js');
const TERMINAL = join(REPOSITORY, 'tests/demo/terminal.py');

/** A running demo, and what it has shown so far. */
export class Demonstration {
  private text = '';
  private seen = 0;
  private readonly process: ChildProcess;
  private readonly ended: Promise<number>;

  /** With `terminal` it runs on a terminal, and `type` reaches it. It ends with the test. */
  constructor(args: readonly string[], options: { terminal: boolean }) {
    const argv = [process.execPath, PROGRAM, ...args];
    this.process = spawn(
      options.terminal ? 'python3' : process.execPath,
      options.terminal ? [TERMINAL, ...argv] : argv.slice(1),
      {
        cwd: '/',
        stdio: [options.terminal ? 'pipe' : 'ignore', 'pipe', 'inherit'],
        env: { ...process.env, TERM: 'xterm', NO_COLOR: '', FORCE_COLOR: '' },
      },
    );
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    this.ended = once(this.process, 'close').then(([code]) => code as number);
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  /** All it has shown, without colours. */
  get shown(): string {
    return stripVTControlCharacters(this.text).replaceAll('\r', '');
  }

  /** Name of its robot. */
  get robot(): string {
    const name = /rovi-demo-[0-9a-f]{6}/.exec(this.shown)?.[0];
    if (name === undefined) throw new Error(`no robot was named in:\n${this.shown}`);
    return name;
  }

  /** Resolves when this is shown, after whatever was waited for before; it may be the end of an installation. */
  async shows(pattern: RegExp, deadlineMs = 250_000): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const match = pattern.exec(this.shown.slice(this.seen));
      if (match !== null) {
        this.seen += match.index + match[0].length;
        return;
      }
      const news = this.shown.slice(this.seen);
      if (performance.now() > end) throw new Error(`the demo did not show ${String(pattern)}, but:\n${news}`);
      await delay(20);
    }
  }

  /** Types text on its terminal. */
  type(text: string): void {
    this.process.stdin?.write(text);
  }

  /** Sends a signal to the demo itself. Without a terminal only. */
  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Its exit code, once it has ended. */
  async end(): Promise<number> {
    return this.ended;
  }

  /** Fails if something of its robot is left on this machine. */
  expectNothingLeft(): void {
    const { robot } = this;
    expect(existsSync(`/run/rovi-testbed/${robot}.lock`), 'the lock of its keeper').toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(robot);
    const commandLines = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(commandLine);
    expect(commandLines.filter((line) => line.includes(robot))).toEqual([]);
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}
