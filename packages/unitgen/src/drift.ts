import type { GeneratedFile } from './generated-file.js';

/** A generated file that is not as the catalog has it. */
export interface Drift {
  /** As in {@link GeneratedFile.path}. */
  readonly path: string;
  readonly kind: 'missing' | 'differs' | 'stale';
}

const generatedPath =
  /^(?:units\/rovi-[a-z0-9_-]+\.service|polkit\/\d+-rovi\.rules|env\/stacks\/[a-z0-9_-]+\.args)$/;

/** True of a path at which generation may leave a file: one that is not expected there is stale. */
export function isGeneratedPath(path: string): boolean {
  return generatedPath.test(path);
}

/**
 * How what is there differs from what is expected. `readFile` gives a file's text, null where there is none; `present`
 * lists what is in the generated folders, so that left-over files are seen.
 */
export function findDrift(
  expected: readonly GeneratedFile[],
  readFile: (path: string) => string | null,
  present: readonly string[] = [],
): Drift[] {
  const paths = new Set(expected.map(({ path }) => path));
  const changed = expected.flatMap(({ path, text }): Drift[] => {
    const found = readFile(path);
    if (found === null) return [{ path, kind: 'missing' }];
    return found === text ? [] : [{ path, kind: 'differs' }];
  });
  const stale = present
    .filter((path) => !paths.has(path) && isGeneratedPath(path))
    .sort()
    .map((path): Drift => ({ path, kind: 'stale' }));
  return [...changed, ...stale];
}
