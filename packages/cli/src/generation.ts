import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { DEFAULT_PREFIX, PATHS, RoviError } from '@rovi/contract';
import { generate, isGeneratedPath, readCatalog } from '@rovi/unitgen';
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

/** How a file on disk differs from what the catalog generates. */
export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'differs' | 'stale';
  /** The text on disk; empty where the file is missing. */
  readonly found: string;
  /** The generated text; empty where the file is stale. */
  readonly expected: string;
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
  readonly differences: readonly Difference[];
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
  const differences = await compare(folder, files);
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
const ownedFolders = ['units', 'polkit', 'env/stacks'];

async function compare(folder: string, files: readonly PlannedFile[]): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const { path, text: expected, mode } of files) {
    const found = await readIfThere(join(folder, path));
    if (found === null) differences.push({ path, kind: 'missing', found: '', expected });
    else if (found !== expected || !(await hasMode(join(folder, path), mode))) {
      differences.push({ path, kind: 'differs', found, expected });
    }
  }
  const planned = new Set(files.map(({ path }) => path));
  for (const below of ownedFolders) {
    const names = await readdir(join(folder, below)).catch(() => []);
    for (const path of names.map((name) => `${below}/${name}`).sort()) {
      if (planned.has(path) || !isGeneratedPath(path)) continue;
      differences.push({
        path,
        kind: 'stale',
        found: (await readIfThere(join(folder, path))) ?? '',
        expected: '',
      });
    }
  }
  return differences;
}

/** Only the executable bit counts: a checkout's umask decides the rest. */
async function hasMode(path: string, mode: number): Promise<boolean> {
  return ((await stat(path)).mode & 0o100) === (mode & 0o100);
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

/** All temporary files are complete before the first rename: a full disk changes nothing. */
async function write(
  folder: string,
  files: readonly PlannedFile[],
  differences: readonly Difference[],
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
