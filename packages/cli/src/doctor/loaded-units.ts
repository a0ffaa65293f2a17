import { GATEWAY_UNIT, SERVICES_TARGET, serviceUnits, stackUnit } from '@rovi/contract';
import { showBlocks, showUnits } from '../systemctl.js';
import { CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

/**
 * What systemd has made of the units: loaded, up to date, the gateway and the services' target enabled, and by themselves
 * neither a stack nor a service.
 */
export async function checkUnits({ catalog }: Installation): Promise<readonly Check[]> {
  const list = new CheckList('systemd');
  const units = [
    GATEWAY_UNIT,
    SERVICES_TARGET,
    ...Object.keys(catalog.stacks).map(stackUnit),
    ...Object.entries(catalog.services).flatMap(([name, service]) => serviceUnits(name, service)),
  ];
  const shown = await showUnits(
    ['Id', 'LoadState', 'NeedDaemonReload', 'UnitFileState', 'DropInPaths'],
    units,
  );
  if (shown.code !== 0) {
    list.unknown('units', 'systemd does not answer', 'see the platform checks');
    return list.checks;
  }
  const blocks = showBlocks(shown.stdout);
  const faults: string[] = [];
  const reload: string[] = [];
  for (const block of blocks) {
    const id = block.get('Id') ?? '';
    const state = block.get('LoadState') ?? '';
    if (state !== 'loaded') faults.push(`${id} is ${state}`);
    else if (block.get('NeedDaemonReload') === 'yes') reload.push(id);
  }
  if (faults.length > 0) {
    const masked = faults.some((fault) => fault.endsWith(' masked'));
    list.fault(
      'loaded',
      faults.join('\n'),
      masked
        ? '`systemctl unmask UNIT`, after asking who masked it'
        : 'run `install.sh` again; `systemctl status UNIT` says more',
    );
  } else list.ok('loaded', `${String(blocks.length)} units loaded`);
  if (reload.length > 0) {
    list.fault(
      'up to date',
      `changed on disk since systemd read it: ${reload.join(', ')}`,
      '`systemctl daemon-reload`',
    );
  } else list.ok('up to date', 'systemd has read every unit as it is on disk');
  checkEnabled(list, blocks);
  const dropIns = blocks.filter((block) => (block.get('DropInPaths') ?? '') !== '');
  if (dropIns.length > 0) {
    list.ok(
      'drop-ins',
      dropIns.map((block) => `${block.get('Id') ?? ''}: ${block.get('DropInPaths') ?? ''}`).join('\n'),
    );
  }
  return list.checks;
}

function checkEnabled(list: CheckList, blocks: readonly Map<string, string>[]): void {
  const stateOf = (unit: string): string =>
    blocks.find((block) => block.get('Id') === unit)?.get('UnitFileState') ?? '';
  const wanted = [GATEWAY_UNIT, SERVICES_TARGET];
  const missing = wanted.filter((unit) => stateOf(unit) !== 'enabled');
  const enabled = blocks
    .filter((block) => (block.get('UnitFileState') ?? '').startsWith('enabled'))
    .map((block) => block.get('Id') ?? '')
    .filter((unit) => !wanted.includes(unit));
  if (missing.length > 0) {
    list.fault(
      'boot',
      missing
        .map((unit) => `${unit} is ${stateOf(unit) || 'not installed'}: it does not start at boot`)
        .join('\n'),
      `\`systemctl enable ${missing.join(' ')}\``,
    );
  } else if (enabled.length > 0) {
    list.fault(
      'boot',
      `${enabled.join(', ')} would start at boot`,
      `\`systemctl disable ${enabled.join(' ')}\``,
    );
  } else list.ok('boot', 'the gateway and the services with autostart start at boot, no stack does');
}
