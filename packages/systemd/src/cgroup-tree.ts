import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';

/** Where systemd's hierarchy is mounted: unified, hybrid and legacy layouts. */
const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** Deeper than systemd and container managers nest below one service. */
const MAX_DEPTH = 8;

/** systemd's control groups as files. Paths are those of the `ControlGroup` property. */
export class CgroupTree {
  readonly #root: string | null;

  /** `root` is where the hierarchy is mounted; by default the place where systemd's slices are found. */
  constructor(root?: string) {
    this.#root =
      [...(root === undefined ? mounts : [root])].find(
        (mount) => existsSync(`${mount}/init.scope`) || existsSync(`${mount}/system.slice`),
      ) ?? null;
  }

  /** False where the hierarchy cannot be seen: then no path proves anything. */
  get readable(): boolean {
    return this.#root !== null;
  }

  exists(path: string): boolean {
    return this.#root !== null && path !== '' && existsSync(`${this.#root}${path}/cgroup.procs`);
  }

  /** PIDs of all processes in the group and below it, ascending; empty where there is no such group; null if unseen. */
  pids(path: string): number[] | null {
    if (this.#root === null) return null;
    const found = new Set<number>();
    try {
      if (path !== '') this.#collect(`${this.#root}${path}`, found, 0);
    } catch {
      return null;
    }
    return [...found].sort((a, b) => a - b);
  }

  /** Processor time used in the group, in seconds; null where the kernel does not account it. */
  cpuSeconds(path: string): number | null {
    const usage = /^usage_usec (\d+)$/m.exec(this.#read(path, 'cpu.stat') ?? '')?.[1];
    return usage === undefined ? null : Number(usage) / 1e6;
  }

  /** Memory charged to the group, in bytes; null where the memory controller is not enabled for it. */
  memoryBytes(path: string): number | null {
    const bytes = this.#read(path, 'memory.current');
    return bytes === null ? null : Number(bytes);
  }

  #collect(directory: string, found: Set<number>, depth: number): void {
    try {
      for (const line of readFileSync(`${directory}/cgroup.procs`, 'utf8').split('\n')) {
        const pid = Number(line);
        // 0 stands for a process of another PID namespace.
        if (pid > 0) found.add(pid);
      }
      // A directory has two links, and one more for each directory in it: most groups need no listing.
      if (depth >= MAX_DEPTH || statSync(directory).nlink === 2) return;
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        if (entry.isDirectory()) this.#collect(`${directory}/${entry.name}`, found, depth + 1);
      }
    } catch (error) {
      // ENOENT, or ENODEV on an open file: the group has just been removed, and can only be removed empty.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
    }
  }

  #read(path: string, file: string): string | null {
    if (this.#root === null || path === '') return null;
    try {
      return readFileSync(`${this.#root}${path}/${file}`, 'utf8');
    } catch {
      return null;
    }
  }
}
