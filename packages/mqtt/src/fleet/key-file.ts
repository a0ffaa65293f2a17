import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fleetSigner } from './fleet-signature.js';
import type { FleetSigner } from './fleet-signature.js';

/** Bytes of the largest file that is read as a key. */
const LARGEST = 16_384;
const MAKE = 'Make one there: `sudo rovictl fleet key --create`.';

/** The key of a console, or why it has none. */
export type FleetKey =
  { readonly signer: FleetSigner } | { readonly signer: null; readonly text: string; readonly mend: string };

/** Reads it as it is now. A key that others may read or write is not used. Never rejects. */
export async function readFleetKey(path: string | undefined): Promise<FleetKey> {
  if (path === undefined) {
    return { signer: null, text: 'it can only look: there is no `key_file`', mend: '' };
  }
  const none = (why: string, mend: string): FleetKey => ({
    signer: null,
    text: `it can only look: ${path} ${why}`,
    mend,
  });
  try {
    // Not a pipe that would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile() || status.size > LARGEST) {
        return none('is no file with a key', MAKE);
      }
      if ((status.mode & 0o037) !== 0) {
        const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
        return none(
          `is open to others than its owner and group (mode ${mode})`,
          'Make another key, and let nobody else read it: 0600 of its owner, or 0640.',
        );
      }
      return { signer: fleetSigner(await file.readFile('utf8')) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return none('is not there', `${MAKE} It is taken within seconds.`);
    if (code === 'EACCES') return none('cannot be read', "Let the gateway's user read it.");
    return none(`is no key: ${message}`, MAKE);
  }
}
