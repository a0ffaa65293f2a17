import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SupervisionRecord, SupervisionStore } from '@rovi/conductor';
import { timestampSchema } from '@rovi/contract';
import { z } from 'zod';
import type { Logger } from './logger.js';
import { OneAtATime } from './one-at-a-time.js';
import { readHead } from './read-head.js';
import { replaceFile } from './replace-file.js';
import { unwritable } from './unwritable.js';

const recordSchema = z.object({
  unit: z.string(),
  crashes: z.int().min(0),
  restarts: z.int().min(0),
  run: z.string().nullable(),
  invocation: z.string().nullable(),
  asked: z.string().nullable(),
  systemd_restarts: z.int().min(0),
  phase: z.enum(['watching', 'backoff', 'cooldown', 'trying', 'gave-up']),
  tries: z.int().min(0),
  attempts: z.int().min(0),
  text: z.string(),
  next_at: timestampSchema.nullable(),
  starts: z.array(timestampSchema),
});

/** The file, `supervision.json`. */
const fileSchema = z.object({ version: z.literal(1), records: z.array(recordSchema) });

/** More than any catalog's records: a larger file is none of them. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The counters and plans of supervision in one JSON file, replaced as a whole. */
export class JsonSupervisionStore implements SupervisionStore {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #turn = new OneAtATime();

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Never rejects: a robot is not left without its conductor for want of counters. */
  async load(): Promise<readonly SupervisionRecord[]> {
    let text: string;
    try {
      text = await readHead(this.#path, MOST_BYTES);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#logger.warn(
          { err, path: this.#path },
          'counters of supervision cannot be read: they begin anew',
        );
      }
      return [];
    }
    try {
      return fileSchema.parse(JSON.parse(text)).records;
    } catch (err) {
      const kept = `${this.#path}.broken`;
      this.#logger.warn(
        { err, path: this.#path, kept },
        'counters of supervision are broken: they begin anew',
      );
      await rename(this.#path, kept).catch((error: unknown) => {
        this.#logger.warn({ err: error, path: kept }, 'broken counters of supervision cannot be kept beside');
      });
      return [];
    }
  }

  save(records: readonly SupervisionRecord[]): Promise<void> {
    return this.#turn.run(async () => {
      try {
        await mkdir(dirname(this.#path), { recursive: true });
        await replaceFile(this.#path, `${JSON.stringify({ version: 1, records }, null, 1)}\n`);
      } catch (cause) {
        throw unwritable(this.#path, cause);
      }
    });
  }
}
