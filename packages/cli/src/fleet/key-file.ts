import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { open, readFile, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { RoviError, tokenNameSchema } from '@rovi/contract';
import { groupOf } from '../account-group.js';
import { reasonOf } from '../catalog-file.js';
import { UsageError } from '../verb.js';

/** Characters of PKCS8 PEM with an Ed25519 key in it are about 120. */
const MOST_CHARACTERS = 10_000;

/**
 * Makes an Ed25519 key: PKCS8 PEM, which root and the group of `user` may read. Rejects with `not-authorized` for whoever
 * is not root, and with `bad-request` where a file of this name is there: it is never replaced.
 */
export async function createKey(path: string, user: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new RoviError('not-authorized', `only root makes ${path}`, {
      mend: 'Run this as root: `sudo rovictl fleet key --create`.',
    });
  }
  const group = await groupOf(user);
  const { privateKey } = generateKeyPairSync('ed25519');
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' });
  // Nobody but root may read it before it has its group, and nothing that is there is touched.
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw cannotMake(path, cause);
  });
  try {
    await file.writeFile(text);
    await file.chown(0, group);
    await file.chmod(0o640);
    await file.sync();
  } catch (cause) {
    await unlink(path);
    throw cannotMake(path, cause);
  } finally {
    await file.close();
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

/** The public key of the private one in the file, as catalogs have it. Rejects with `bad-request`. */
export async function readPublicKey(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RoviError('bad-request', `${path} cannot be read: ${reasonOf(cause)}`, {
      mend: '`sudo rovictl fleet key --create` makes one; root and the group of the gateway may read it.',
      cause,
    });
  });
  try {
    const key = createPrivateKey(text.slice(0, MOST_CHARACTERS));
    if (key.asymmetricKeyType !== 'ed25519')
      throw new Error(`it is of the kind ${String(key.asymmetricKeyType)}`);
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    return `ed25519:${Buffer.from(x, 'base64url').toString('base64')}`;
  } catch (cause) {
    throw new RoviError('bad-request', `${path} holds no private Ed25519 key in PEM`, {
      mend: 'Name another file, or make one with `sudo rovictl fleet key --create FILE`.',
      cause,
    });
  }
}

/** The name for robots' audits: the one given, else that of this machine. Throws a UsageError for one that cannot be. */
export function operatorName(given: string | undefined): string {
  const name = given ?? hostname().replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  const fits = tokenNameSchema.safeParse(name);
  if (fits.success) return name;
  throw new UsageError(
    `"${name}" cannot be a name: ${fits.error.issues[0]?.message ?? ''}; give one with --name`,
  );
}

/** YAML for the catalog of a robot. */
export function operatorSnippet(name: string, key: string): string {
  return `mqtt:
  fleet:
    operators:
      - name: ${JSON.stringify(name)}
        key: ${key}
        role: operator
`;
}

function cannotMake(path: string, cause: unknown): RoviError {
  const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
  return new RoviError(
    'bad-request',
    there ? `${path} is there already, and is not replaced` : `${path} cannot be made: ${reasonOf(cause)}`,
    {
      mend: there
        ? 'Robots know its public half: `rovictl fleet key` prints it. To change keys make another file, and name that in the catalog.'
        : `Is the folder ${dirname(path)} there? install.sh makes /etc/rovi.`,
      cause,
    },
  );
}
