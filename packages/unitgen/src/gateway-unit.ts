import { homeOf, isLoopback, PATHS } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { conductorHardening, nodeHardening } from './hardening.js';
import { launchWords } from './launch-words.js';
import { assignment, commandWord, literal, prose, unitFile } from './unit-file.js';
import type { UnitLine } from './unit-file.js';

/**
 * rovi-gateway.service. It stays down when it fails (`Restart=no`): systemd's automatic restart is a restart job, and
 * `PartOf=` would hand it on to a stack that drives.
 */
export function gatewayUnit(catalog: Catalog, prefix: string): string {
  const { description, run, timeouts, watchdog } = catalog.gateway;
  return unitFile([
    {
      name: 'Unit',
      lines: [
        ['Description', prose(description)],
        ['Wants', 'dbus.service'],
        ['After', 'dbus.service polkit.service systemd-tmpfiles-setup.service network.target'],
      ],
    },
    {
      name: 'Service',
      lines: [
        ['Type', 'notify'],
        ['NotifyAccess', 'all'],
        ['User', literal(catalog.user)],
        ['WorkingDirectory', `-${literal(catalog.workspace)}`],
        ...(run === 'conductor'
          ? []
          : [['Environment', assignment('ROVI_ENV_FILE', catalog.env_file)] as const]),
        ['EnvironmentFile', `-${literal(catalog.env_file)}`],
        {
          comment:
            'After a power cut a session file names a stack that does not run. Not from tmpfiles.d: root would follow links.',
        },
        [
          'ExecStartPre',
          `-${[`${prefix}/lib/rovi/run_stack.sh`, '--clear-stale'].map(commandWord).join(' ')}`,
        ],
        ['ExecStart', command(catalog, prefix)],
        ['StandardInput', 'null'],
        ['SyslogIdentifier', 'rovi-gateway'],
        ['Restart', 'no'],
        ['TimeoutStartSec', `${String(timeouts.start)}s`],
        ['TimeoutStopSec', `${String(timeouts.stop)}s`],
        ['WatchdogSec', `${String(watchdog)}s`],
        ['KillMode', 'mixed'],
        ...stopSignal(run),
        ...(run === 'conductor'
          ? conductorHardening({
              writable: [PATHS.runtime, `${homeOf(catalog)}/.ros/rovi/session`],
              network: networkOf(catalog),
            })
          : nodeHardening),
      ],
    },
    { name: 'Install', lines: [['WantedBy', 'multi-user.target']] },
  ]);
}

/** What of the machine's network the conductor and what is part of its unit need. */
function networkOf({ ros, http: { listen } }: Catalog): 'closed' | 'loopback' | 'tcp' | 'ros' {
  if (ros.face) return 'ros';
  if (listen.length === 0) return 'closed';
  return listen.every(({ address }) => isLoopback(address)) ? 'loopback' : 'tcp';
}

function command({ gateway: { run } }: Catalog, prefix: string): string {
  const words =
    run === 'conductor'
      ? [`${prefix}/lib/rovi/rovi-gateway`, '--catalog', PATHS.catalog]
      : [`${prefix}/lib/rovi/run_gateway.sh`, ...launchWords(run)];
  return words.map(commandWord).join(' ');
}

/** `ros2 launch` ends its nodes on SIGINT only, and says 130 afterwards. */
function stopSignal(run: Catalog['gateway']['run']): UnitLine[] {
  if (run === 'conductor') return [['KillSignal', 'SIGTERM']];
  return [
    ['KillSignal', 'SIGINT'],
    ['SuccessExitStatus', '130'],
  ];
}
