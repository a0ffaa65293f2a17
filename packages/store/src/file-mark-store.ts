import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MarkStore } from '@rovi/conductor';
import { RoviError } from '@rovi/contract';
import { OneAtATime } from './one-at-a-time.js';
import { readHead } from './read-head.js';
import { replaceFile, syncFolder, UNFINISHED } from './replace-file.js';
import { unwritable } from './unwritable.js';

/** What stacks and services are called, and the robot's own mark: no path can be made of it. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Of a mark's text no more is read: people may put anything there. */
const TEXT_BYTES = 16 * 1024;

/** One file a mark in one folder, readable by all: systemd looks whether it is there, people read what it says. */
export class FileMarkStore implements MarkStore {
  readonly #folder: string;
  readonly #turn = new OneAtATime();

  /** The folder is made when the first mark is set, if it is not there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A mark that cannot be read has an empty text: to systemd it is one all the same. */
  async list(): Promise<ReadonlyMap<string, string>> {
    const marks = new Map<string, string>();
    for (const name of (await this.#names()).sort()) {
      if (name.startsWith(UNFINISHED)) continue;
      marks.set(name, await readHead(join(this.#folder, name), TEXT_BYTES).catch(() => ''));
    }
    return marks;
  }

  set(name: string, text: string): Promise<void> {
    return this.#turn.run(async () => {
      const path = this.#path(name);
      try {
        await mkdir(this.#folder, { recursive: true });
        await replaceFile(path, text);
      } catch (cause) {
        throw unwritable(path, cause);
      }
    });
  }

  clear(name: string): Promise<void> {
    return this.#turn.run(async () => {
      const path = this.#path(name);
      try {
        await unlink(path);
        await syncFolder(this.#folder);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(path, cause);
      }
    });
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw unwritable(this.#folder, cause);
    }
  }

  #path(name: string): string {
    if (NAME.test(name)) return join(this.#folder, name);
    throw new RoviError('state-unwritable', `"${name}" is not the name of a mark`);
  }
}
