import { mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  hostEntrySchema,
  hostNameSchema,
  RoviError,
  type HostEntry,
  type HostEntryInput,
} from '@rovi/contract';
import { lock } from 'proper-lockfile';
import { isMap, type Document } from 'yaml';
import { reasonOf } from '../catalog-file.js';
import { UsageError } from '../verb.js';
import { writeWhole } from '../write-whole.js';
import { readHosts, unknownHost, userInventoryPath, type Host } from './inventory.js';
import { parseInventory, readInventoryFile } from './inventory-file.js';

/** What a new inventory begins with. */
const FRESH = '# The robots that rovictl --host may name.\nversion: 1\nhosts: {}\n';

/** Adds a host to the user's inventory; resolves with the file. Refuses a name that is in it. */
export async function addHost(name: string, entry: HostEntryInput): Promise<string> {
  const named = hostNameSchema.safeParse(name);
  if (!named.success)
    throw new UsageError(`"${name}" cannot be a host: ${named.error.issues[0]?.message ?? ''}`);
  const good = hostEntrySchema.safeParse(entry);
  if (!good.success) {
    const [issue] = good.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new UsageError(
      `"${name}" cannot be added: ${field === '' ? '' : `${field}: `}${issue?.message ?? ''}`,
    );
  }
  return change((document, hosts) => {
    if (Object.hasOwn(hosts, name)) {
      throw new UsageError(`"${name}" is in your inventory already: remove it first, or choose another name`);
    }
    if (!isMap(document.get('hosts'))) document.set('hosts', document.createNode({}));
    const all = document.get('hosts', true);
    if (isMap(all)) all.flow = false;
    document.setIn(['hosts', name], document.createNode(entry));
  });
}

/** Takes a host out of the user's inventory; `left` is the system's of the same name, which is meant from now on. */
export async function removeHost(name: string): Promise<{ file: string; left: Host | null }> {
  const before = await readHosts();
  const known = before.find((host) => host.name === name);
  if (known === undefined) throw unknownHost(name, before);
  if (known.file !== userInventoryPath()) {
    throw new RoviError(
      'not-authorized',
      `${name} is in ${known.file}, which is for all users of this machine`,
      {
        mend: `Root edits ${known.file}.`,
      },
    );
  }
  const file = await change((document) => {
    document.deleteIn(['hosts', name]);
  });
  return { file, left: (await readHosts()).find((host) => host.name === name) ?? null };
}

/** Changes the user's file: whole or not at all, one change after the other, its comments kept. */
async function change(
  edit: (document: Document.Parsed, hosts: Readonly<Record<string, HostEntry>>) => void,
): Promise<string> {
  const given = userInventoryPath();
  await mkdir(dirname(given), { recursive: true, mode: 0o700 });
  // A file that is a link stays one.
  const path = await realpath(given).catch(() => given);
  // Half a minute: longer than the ten seconds after which the lock of one that was killed counts no more, and enough for
  // many at once on a slow machine.
  const release = await lock(path, {
    realpath: false,
    retries: { retries: 150, minTimeout: 50, maxTimeout: 200 },
  });
  try {
    const { document, content } = (await readInventoryFile(path)) ?? parseInventory(FRESH, path);
    edit(document, content.hosts);
    const text = document.toString({ lineWidth: 0 });
    parseInventory(text, path);
    await replace(path, text);
  } finally {
    await release();
  }
  return given;
}

async function replace(path: string, text: string): Promise<void> {
  try {
    await writeWhole(path, text);
  } catch (cause) {
    throw new RoviError('hosts-invalid', `${path} cannot be written: ${reasonOf(cause)}`, {
      mend: 'Nothing was changed.',
      cause,
    });
  }
}
