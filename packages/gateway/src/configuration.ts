import { parseArgs } from 'node:util';
import { join } from 'node:path';
import type { Catalog } from '@rovi/contract';
import { PATHS, RoviError } from '@rovi/contract';
import { readHead } from '@rovi/store';
import { readCatalog } from '@rovi/unitgen';

/** What is read of a catalog: more than the longest that is taken has, in bytes. */
const CATALOG_BYTES = 4 * 1024 * 1024 + 1;

/** Where the daemon finds what it needs; every value has the installed robot's default. */
export interface Configuration {
  readonly catalogPath: string;
  readonly socketPath: string;
  readonly lockPath: string;
  /** Held for as long as the daemon lives: one conductor per machine. */
  readonly instancePath: string;
  readonly logLevel: string;
  /** Who may come in over TCP; root's. */
  readonly tokensPath: string;
  /** The web page's files; need not be there. */
  readonly webFolder: string;
  /** What outlives a restart: marks that systemd looks at, and counters. */
  readonly stateFolder: string;
  /** The folder this program was installed to, with its other parts. */
  readonly programs: string;
}

export const usage = `rovi-gateway: runs the conductor. Started by systemd as rovi-gateway.service.
  --catalog FILE   the catalog                  (${PATHS.catalog})
  --socket PATH    unix socket of the local API (${PATHS.socket})
  --lock PATH      the stack lock               (${PATHS.lock})
  --tokens FILE    who may come in over TCP     (${PATHS.tokens})
  --state DIR      marks and counters            (${PATHS.state})
  --programs DIR   where its other parts are     (beside this program)
  --log-level L    debug, info, warn or error   (info)
`;

/** Reads the command line. Throws `bad-request` naming what is wrong with it. */
export function parseConfiguration(argv: readonly string[]): Configuration | 'help' {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        catalog: { type: 'string', default: PATHS.catalog },
        socket: { type: 'string', default: PATHS.socket },
        lock: { type: 'string', default: PATHS.lock },
        tokens: { type: 'string', default: PATHS.tokens },
        state: { type: 'string', default: PATHS.state },
        'log-level': { type: 'string', default: 'info' },
        programs: { type: 'string', default: import.meta.dirname },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    if (!['debug', 'info', 'warn', 'error'].includes(values['log-level'])) {
      throw new Error(`--log-level: expected debug, info, warn or error, got ${values['log-level']}`);
    }
    return {
      catalogPath: values.catalog,
      socketPath: values.socket,
      lockPath: values.lock,
      instancePath: `${values.socket}.owner`,
      logLevel: values['log-level'],
      tokensPath: values.tokens,
      stateFolder: values.state,
      webFolder: join(values.programs, 'web'),
      programs: values.programs,
    };
  } catch (cause) {
    throw new RoviError('bad-request', cause instanceof Error ? cause.message : String(cause), {
      mend: usage,
      cause,
    });
  }
}

/** Reads and validates the catalog. Throws `catalog-unreadable` or `catalog-invalid`. */
export async function loadCatalog(path: string): Promise<Catalog> {
  let text: string;
  try {
    text = await readHead(path, CATALOG_BYTES);
  } catch (cause) {
    throw new RoviError(
      'catalog-unreadable',
      `cannot read the catalog ${path}: ${(cause as Error).message}`,
      {
        mend: 'Install one: `install.sh --catalog FILE`.',
        cause,
      },
    );
  }
  return readCatalog(text, path);
}
