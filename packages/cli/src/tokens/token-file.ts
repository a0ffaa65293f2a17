import { createHash, randomBytes, randomInt } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { RoviError, tokenFileSchema } from '@rovi/contract';
import type { Role, StoredToken, TokenFile } from '@rovi/contract';
import { lock } from 'proper-lockfile';
import { groupOf } from '../account-group.js';
import { reasonOf } from '../catalog-file.js';

/**
 * `/etc/rovi/tokens.json`, which only root writes: a change is a new file that is whole on the disk before it takes the
 * old one's name, and two admins at once wait for each other. A file that is not what it should be is never replaced.
 */

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 8;
const SECRET_BYTES = 32;

/** A new token and what of it is kept. */
export interface NewToken {
  readonly token: string;
  readonly stored: StoredToken;
}

/** Makes a token; its secret is nowhere but in the result. */
export function newToken(about: {
  readonly name: string;
  readonly role: Role;
  readonly now: number;
  readonly expires: number | null;
}): NewToken {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const token = `rovi_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const { name, role, now, expires } = about;
  return {
    token,
    stored: {
      id,
      name,
      role,
      sha256: createHash('sha256').update(token).digest('hex'),
      created_at: new Date(now).toISOString(),
      expires_at: expires === null ? null : new Date(expires).toISOString(),
    },
  };
}

/** The tokens in the file; none where there is no file. Rejects with `tokens-unreadable`. */
export async function readTokens(path: string): Promise<readonly StoredToken[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unusable(
      `${path} cannot be read: ${reasonOf(cause)}`,
      'Run this as root: `sudo rovictl token …`.',
      cause,
    );
  }
  return parsed(text, path).tokens;
}

/** Changes the file. `change` gets what is in it and returns what shall be. Rejects with `tokens-unreadable`. */
export async function changeTokens(
  path: string,
  user: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new RoviError('not-authorized', `only root changes ${path}`, {
      mend: 'Run this as root: `sudo rovictl token …`.',
    });
  }
  const group = await groupOf(user);
  // Half a minute: longer than the ten seconds after which the lock of an admin who was killed counts no more, and enough
  // for many at once on a slow machine.
  const release = await lock(path, {
    realpath: false,
    retries: { retries: 150, minTimeout: 50, maxTimeout: 200 },
  }).catch((cause: unknown) => {
    throw unusable(
      `${path} cannot be locked: ${reasonOf(cause)}`,
      `Is somebody else at it? Else remove ${path}.lock. The folder ${dirname(path)} must be there: run install.sh first.`,
      cause,
    );
  });
  try {
    const tokens = change(await readTokens(path));
    await replace(path, { version: 1, tokens: [...tokens] }, group);
  } finally {
    await release();
  }
}

async function replace(path: string, content: TokenFile, group: number): Promise<void> {
  const fresh = `${path}.new`;
  await unlink(fresh).catch(() => undefined);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await file.chmod(0o640);
      await file.chown(0, group);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    await unlink(fresh).catch(() => undefined);
    throw unusable(
      `${path} cannot be written: ${reasonOf(cause)}`,
      `\`df ${dirname(path)}\`; nothing was changed.`,
      cause,
    );
  }
}

/** Checks owner and mode as the gateway will; null where they are good or there is no file. */
export async function ownerFault(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || (found.uid === 0 && (found.mode & 0o022) === 0)) return null;
  return `${path} is not root's alone to write: the gateway accepts no token of it (\`chown root ${path}; chmod 640 ${path}\`)`;
}

function parsed(text: string, path: string): TokenFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(`${path} is not JSON`, 'Remove it and make new tokens.', cause);
  }
  const result = tokenFileSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unusable(
    `${path} is no token file: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    'Mend what the message names, or remove the file and make new tokens.',
    result.error,
  );
}

function unusable(message: string, mend: string, cause: unknown): RoviError {
  return new RoviError('tokens-unreadable', message, { mend, cause });
}
