import { externalMatters } from '../external-units.js';
import { CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

/** Whether the units of the system that the catalog puts under Rovi's control are there, by the names it gives them. */
export async function checkExternal({ catalog }: Installation): Promise<readonly Check[]> {
  const list = new CheckList('external units');
  const names = Object.keys(catalog.external);
  if (names.length === 0) return [];
  const matters = await externalMatters(catalog);
  if (matters === null) {
    list.unknown('units', 'systemd does not answer', 'see the platform checks');
    return list.checks;
  }
  for (const { name, kind, text, mend } of matters) {
    if (kind === 'fault') list.fault(name, text, mend);
    else list.note(name, text, mend);
  }
  const faults = matters.filter(({ kind }) => kind === 'fault').length;
  if (faults === 0) list.ok('units', `${String(names.length)} of ${String(names.length)} are here`);
  return list.checks;
}
