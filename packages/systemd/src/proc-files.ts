import { readFileSync } from 'node:fs';
import type { ProcessReading } from '@rovi/conductor';
import { processNames } from './process-names.js';

/** Clock ticks per second in `/proc/PID/stat`: USER_HZ is 100 on every Linux that Node runs on. */
const TICKS = 100;
const PAGE_BYTES = 4096;

/** A process that is there, of which this user may not know more. */
export function hiddenProcess(pid: number): ProcessReading {
  return { pid, comm: '?', names: [] };
}

/** What `/proc` says of single processes. Figures and paths are null for a process that is gone or hidden. */
export class ProcFiles {
  readonly #root: string;

  constructor(root = '/proc') {
    this.#root = root;
  }

  /** The process with its names. Its command line is looked at here and goes no further. */
  process(pid: number): ProcessReading | 'hidden' | 'gone' {
    const comm = this.comm(pid);
    if (comm === null) return this.isGone(pid) ? 'gone' : 'hidden';
    const line = this.#read(pid, 'cmdline');
    const argv = line === null || line === '' ? null : line.replace(/\0+$/, '').split('\0');
    return { pid, comm, names: processNames(comm, argv) };
  }

  /** True only where the kernel says so: what `/proc` does not show may be hidden from this user. */
  isGone(pid: number): boolean {
    // To kill(2) such numbers mean whole groups; in the kernel's lists they stand for nobody.
    if (pid <= 0) return true;
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  }

  comm(pid: number): string | null {
    return this.#read(pid, 'comm')?.replace(/\n$/, '') ?? null;
  }

  /** The path of the process's cgroup in systemd's hierarchy. */
  cgroup(pid: number | 'self'): string | null {
    const lines = this.#read(pid, 'cgroup')?.split('\n') ?? [];
    const pathOf = (line: string | undefined) => line?.split(':').slice(2).join(':') ?? null;
    const unified = pathOf(lines.find((line) => line.startsWith('0::')));
    // On the legacy layout systemd's own hierarchy is a named one, and the unified one has no groups.
    const named = pathOf(lines.find((line) => line.includes(':name=systemd:')));
    return unified === null || unified === '/' ? (named ?? unified) : unified;
  }

  /** Processor time used by the process itself, in seconds. */
  cpuSeconds(pid: number): number | null {
    const stat = this.#read(pid, 'stat');
    if (stat === null) return null;
    // The name, in parentheses, can hold spaces and parentheses: the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** Memory of the process in bytes: its proportional share where this user may see that, else its resident set. */
  memoryBytes(pid: number): number | null {
    const pss = /^Pss:\s+(\d+) kB$/m.exec(this.#read(pid, 'smaps_rollup') ?? '')?.[1];
    if (pss !== undefined) return Number(pss) * 1024;
    const pages = this.#read(pid, 'statm')?.split(' ')[1];
    return pages === undefined ? null : Number(pages) * PAGE_BYTES;
  }

  #read(pid: number | 'self', file: string): string | null {
    try {
      return readFileSync(`${this.#root}/${pid}/${file}`, 'utf8');
    } catch {
      return null;
    }
  }
}

/** The system unit a cgroup path belongs to: its first service or scope; null where there is none. */
export function unitOfCgroup(path: string | null): string | null {
  return path?.split('/').find((component) => /\.(?:service|scope)$/.test(component)) ?? null;
}
