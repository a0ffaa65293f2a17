import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { DEFAULT_PREFIX, PATHS, RoviError } from '@rovi/contract';
import { findDrift, generate, isGeneratedPath, readCatalog } from '@rovi/unitgen';
import type { Drift, FoundFile } from '@rovi/unitgen';
import { Document, isScalar, parseDocument } from 'yaml';
import { loadCatalog } from './catalog-file.js';

/** A file that generation owns: where it goes below the output folder, and where an installer puts it. */
export interface PlannedFile {
  /** Relative to the output folder. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Null for what is not installed. */
  readonly install: string | null;
}

export interface GenerationOptions {
  readonly catalog: string;
  readonly out?: string;
  readonly prefix?: string;
  readonly user?: string;
}

/** Everything that one catalog generates, compared with what is on disk. */
export interface GenerationPlan {
  readonly catalogPath: string;
  readonly folder: string;
  readonly files: readonly PlannedFile[];
  readonly differences: readonly Drift[];
  /** Makes the folder agree: every differing file is replaced atomically, stale ones are removed. */
  write(): Promise<{ written: string[]; removed: string[] }>;
}

/** Rejects with `catalog-unreadable` or `catalog-invalid` before anything is written. */
export async function planGeneration(options: GenerationOptions): Promise<GenerationPlan> {
  const source = await loadCatalog(options.catalog);
  const text = options.user === undefined ? source.text : withUser(source.text, options.user);
  const catalog = text === source.text ? source.catalog : readCatalog(text, options.catalog);
  const folder = options.out ?? dirname(options.catalog);
  const files: PlannedFile[] = generate(catalog, { prefix: options.prefix ?? DEFAULT_PREFIX }).map(
    (file) => ({ ...file }),
  );
  if (options.out !== undefined) {
    if (text !== source.text && resolve(folder, 'rovi.yaml') === resolve(options.catalog)) {
      throw new RoviError('bad-request', `--user would overwrite the catalog ${options.catalog}`, {
        mend: 'Choose another folder for --out.',
      });
    }
    files.push({ path: 'rovi.yaml', text, mode: 0o644, install: PATHS.catalog });
    files.push({ path: 'install.manifest', text: manifestOf(files), mode: 0o644, install: null });
  }
  const differences = findDrift(files, await foundFiles(folder, files));
  return {
    catalogPath: options.catalog,
    folder,
    files,
    differences,
    write: () => write(folder, files, differences),
  };
}

/** One line for each file to install: octal mode, path below the output folder, path on the robot. */
export function manifestOf(files: readonly PlannedFile[]): string {
  return files
    .filter((file) => file.install !== null)
    .map((file) => `${file.mode.toString(8).padStart(4, '0')} ${file.path} ${file.install ?? ''}\n`)
    .join('');
}

/** The same catalog text with another `user:`; comments and order are kept. The text is not validated here. */
export function withUser(text: string, user: string): string {
  const document = parseDocument(text);
  if (document.get('user') === user) return text;
  const node = document.get('user', true);
  // A scalar is replaced where it stands, so that the rest of the text stays exactly as its author wrote it.
  if (isScalar(node) && node.range) {
    const [start, end] = node.range;
    return text.slice(0, start) + new Document(user).toString().trimEnd() + text.slice(end);
  }
  document.set('user', user);
  return document.toString({ lineWidth: 0 });
}

/** The folders that generation fills. */
const ownedFolders = ['units', 'polkit', 'env/stacks', 'env/services'];

/** What is on disk at the planned paths and in the folders that generation owns. */
async function foundFiles(folder: string, files: readonly PlannedFile[]): Promise<Map<string, FoundFile>> {
  const present = await Promise.all(
    ownedFolders.map(async (below) =>
      (await readdir(join(folder, below)).catch(() => [])).map((name) => `${below}/${name}`),
    ),
  );
  const paths = [...files.map(({ path }) => path), ...present.flat().filter(isGeneratedPath)];
  const found = new Map<string, FoundFile>();
  for (const path of new Set(paths)) {
    const file = await fileIfThere(join(folder, path));
    if (file !== null) found.set(path, file);
  }
  return found;
}

async function fileIfThere(path: string): Promise<FoundFile | null> {
  try {
    return { text: await readFile(path, 'utf8'), executable: ((await stat(path)).mode & 0o100) !== 0 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** All temporary files are complete before the first rename: a full disk changes nothing. */
async function write(
  folder: string,
  files: readonly PlannedFile[],
  differences: readonly Drift[],
): Promise<{ written: string[]; removed: string[] }> {
  const toWrite = files.filter((file) =>
    differences.some(({ path, kind }) => path === file.path && kind !== 'stale'),
  );
  const staged: { temporary: string; target: string }[] = [];
  try {
    for (const file of toWrite) {
      const target = join(folder, file.path);
      await mkdir(dirname(target), { recursive: true });
      const temporary = `${target}.${String(process.pid)}.tmp`;
      staged.push({ temporary, target });
      await writeFile(temporary, file.text, { mode: file.mode });
    }
    for (const { temporary, target } of staged) await rename(temporary, target);
  } catch (cause) {
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })));
    throw cause;
  }
  const removed = differences.filter(({ kind }) => kind === 'stale').map(({ path }) => path);
  for (const path of removed) await rm(join(folder, path), { force: true });
  return { written: toWrite.map(({ path }) => path), removed };
}
