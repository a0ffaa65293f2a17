import {
  GATEWAY_UNIT,
  RoviError,
  stackUnit,
  unitBaseName,
  type Catalog,
  type Snapshot,
} from '@rovi/contract';
import { defaultCatalogPath, loadCatalog } from './catalog-file.js';
import { readWithSystemctl, stackUnits, stopWithSystemctl } from './systemctl.js';
import type { VerbContext } from './verb.js';

/** The catalog for what is done past the gateway; null where none can be read. */
async function catalogOrNull(context: VerbContext): Promise<Catalog | null> {
  const path = context.catalog() ?? (await defaultCatalogPath('installed'));
  return loadCatalog(path).then(
    ({ catalog }) => catalog,
    () => null,
  );
}

/** Whether an error means that the state has to be had elsewhere. */
export function isUnreachable(error: unknown): error is RoviError {
  return error instanceof RoviError && ['gateway-unreachable', 'socket-denied'].includes(error.code);
}

/** The state as systemd tells it, where the gateway does not. Rejects with `cause` where that is not to be had either. */
export async function stateWithoutGateway(context: VerbContext, cause: RoviError): Promise<Snapshot> {
  const catalog = await catalogOrNull(context);
  if (catalog === null) throw cause;
  try {
    return await readWithSystemctl(catalog, cause.message);
  } catch {
    throw cause;
  }
}

/** What a stop says whose units are inactive, while nobody knows of their processes. */
const UNSEEN = '; processes could not be looked at';

/** Stops one stack past the gateway; resolves with what was done. Never touches the gateway's own unit. */
export async function stopWithoutGateway(
  context: VerbContext,
  stack: string,
  signal: AbortSignal,
): Promise<string> {
  const catalog = await catalogOrNull(context);
  const known =
    catalog === null ? unitBaseName.safeParse(stack).success : Object.hasOwn(catalog.stacks, stack);
  if (!known || stackUnit(stack) === GATEWAY_UNIT) {
    throw new RoviError('stack-unknown', `there is no stack "${stack}" in the catalog`, {
      mend: 'Choose one of `rovictl stack list`.',
    });
  }
  const proven = await stopWithSystemctl([stackUnit(stack)], signal);
  return `${stack} stopped with systemctl, past the gateway${proven ? '' : UNSEEN}`;
}

/** Stops every stack past the gateway; resolves with what was done. */
export async function stopAllWithoutGateway(context: VerbContext, signal: AbortSignal): Promise<string> {
  const units = await stackUnits(await catalogOrNull(context));
  const proven = await stopWithSystemctl(units, signal);
  return units.length === 0
    ? 'no stack units are loaded: there was nothing to stop'
    : `all ${String(units.length)} stacks stopped with systemctl, past the gateway${proven ? '' : UNSEEN}`;
}
