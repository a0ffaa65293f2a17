/**
 * Who holds the stack lock, without ever taking it: a probe that took it for a moment could make a start lose.
 *
 * Two views are put together. `/proc/PID/fdinfo` shows the lock at every descriptor that shares it, also where the
 * process that took it has ended, but only for processes this user may inspect. `/proc/locks` shows the locks of all
 * users, but inside a PID namespace not those whose taker has ended.
 */
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { basename } from 'node:path';
import type { LockHolder, StackLock } from '@rovi/conductor';
import { RoviError } from '@rovi/contract';
import { hiddenProcess, ProcFiles, unitOfCgroup } from './proc-files.js';

interface Identity {
  readonly dev: number;
  readonly ino: number;
}

/** The stack lock by what the kernel tells of it. Whatever of `/proc` this user may not see is passed over. */
export class FlockStackLock implements StackLock {
  readonly #path: string;
  readonly #proc = new ProcFiles();

  constructor(options: { readonly path: string }) {
    this.#path = options.path;
  }

  // Asynchronous by contract; what it reads is in memory.
  // eslint-disable-next-line @typescript-eslint/require-await
  async isFree(): Promise<boolean> {
    const lock = this.#identity();
    return this.#takers(lock).length === 0 && this.#sharers(lock).length === 0;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async holders(): Promise<LockHolder[]> {
    const lock = this.#identity();
    const pids = new Set([...this.#sharers(lock), ...this.#takers(lock)]);
    return [...pids]
      .sort((a, b) => a - b)
      .flatMap((pid) => {
        if (this.#proc.isGone(pid)) return [];
        const comm = this.#proc.comm(pid) ?? hiddenProcess(pid).comm;
        return [{ pid, comm, unit: unitOfCgroup(this.#proc.cgroup(pid)) }];
      });
  }

  #identity(): Identity {
    let descriptor: number | null = null;
    try {
      // Whoever owns the directory can put anything in the file's place: a FIFO would keep us waiting for a writer.
      descriptor = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw this.#unavailable(`is ${kindOf(stats)}, not a file`);
      const { dev, ino } = stats;
      return { dev, ino };
    } catch (cause) {
      if (cause instanceof RoviError) throw cause;
      const { code } = cause as NodeJS.ErrnoException;
      const what = code === 'ELOOP' ? 'is a symbolic link, not a file' : null;
      throw this.#unavailable(what ?? `cannot be opened (${code ?? 'unknown'})`, cause);
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
  }

  #unavailable(what: string, cause?: unknown): RoviError {
    return new RoviError('lock-unavailable', `the stack lock ${this.#path} ${what}`, {
      mend: 'An admin removes what is there and makes it anew: `systemd-tmpfiles --create rovi.conf`; `rovictl doctor` shows its state.',
      context: { path: this.#path, errno: (cause as NodeJS.ErrnoException | undefined)?.code },
      cause,
    });
  }

  /** PIDs that took a flock on the file, as the kernel's list names them; they may have ended since. */
  #takers(lock: Identity): number[] {
    const file = deviceAndInode(lock);
    return this.#lines('/proc/locks').flatMap((line) => {
      // `1: FLOCK  ADVISORY  WRITE 1234 00:1a:567 0 EOF`; a waiter has `->` after its number.
      const [, kind, , , pid, where] = line.trim().split(/\s+/);
      return kind === 'FLOCK' && where === file ? [Number(pid)] : [];
    });
  }

  /** PIDs with a descriptor that the lock belongs to, as far as this user may look. */
  #sharers(lock: Identity): number[] {
    return this.#entries('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => this.#entries(`/proc/${pid}/fd`).some((fd) => this.#locks(pid, fd, lock)));
  }

  #locks(pid: number, fd: string, lock: Identity): boolean {
    try {
      const link = `/proc/${pid}/fd/${fd}`;
      // Only what bears the lock's name is looked at closer: stat(2) on a foreign descriptor can hang.
      if (basename(readlinkSync(link)) !== basename(this.#path)) return false;
      const { dev, ino } = statSync(link);
      if (dev !== lock.dev || ino !== lock.ino) return false;
    } catch {
      return false;
    }
    return this.#lines(`/proc/${pid}/fdinfo/${fd}`).some((line) => /^lock:\s.*\bFLOCK\b/.test(line));
  }

  #entries(directory: string): string[] {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  }

  #lines(file: string): string[] {
    try {
      return readFileSync(file, 'utf8').split('\n');
    } catch {
      return [];
    }
  }
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isDirectory()) return 'a directory';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** How `/proc/locks` names a file: device numbers in hexadecimal, inode in decimal (glibc's makedev, reversed). */
function deviceAndInode({ dev, ino }: Identity): string {
  const device = BigInt(dev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}:${ino}`;
}
