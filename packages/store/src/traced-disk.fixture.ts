import { randomBytes, randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * What a process did to the files of one folder, from strace's own record of it, and what a disk that lost its power on
 * the way may hold. What was written before the last fsync of a file that came back is there; of what was written later any
 * part may be, in any order, a sector at a time. A file has its name, or has lost it, from the next fsync of the folder on;
 * until then such changes come to the disk in their order, as every journal of a file system has them.
 */

/** Bytes that a disk writes whole or not at all. */
const SECTOR = 512;

export type Step =
  | { readonly kind: 'create' | 'unlink' | 'sync'; readonly name: string }
  | { readonly kind: 'write'; readonly name: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly name: string; readonly size: number }
  | { readonly kind: 'sync-folder' }
  /** What it wrote to its standard output. */
  | { readonly kind: 'said'; readonly text: string };

type Change = Extract<Step, { kind: 'write' | 'truncate' }>;

/** What strace is to be called with before the program. It writes a record of its own for each thread. */
export const straceOf = (record: string): string[] => [
  ...['strace', '-ff', '--seccomp-bpf', '-y', '-xx', '-s', '1000000', '-o', record, '-e'],
  'trace=openat,open,creat,write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,' +
    'sync_file_range,msync,mmap,rename,renameat,renameat2,link,linkat,unlink,unlinkat,copy_file_range,sendfile',
];

const text = (hex: string): string => bytes(hex).toString();
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex');

/**
 * The steps of the one thread that touches the folder, in order. Throws for a call on a file of it that this does not
 * know, and where another thread touches it too: there is no order between records. `known` are the files that are there.
 */
export function stepsOf(record: string, folder: string, known: Iterable<string>): Step[] {
  const [first = [], ...others] = readdirSync(dirname(record))
    .filter((name) => name.startsWith(`${basename(record)}.`))
    .map((name) => threadSteps(join(dirname(record), name), folder, new Set(known)))
    .filter((steps) => steps.some(({ kind }) => kind !== 'said'));
  if (others.length > 0) throw new Error('more than one thread writes');
  return first;
}

function threadSteps(record: string, folder: string, known: Set<string>): Step[] {
  return readFileSync(record, 'latin1')
    .split('\n')
    .flatMap((line): Step[] => {
      const [, call = '', given = '', result = ''] = /^(\w+)\((.*?)\)?\s+= (\S+)/.exec(line) ?? [];
      if (call === '' || result.startsWith('-1')) return [];
      const path = text(/<((?:\\x..)+)>/.exec(given.replace(/^AT_FDCWD<[^>]*>, /, ''))?.[1] ?? '');
      const [, string = '', rest = ''] = /"((?:\\x..)*)"(.*)$/.exec(given) ?? [];
      if (call === 'write' && given.startsWith('1<')) return [{ kind: 'said', text: text(string) }];
      const named = call === 'openat' || call === 'unlink' ? text(string) : path;
      if (named === folder) return call === 'fsync' && result === '0' ? [{ kind: 'sync-folder' }] : [];
      if (dirname(named) !== folder) return [];
      const name = basename(named);
      const numbers = rest.split(', ').slice(1).map(Number);
      switch (call) {
        case 'openat':
          if (/O_TRUNC|O_APPEND|O_TMPFILE/.test(rest)) break;
          if (!rest.includes('O_CREAT') || known.has(name)) return [];
          known.add(name);
          return [{ kind: 'create', name }];
        case 'unlink':
          known.delete(name);
          return [{ kind: 'unlink', name }];
        case 'pwrite64':
          return [{ kind: 'write', name, offset: numbers[1] ?? NaN, data: bytes(string) }];
        case 'ftruncate':
          return [{ kind: 'truncate', name, size: Number(given.split(', ')[1]) }];
        case 'fsync':
        case 'fdatasync':
          // One that was cut off says nothing.
          return result === '0' ? [{ kind: 'sync', name }] : [];
        case 'mmap':
          // The index of the log, which is made anew by whoever opens it first.
          if (name.endsWith('-shm') || !given.includes('MAP_SHARED')) return [];
      }
      throw new Error(`not understood: ${line.slice(0, 300)}`);
    });
}

/** One file, whatever it is called. */
class DiskFile {
  readonly #kept = new Content();
  #later: Change[] = [];

  change(change: Change): void {
    this.#later.push(change);
  }

  sync(): void {
    for (const change of this.#later) this.#kept.take(change);
    this.#later = [];
  }

  /** As programs see it while there is power. */
  whole(): Buffer {
    const content = this.#kept.copy();
    for (const change of this.#later) content.take(change);
    return content.bytes;
  }

  /** As it may be found: of each later change all, none or some sectors; what was never written is anything. */
  found(): Buffer {
    const content = this.#kept.copy();
    const share = [0, 0.2, 0.5, 0.9, 1][randomInt(5)] ?? 0;
    const torn = randomInt(3) > 0;
    const holes = randomInt(2) === 0;
    for (const change of this.#later) {
      if (Math.random() >= share) continue;
      const whole = !torn || randomInt(2) === 0;
      content.take(change, { arrives: () => whole || randomInt(2) === 0, holes });
    }
    return content.bytes;
  }
}

/** What becomes of a change: which of its sectors arrive, and whether a hole before it holds anything but zeros. */
interface Tear {
  readonly arrives: () => boolean;
  readonly holes: boolean;
}
const untorn: Tear = { arrives: () => true, holes: false };

/** Bytes that can be written to. */
class Content {
  #room = Buffer.alloc(65_536);
  #size = 0;

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }

  copy(): Content {
    const copy = new Content();
    copy.#room = Buffer.from(this.bytes);
    copy.#size = this.#size;
    return copy;
  }

  /** Takes those sectors of a change for which `arrives` is true. */
  take(change: Change, { arrives, holes }: Tear = untorn): void {
    if (change.kind === 'truncate') {
      if (arrives()) this.#resize(change.size, false);
      return;
    }
    const { offset, data } = change;
    const end = offset + data.length;
    for (let from = offset; from < end; from += SECTOR - (from % SECTOR)) {
      const to = Math.min(end, from - (from % SECTOR) + SECTOR);
      if (!arrives()) continue;
      // Blocks that were given to the file and never written hold what was there before.
      if (from > this.#size) this.#resize(from, holes);
      if (to > this.#size) this.#resize(to, false);
      data.copy(this.#room, from, from - offset, to - offset);
    }
  }

  #resize(size: number, anything: boolean): void {
    if (size > this.#room.length) {
      const room = Buffer.alloc(size * 2);
      this.bytes.copy(room);
      this.#room = room;
    }
    const from = Math.min(size, this.#size);
    if (size > from) (anything ? randomBytes(size - from) : Buffer.alloc(size - from)).copy(this.#room, from);
    this.#size = size;
  }
}

type Names = ReadonlyMap<string, DiskFile>;

/** A folder on a disk. */
export class TracedDisk {
  /** As it is found whatever happens, and as it was after each later change of names. */
  #names: Names[] = [new Map()];

  take(step: Step): void {
    const now = this.#now;
    switch (step.kind) {
      case 'create':
        this.#names.push(new Map([...now, [step.name, new DiskFile()]]));
        return;
      case 'unlink':
        this.#names.push(new Map([...now].filter(([name]) => name !== step.name)));
        return;
      case 'sync-folder':
        this.#names = [now];
        return;
      case 'sync':
        this.#file(step.name).sync();
        return;
      case 'write':
      case 'truncate':
        this.#file(step.name).change(step);
        return;
      case 'said':
    }
  }

  /** The files as programs see them while there is power. */
  whole(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#now].map(([name, file]) => [name, file.whole()]));
  }

  /** Writes the files into a new folder as they may be found after a power cut at this moment. */
  async cut(folder: string): Promise<void> {
    await mkdir(folder);
    const names = this.#names[randomInt(this.#names.length)] ?? this.#now;
    for (const [name, file] of names) {
      const content = name.endsWith('-shm')
        ? [randomBytes(32_768), Buffer.alloc(32_768)][randomInt(2)]
        : file.found();
      await writeFile(join(folder, name), content ?? '', { mode: 0o600 });
    }
  }

  get #now(): Names {
    return this.#names.at(-1) ?? new Map<string, DiskFile>();
  }

  #file(name: string): DiskFile {
    const file = this.#now.get(name);
    if (file === undefined) throw new Error(`nobody made ${name}`);
    return file;
  }
}
