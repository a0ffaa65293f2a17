import type { Catalog } from '@rovi/contract';

/** The catalog file. */
export interface CatalogSource {
  /** What it held when this run began. */
  readonly first: Catalog;
  /** Reads it again. Rejects with `catalog-unreadable` or `catalog-invalid`. */
  read(): Promise<Catalog>;
  /**
   * The files, as installed, that are generated differently from the two: what only root can change. Asked hundreds of
   * times in a row it lets others have their turn in between.
   */
  changedFiles(before: Catalog, after: Catalog): Promise<string[]>;
}
