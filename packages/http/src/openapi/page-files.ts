import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The files of Swagger UI that are served, with the licences they come under. build.mjs packs exactly these. */
export const PAGE_FILES: readonly string[] = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
];

/** A file of the page; null where it has none of this name. In the bundled gateway build.mjs puts itself in this module's place. */
export async function pageFile(name: string): Promise<Buffer | null> {
  if (!PAGE_FILES.includes(name)) return null;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return readFile(join(folder, name));
}
