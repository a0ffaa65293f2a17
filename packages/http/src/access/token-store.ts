import { createHash, timingSafeEqual } from 'node:crypto';
import { watch } from 'node:fs';
import type { FSWatcher, Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { RoviError, TOKEN_PATTERN, tokenFileSchema } from '@rovi/contract';
import type { StoredToken, TokenInfo } from '@rovi/contract';
import { SharedReading } from './shared-reading.js';

/**
 * The tokens of `/etc/rovi/tokens.json`, which root writes (`rovictl token`) and the gateway only reads: whoever takes
 * the gateway over can make none. The file is read again as soon as it changes. One that cannot be trusted – somebody
 * but root could have written it, or it is not what rovictl writes – gives no tokens at all.
 */

/** Milliseconds between looks at the file where the kernel does not tell of changes. */
const POLL_MS = 2_000;
/** The longest between looks at the clock, which can be set: a timer does not hear of that. */
const CLOCK_MS = 30_000;

const NO_FILE = 'no file';

export interface TokenStoreOptions {
  readonly path: string;
  /** Told when tokens that were good are no longer: revoked, expired, or the file cannot be trusted any more. */
  readonly onEnded: (ids: ReadonlySet<string>) => void;
  /** Told of each reading, and how it went: null where it went well. */
  readonly onRead: (fault: RoviError | null) => void;
}

/** What is known of the file. */
export class TokenStore {
  readonly #options: TokenStoreOptions;
  #tokens: ReadonlyMap<string, StoredToken> = new Map();
  #fault: RoviError | null = null;
  #seen = '';
  readonly #reading = new SharedReading(() => this.#read());
  #watcher: FSWatcher | null = null;
  #poll: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: TokenStoreOptions) {
    this.#options = options;
  }

  /** How many tokens are good now. */
  get size(): number {
    return this.#good().length;
  }

  /** Why no token is accepted; null where the file is good, or is not there. */
  get fault(): RoviError | null {
    return this.#fault;
  }

  /** Reads the file and goes on watching it. Never rejects: a file that cannot be read is a {@link fault}. */
  async start(): Promise<void> {
    const [folder, file] = [dirname(this.#options.path), basename(this.#options.path)];
    try {
      this.#watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || name === file) void this.refresh();
      });
      this.#watcher.on('error', () => this.#pollInstead());
    } catch {
      this.#pollInstead();
    }
    await this.refresh();
  }

  stop(): void {
    this.#watcher?.close();
    clearInterval(this.#poll);
    clearTimeout(this.#expiry);
  }

  /** Reads the file where it has changed. However many ask, each waits for two looks at it at most. */
  refresh(): Promise<void> {
    return this.#reading.fresh();
  }

  /** The token's entry; null where it is no good token. Takes as long for any. */
  find(token: string): StoredToken | null {
    const [, id = ''] = TOKEN_PATTERN.exec(token) ?? [];
    const digest = createHash('sha256').update(token).digest();
    const entry = this.#tokens.get(id);
    const wanted = entry === undefined ? Buffer.alloc(digest.length) : Buffer.from(entry.sha256, 'hex');
    const same = wanted.length === digest.length && timingSafeEqual(digest, wanted);
    return entry !== undefined && same && !isOver(entry) ? entry : null;
  }

  /** All good tokens, without their digests. */
  list(): TokenInfo[] {
    return this.#good().map(({ id, name, role, created_at, expires_at }) => ({
      id,
      name,
      role,
      created_at,
      expires_at,
    }));
  }

  #good(): StoredToken[] {
    return [...this.#tokens.values()].filter((token) => !isOver(token));
  }

  async #read(): Promise<void> {
    const { path } = this.#options;
    let tokens: ReadonlyMap<string, StoredToken> = new Map();
    let fault: RoviError | null = null;
    try {
      const found = await stat(path);
      // Of a pipe nobody would ever read the end.
      if (!found.isFile()) throw new Error(`${path} is no file`);
      const seen = identityOf(found);
      if (seen === this.#seen) return;
      this.#seen = seen;
      checkOwner(found, path);
      tokens = parsed(await readFile(path, 'utf8'), path);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      // Each wrong token has the file looked at: what follows from a reading is not for anybody to set off.
      if (isMissing && this.#seen === NO_FILE) return;
      this.#seen = isMissing ? NO_FILE : '';
      if (!isMissing) fault = unreadable(error, path);
    }
    const before = this.#tokens;
    this.#tokens = tokens;
    this.#fault = fault;
    // Over already as it is read: its time never comes, and nobody else would tell of it.
    const gone = [...before]
      .filter(([id, { sha256 }]) => {
        const now = tokens.get(id);
        return now?.sha256 !== sha256 || isOver(now);
      })
      .map(([id]) => id);
    // Another role is another right: who came in with the old one has to come in again.
    const changed = [...before].filter(([id, { role }]) => (tokens.get(id)?.role ?? role) !== role);
    const ended = new Set([...gone, ...changed.map(([id]) => id)]);
    if (ended.size > 0) this.#options.onEnded(ended);
    this.#options.onRead(fault);
    this.#awaitExpiry();
  }

  /** Tells of tokens when their time is over, though nobody asks. */
  #awaitExpiry(): void {
    clearTimeout(this.#expiry);
    const ends = this.#good().flatMap(({ id, expires_at }) =>
      expires_at === null ? [] : [{ id, at: Date.parse(expires_at) }],
    );
    if (ends.length === 0) return;
    const next = Math.min(...ends.map(({ at }) => at));
    this.#expiry = setTimeout(
      () => {
        const over = new Set(ends.filter(({ at }) => at <= Date.now()).map(({ id }) => id));
        if (over.size > 0) this.#options.onEnded(over);
        this.#awaitExpiry();
      },
      Math.min(Math.max(next - Date.now(), 0) + 1, CLOCK_MS),
    );
    this.#expiry.unref();
  }

  #pollInstead(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#poll ??= setInterval(() => void this.refresh(), POLL_MS);
    this.#poll.unref();
  }
}

function isOver({ expires_at }: StoredToken): boolean {
  return expires_at !== null && Date.parse(expires_at) <= Date.now();
}

function identityOf({ dev, ino, size, mtimeMs, ctimeMs, uid, mode }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs, uid, mode].join(' ');
}

function checkOwner({ uid, mode }: Stats, path: string): void {
  if (uid !== 0 || (mode & 0o022) !== 0) {
    const shown = (mode & 0o7777).toString(8).padStart(4, '0');
    throw new Error(
      `${path} has owner uid ${String(uid)} and mode ${shown}: somebody but root could have written it`,
    );
  }
}

function parsed(text: string, path: string): ReadonlyMap<string, StoredToken> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON`, { cause });
  }
  const { success, data, error } = tokenFileSchema.safeParse(value);
  if (success) return new Map(data.tokens.map((token) => [token.id, token]));
  const [issue] = error.issues;
  throw new Error(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a token file'}`);
}

function unreadable(cause: unknown, path: string): RoviError {
  return new RoviError(
    'tokens-unreadable',
    `the tokens cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      mend: `As root: \`rovictl token list\`, and \`ls -l ${path}\` (root, the gateway's group, 0640).`,
      cause,
    },
  );
}
