import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The names of files that are not whole yet begin so. */
export const UNFINISHED = '.';

/**
 * Makes the file hold exactly this text. Whatever happens meanwhile, a reader finds all of the old or all of the new;
 * when it resolves, the new survives a power failure. One call at a time for a path: the unfinished file has one name,
 * so that those who were killed in between leave one file behind, not many.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const unfinished = join(dirname(path), `${UNFINISHED}${basename(path)}.tmp`);
  try {
    const file = await open(unfinished, 'w');
    try {
      // Not left to the umask: systemd and an operator's `cat` read it.
      await file.chmod(0o644);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    // On a full disk it would keep what room there is.
    await unlink(unfinished).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** A name that came or went is on the disk when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
