import type { Catalog } from '@rovi/contract';
import { catalogSchema, RoviError } from '@rovi/contract';
import type { CatalogIssue } from './catalog-issue.js';
import { MAX_ISSUES, pathText } from './catalog-issue.js';
import { parseYaml } from './catalog-yaml.js';
import { schemaFaults } from './schema-issues.js';

/**
 * The catalog that a YAML text declares. Throws `catalog-invalid` with every fault under `context.issues`
 * ({@link CatalogIssue}, in the order of the text, at most 100); `fileName` is only named. Never throws anything else.
 */
export function readCatalog(text: string, fileName: string): Catalog {
  const source = parseYaml(text);
  if (Array.isArray(source)) throw invalid(fileName, source, source.length);
  const result = catalogSchema.safeParse(source.data);
  if (result.success) return result.data;
  const faults = schemaFaults(result.error, source.data);
  const issues = faults.slice(0, 10 * MAX_ISSUES).map(({ path, key, message }): CatalogIssue => {
    const { line, col } = source.position(path, key);
    return { line, column: col, path: pathText(path), message };
  });
  throw invalid(fileName, issues, faults.length);
}

function invalid(file: string, all: readonly CatalogIssue[], count: number): RoviError {
  const sorted = [...all].sort((one, other) => one.line - other.line || one.column - other.column);
  const issues = sorted.slice(0, MAX_ISSUES);
  const [first = { line: 1, column: 1, path: '', message: 'expected a catalog' }] = issues;
  const where = `${file}:${String(first.line)}:${String(first.column)}`;
  const more = count > 1 ? ` (and ${String(count - 1)} more)` : '';
  const path = first.path === '' ? '' : `${first.path}: `;
  return new RoviError('catalog-invalid', `${where}: ${path}${first.message}${more}`, {
    mend: `Correct ${count > 1 ? 'the lines named' : 'the line named'} in ${file}. Nothing was written.`,
    context: { file, count, issues },
  });
}
