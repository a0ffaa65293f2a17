import { catalogSchema, RoviError } from '@rovi/contract';
import type { CatalogSource } from './ports/catalog-source.js';
import type { MarkStore } from './ports/mark-store.js';
import type { SupervisionRecord, SupervisionStore } from './ports/supervision-store.js';

/** Marks in memory, for tests. */
export class MemoryMarkStore implements MarkStore {
  readonly marks = new Map<string, string>();
  /** What the next calls reject with, while it is set: a full disk. */
  fault: Error | null = null;

  async list(): Promise<ReadonlyMap<string, string>> {
    await this.#trouble();
    return new Map(this.marks);
  }

  async set(name: string, text: string): Promise<void> {
    await this.#trouble();
    this.marks.set(name, text);
  }

  async clear(name: string): Promise<void> {
    await this.#trouble();
    this.marks.delete(name);
  }

  #trouble(): Promise<void> {
    return this.fault === null ? Promise.resolve() : Promise.reject(this.fault);
  }
}

/** Counters of supervision in memory, for tests: what was saved last, as a new conductor would find it. */
export class MemorySupervisionStore implements SupervisionStore {
  records: readonly SupervisionRecord[] = [];
  saves = 0;

  load(): Promise<readonly SupervisionRecord[]> {
    return Promise.resolve(this.records);
  }

  save(records: readonly SupervisionRecord[]): Promise<void> {
    this.records = structuredClone(records);
    this.saves += 1;
    return Promise.resolve();
  }
}

/** For a conductor in a test: a catalog file that is not there. */
export const noCatalogFile: CatalogSource = {
  first: catalogSchema.parse({ version: 1, workspace: '/w', env_file: '/e', stacks: {} }),
  read: () => Promise.reject(new RoviError('catalog-unreadable', 'this robot in memory has no catalog file')),
  changedFiles: () => Promise.resolve([]),
};
