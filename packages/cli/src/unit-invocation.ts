import { parseShow, showUnits } from './systemctl.js';

/** The InvocationID of a unit's present or last run; null where systemd knows none. */
export async function readInvocation(unit: string): Promise<string | null> {
  const shown = await showUnits(['Id', 'InvocationID'], [unit]);
  return parseShow(shown.stdout)[0]?.invocation_id ?? null;
}
