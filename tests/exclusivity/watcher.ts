import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import type { Robot } from '@rovi/testbed';

/** Processes of two stacks that were alive at one moment. */
export interface Overlap {
  readonly at: number;
  readonly stacks: readonly string[];
  readonly processes: readonly { readonly pid: number; readonly stack: string; readonly name: string }[];
}

/** What a watcher did, so that a story can tell that it really looked. */
export interface WatchSummary {
  readonly looks: number;
  /** How often another stack than before had the robot. */
  readonly turns: number;
  /** Looks in which each stack was alive. */
  readonly seen: Readonly<Record<string, number>>;
  readonly median_ms: number;
  readonly p99_ms: number;
  readonly longest_ms: number;
}

type WatcherLine =
  | { event: 'watching' }
  | { event: 'turn'; stack: string }
  | ({ event: 'overlap' } & Overlap)
  | ({ event: 'summary' } & WatchSummary);

/** watcher.py on a robot: a process of its own that knows only names of processes and reads only /proc. */
export class ExclusivityWatcher {
  readonly overlaps: Overlap[] = [];
  /** How often, up to now, another stack than before had the robot. */
  turns = 0;
  #summary: WatchSummary | null = null;
  readonly #child: ChildProcess;
  #stderr = '';
  #heard: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it watches. `names` are the processes of each stack; a name belongs to one stack. */
  static async start(
    robot: Robot,
    names: Readonly<Record<string, readonly string[]>>,
  ): Promise<ExclusivityWatcher> {
    const argv = ['python3', '-ISE', '/opt/rovi-src/tests/exclusivity/watcher.py', JSON.stringify(names)];
    const watcher = new ExclusivityWatcher(robot.spawn(argv));
    await watcher.#listen();
    return watcher;
  }

  /** Resolves when an overlap of these stacks has been reported; rejects after the deadline. */
  async overlapOf(stacks: readonly string[], deadlineMs = 30_000): Promise<Overlap> {
    const wanted = [...stacks].sort().join();
    const late = AbortSignal.timeout(deadlineMs);
    late.addEventListener('abort', () => this.#heard(), { once: true });
    for (;;) {
      const found = this.overlaps.find((overlap) => overlap.stacks.join() === wanted);
      if (found !== undefined) return found;
      if (late.aborted) throw new Error(`the watcher saw no overlap of ${wanted} within ${deadlineMs} ms`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  /** Ends the watch. Rejects if the watcher had died: then it proves nothing. */
  async end(): Promise<WatchSummary> {
    const ended = this.#child.exitCode === null ? once(this.#child, 'close') : Promise.resolve();
    this.#child.stdin?.end();
    await ended;
    if (this.#summary === null) throw new Error(`the watcher ended without a summary: ${this.#stderr}`);
    return this.#summary;
  }

  #listen(): Promise<void> {
    const { stdout, stderr } = this.#child;
    stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.stdin?.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      this.#child.on('close', (code) => reject(new Error(`the watcher ended with ${code}: ${this.#stderr}`)));
      if (stdout === null) return reject(new Error('the watcher has no stdout'));
      createInterface({ input: stdout }).on('line', (line) => {
        const said = JSON.parse(line) as WatcherLine;
        if (said.event === 'watching') resolve();
        if (said.event === 'turn') this.turns += 1;
        if (said.event === 'overlap') this.overlaps.push(said);
        if (said.event === 'summary') this.#summary = said;
        this.#heard();
      });
    });
  }
}
