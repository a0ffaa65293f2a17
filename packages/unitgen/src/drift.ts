import type { GeneratedFile } from './generated-file.js';

/** A file as it is. */
export interface FoundFile {
  readonly text: string;
  /** Whether its owner may execute it. */
  readonly executable: boolean;
}

/** A generated file that is not as the catalog has it. */
export interface Drift {
  /** As in {@link GeneratedFile.path}. */
  readonly path: string;
  readonly kind: 'missing' | 'differs' | 'stale';
  /** The text that is there; empty where the file is missing. */
  readonly found: string;
  /** The generated text; empty where the file is stale. */
  readonly expected: string;
}

const generatedPath =
  /^(?:units\/rovi-[a-z0-9_-]+(?:@?\.service|\.target)|polkit\/\d+-rovi\.rules|env\/stacks\/[a-z0-9_-]+\.args|env\/services\/[a-z0-9_-]+@\d+\.env)$/;

/** True of a path at which generation may leave a file: one that is not expected there is stale. */
export function isGeneratedPath(path: string): boolean {
  return generatedPath.test(path);
}

/**
 * How what is there differs from what is expected: those in their order, then what is left over, by path. `found` holds
 * each expected file that is there and all else in the generated folders. Of a mode only the owner's executable bit
 * counts: a checkout's umask decides the rest.
 */
export function findDrift(
  expected: readonly Pick<GeneratedFile, 'path' | 'text' | 'mode'>[],
  found: ReadonlyMap<string, FoundFile>,
): Drift[] {
  const changed = expected.flatMap(({ path, text, mode }): Drift[] => {
    const file = found.get(path);
    if (file === undefined) return [{ path, kind: 'missing', found: '', expected: text }];
    if (file.text === text && file.executable === ((mode & 0o100) !== 0)) return [];
    return [{ path, kind: 'differs', found: file.text, expected: text }];
  });
  const paths = new Set(expected.map(({ path }) => path));
  const stale = [...found]
    .filter(([path]) => !paths.has(path) && isGeneratedPath(path))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, { text }]): Drift => ({ path, kind: 'stale', found: text, expected: '' }));
  return [...changed, ...stale];
}
