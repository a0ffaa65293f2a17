import { access, readFile } from 'node:fs/promises';
import { PATHS, RoviError, type Catalog } from '@rovi/contract';
import { readCatalog } from '@rovi/unitgen';

/** A catalog and the text it was read from. */
export interface CatalogFile {
  readonly path: string;
  readonly text: string;
  readonly catalog: Catalog;
}

/**
 * The catalog a verb means where none is named. Who writes a catalog means the one in the folder (`near`); who looks
 * at a robot means the installed one, and the one in the folder only where none is installed.
 */
export async function defaultCatalogPath(prefer: 'near' | 'installed' = 'near'): Promise<string> {
  const [first, second] = prefer === 'near' ? ['rovi.yaml', PATHS.catalog] : [PATHS.catalog, 'rovi.yaml'];
  return access(first).then(
    () => first,
    () =>
      access(second).then(
        () => second,
        () => PATHS.catalog,
      ),
  );
}

/** Rejects with `catalog-unreadable` or `catalog-invalid`. */
export async function loadCatalog(path: string): Promise<CatalogFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RoviError('catalog-unreadable', `${path} cannot be read: ${reasonOf(cause)}`, {
      mend: 'Name a catalog, or run this in the folder that holds rovi.yaml.',
      context: { file: path },
      cause,
    });
  });
  return { path, text, catalog: readCatalog(text, path) };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
};

/** A file system error in a few words, without the call and the path that Node puts in front. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
