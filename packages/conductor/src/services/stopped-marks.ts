import type { ServiceEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { OperationRecord } from '../operation-record.js';
import type { MarkStore } from '../ports/mark-store.js';

/**
 * Marks of `unless-stopped` services that somebody stopped: systemd does not start those at boot. One that cannot be
 * written is a warning on the record. Changes are made one after the other, in the order asked.
 */
export class StoppedMarks {
  readonly #store: MarkStore;
  #last: Promise<void> = Promise.resolve();

  constructor(store: MarkStore) {
    this.#store = store;
  }

  /** Resolves when the mark is on the disk, or the record has the warning. Never rejects. */
  stopped(name: string, entry: ServiceEntry, record: OperationRecord): Promise<void> {
    const { actor, started_at } = record.operation;
    return this.#change(entry, record, () =>
      this.#store.set(name, `stopped by ${actor.name} at ${started_at}\n`),
    );
  }

  /** Resolves when there is no mark any more, or the record has the warning. Never rejects. */
  started(name: string, entry: ServiceEntry, record: OperationRecord): Promise<void> {
    return this.#change(entry, record, () => this.#store.clear(name));
  }

  #change(entry: ServiceEntry, record: OperationRecord, work: () => Promise<void>): Promise<void> {
    if (entry.restart !== 'unless-stopped') return Promise.resolve();
    this.#last = this.#last.then(work).catch((thrown: unknown) => {
      record.warn(`a reboot may undo this: ${RoviError.from(thrown).message}`);
    });
    return this.#last;
  }
}
