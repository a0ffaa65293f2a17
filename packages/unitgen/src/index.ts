export type { CatalogIssue } from './catalog-issue.js';
export { findDrift, isGeneratedPath } from './drift.js';
export type { Drift, FoundFile } from './drift.js';
export { generate } from './generate.js';
export type { GeneratedFile, GenerateOptions } from './generated-file.js';
export { readCatalog } from './read-catalog.js';
