import {
  allServices,
  dependentsOf,
  GATEWAY_UNIT,
  RoviError,
  serviceUnit,
  stackUnit,
  unitBaseName,
  type Catalog,
  type ServiceEntry,
  type Snapshot,
} from '@rovi/contract';
import { defaultCatalogPath, loadCatalog } from './catalog-file.js';
import { parseShow, readWithSystemctl, showUnits, stackUnits, stopWithSystemctl } from './systemctl.js';
import type { ThisMachine } from './this-machine.js';

/** The catalog for what is done past the gateway; null where none can be read. */
async function catalogOrNull(machine: ThisMachine): Promise<Catalog | null> {
  const path = machine.catalog() ?? (await defaultCatalogPath('installed'));
  return loadCatalog(path).then(
    ({ catalog }) => catalog,
    () => null,
  );
}

/** A unit's journal. */
export interface JournalOf {
  readonly unit: string;
  /** Whether the unit tells its two outputs apart: services do. */
  readonly streams: boolean;
}

/** The unit of a name as the catalog has it; where none can be read, or it has no such name, that of a stack. */
export async function unitWithoutGateway(
  machine: ThisMachine,
  name: string,
  instance = 1,
): Promise<JournalOf> {
  const catalog = await catalogOrNull(machine);
  const services = catalog === null ? {} : allServices(catalog);
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (service === undefined) return { unit: stackUnit(name), streams: false };
  return { unit: serviceUnit(name, service, instance), streams: service.external === undefined };
}

/** Whether an error means that the state has to be had elsewhere. */
export function isUnreachable(error: unknown): error is RoviError {
  return error instanceof RoviError && ['gateway-unreachable', 'socket-denied'].includes(error.code);
}

/** The state as systemd tells it, where the gateway does not. Rejects with `cause` where that is not to be had either. */
export async function stateWithoutGateway(machine: ThisMachine, cause: RoviError): Promise<Snapshot> {
  const catalog = await catalogOrNull(machine);
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
  machine: ThisMachine,
  stack: string,
  signal: AbortSignal,
): Promise<string> {
  const catalog = await catalogOrNull(machine);
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
export async function stopAllWithoutGateway(machine: ThisMachine, signal: AbortSignal): Promise<string> {
  const units = await stackUnits(await catalogOrNull(machine));
  const proven = await stopWithSystemctl(units, signal);
  return units.length === 0
    ? 'no stack units are loaded: there was nothing to stop'
    : `all ${String(units.length)} stacks stopped with systemctl, past the gateway${proven ? '' : UNSEEN}`;
}

/** A service, and what systemd stops with it, as the catalog and systemd tell without the gateway. */
export interface ServiceToStop {
  /** The units of the service itself: every instance that the catalog allows. */
  readonly own: readonly string[];
  /** The units of what requires it that are not at rest. */
  readonly others: readonly string[];
  readonly entry: ServiceEntry;
}

/**
 * What a stop of the service would stop. Rejects with `service-unknown`, with `cause` where no catalog can be read, and
 * with `gateway-unreachable` where systemd does not answer either.
 */
export async function serviceWithoutGateway(
  machine: ThisMachine,
  service: string,
  cause: RoviError,
): Promise<ServiceToStop> {
  const catalog = await catalogOrNull(machine);
  if (catalog === null) throw cause;
  const services = allServices(catalog);
  const entry = Object.hasOwn(services, service) ? services[service] : undefined;
  if (entry === undefined) {
    throw new RoviError('service-unknown', `there is no service "${service}" in the catalog`, {
      mend: 'Choose one of `rovictl service list`.',
    });
  }
  if (entry.external?.allow.includes('stop') === false) {
    throw new RoviError('command-not-allowed', `operators may not stop ${service}`, {
      mend: `An admin does it: \`sudo systemctl stop ${entry.external.unit}\`.`,
    });
  }
  const unitsOf = (name: string, one: ServiceEntry): string[] =>
    Array.from({ length: one.instances.max }, (_, index) => serviceUnit(name, one, index + 1));
  const requiring = [...dependentsOf(services, service)].flatMap((name) => {
    const one = services[name];
    return one === undefined ? [] : unitsOf(name, one);
  });
  return { own: unitsOf(service, entry), others: await restless(requiring, cause), entry };
}

/** Stops a service past the gateway, and what requires it as systemd does; resolves with what was done. */
export async function stopServiceWithoutGateway(
  machine: ThisMachine,
  service: string,
  signal: AbortSignal,
): Promise<string> {
  const unreachable = new RoviError('gateway-unreachable', 'no catalog can be read, and no gateway answers', {
    mend: `Use \`sudo systemctl stop ${stackUnit(service)} '${stackUnit(`${service}@*`)}'\`.`,
  });
  const { own, others, entry } = await serviceWithoutGateway(machine, service, unreachable);
  const proven = await stopWithSystemctl([...others, ...own], signal);
  const names = [service, ...others].join(', ');
  // The mark that keeps it down over a boot is the gateway's to write.
  const again =
    entry.autostart && entry.restart === 'unless-stopped' ? '; it starts again at the next boot' : '';
  return `${names} stopped with systemctl, past the gateway${proven ? '' : UNSEEN}${again}`;
}

/** Those of the units that are not at rest by systemd's word. */
async function restless(units: readonly string[], cause: RoviError): Promise<string[]> {
  if (units.length === 0) return [];
  const shown = await showUnits(['Id', 'ActiveState'], units);
  if (shown.code !== 0) throw cause;
  return parseShow(shown.stdout)
    .filter(({ active_state: state }) => state !== 'inactive' && state !== 'failed')
    .map(({ unit }) => unit);
}
