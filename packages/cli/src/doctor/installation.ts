import { readFile, realpath } from 'node:fs/promises';
import process from 'node:process';
import { DEFAULT_PREFIX, GATEWAY_UNIT, type Catalog } from '@rovi/contract';
import { generate, type GeneratedFile } from '@rovi/unitgen';
import { loadAccounts, type Accounts } from './account-database.js';

/** What every examination needs to know of the installation it looks at. */
export interface Installation {
  readonly catalog: Catalog;
  /** `<prefix>/lib/rovi` holds the program. */
  readonly prefix: string;
  /** Whether this process may see and ask everything. */
  readonly root: boolean;
  readonly accounts: Accounts;
  /** What the catalog generates for that prefix: what should be installed. */
  readonly generated: readonly GeneratedFile[];
}

/** Reads what is there; never rejects for what a fault of the installation may be. */
export async function readInstallation(
  catalog: Catalog,
  prefixFlag: string | undefined,
): Promise<Installation> {
  const prefix = prefixFlag ?? (await findPrefix());
  return {
    catalog,
    prefix,
    root: process.getuid?.() === 0,
    accounts: await loadAccounts([catalog.user, 'nobody'], catalog.group),
    generated: generate(catalog, { prefix }),
  };
}

/** Where this very program lies; where that is a build folder, what the installed gateway's unit says. */
async function findPrefix(): Promise<string> {
  const program = await realpath(process.argv[1] ?? '').catch(() => '');
  const own = /^(\/.+)\/lib\/rovi\/[^/]+$/.exec(program)?.[1];
  if (own !== undefined) return own;
  const unit = await readFile(`/etc/systemd/system/${GATEWAY_UNIT}`, 'utf8').catch(() => '');
  return /^ExecStart="?(\/.+?)\/lib\/rovi\//m.exec(unit)?.[1] ?? DEFAULT_PREFIX;
}
