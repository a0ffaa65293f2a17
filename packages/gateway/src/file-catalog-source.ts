import { setImmediate } from 'node:timers/promises';
import type { CatalogSource } from '@rovi/conductor';
import type { Catalog } from '@rovi/contract';
import { generate } from '@rovi/unitgen';
import { loadCatalog } from './configuration.js';

/** The installed catalog, and what `install.sh` would make of it. */
export class FileCatalogSource implements CatalogSource {
  readonly first: Catalog;
  readonly #path: string;
  /** What was compared last: of many questions in a row it is the same. */
  #last: { readonly catalog: Catalog; readonly texts: ReadonlyMap<string, string> } | null = null;

  constructor(path: string, first: Catalog) {
    this.#path = path;
    this.first = first;
  }

  read(): Promise<Catalog> {
    return loadCatalog(this.#path);
  }

  async changedFiles(before: Catalog, after: Catalog): Promise<string[]> {
    await setImmediate();
    if (this.#last?.catalog !== before) this.#last = { catalog: before, texts: textsOf(before) };
    const old = this.#last.texts;
    const now = textsOf(after);
    return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
  }
}

/** Text by installed path. Where programs are installed makes no difference between two catalogs. */
function textsOf(catalog: Catalog): Map<string, string> {
  return new Map(generate(catalog).map(({ install, text }) => [install, text]));
}
