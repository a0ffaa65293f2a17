export type { CatalogIssue } from './catalog-issue.js';
export { containerHealthUnit, containerMounts, containerService, isContainer } from './container-unit.js';
export type { ContainerService } from './container-unit.js';
export { portVariable } from './container-ports.js';
export { findDrift, isGeneratedPath } from './drift.js';
export type { Drift, FoundFile } from './drift.js';
export { generate } from './generate.js';
export type { GeneratedFile, GenerateOptions } from './generated-file.js';
export { readCatalog } from './read-catalog.js';
