import { allServices, homeOf, isLoopback, PATHS } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { conductorHardening, nodeHardening } from './hardening.js';
import { asksI2c } from './i2c-checks.js';
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
        ...reloadSignal(run),
        ['StandardInput', 'null'],
        ['SyslogIdentifier', 'rovi-gateway'],
        ['Restart', 'no'],
        ['TimeoutStartSec', `${String(timeouts.start)}s`],
        ['TimeoutStopSec', `${String(timeouts.stop)}s`],
        ['WatchdogSec', `${String(watchdog)}s`],
        ...ending(run, prefix),
        ...(run === 'conductor'
          ? conductorHardening({
              writable: [PATHS.runtime, PATHS.state, `${homeOf(catalog)}/.ros/rovi/session`],
              network: networkOf(catalog),
              i2c: asksI2c(catalog),
            })
          : nodeHardening),
      ],
    },
    { name: 'Install', lines: [['WantedBy', 'multi-user.target']] },
  ]);
}

/** What of the machine's network the conductor and what is part of its unit need. */
function networkOf(catalog: Catalog): 'closed' | 'loopback' | 'tcp' | 'ros' {
  const { ros, http, mqtt } = catalog;
  if (ros.face) return 'ros';
  const hosts = [
    ...http.listen.map(({ address }) => address),
    ...(mqtt === undefined ? [] : [brokerHost(mqtt.broker)]),
    ...Object.values(allServices(catalog)).flatMap(({ health }) =>
      health.flatMap(({ probe }) => (probe.type === 'tcp' || probe.type === 'http' ? [probe.host] : [])),
    ),
  ];
  if (hosts.length === 0) return 'closed';
  return hosts.every((host) => host === 'localhost' || isLoopback(host)) ? 'loopback' : 'tcp';
}

/** `host` of `mqtt://host:1883`, and `::1` of `mqtt://[::1]:1883`. */
function brokerHost(broker: string): string {
  return new URL(broker).hostname.replace(/^\[|\]$/g, '');
}

/** The catalog is read again. A launch would end: `ros2 launch` has no use for SIGHUP. */
function reloadSignal(run: Catalog['gateway']['run']): UnitLine[] {
  return run === 'conductor' ? [['ExecReload', '/bin/kill -HUP $MAINPID']] : [];
}

function command({ gateway: { run } }: Catalog, prefix: string): string {
  const words =
    run === 'conductor'
      ? [`${prefix}/lib/rovi/rovi-gateway`, '--catalog', PATHS.catalog]
      : [`${prefix}/lib/rovi/run_gateway.sh`, ...launchWords(run)];
  return words.map(commandWord).join(' ');
}

/** `ros2 launch` ends its nodes on SIGINT only, and says 130 afterwards. */
function ending(run: Catalog['gateway']['run'], prefix: string): UnitLine[] {
  if (run === 'conductor') {
    return [
      {
        comment:
          'With mixed the ROS process would be killed with the gateway, before it has told the base to stop. What is left is ended here.',
      },
      ['KillMode', 'process'],
      ['ExecStopPost', `-${commandWord(`${prefix}/lib/rovi/end_rest.sh`)}`],
      ['KillSignal', 'SIGTERM'],
    ];
  }
  return [
    ['KillMode', 'mixed'],
    ['KillSignal', 'SIGINT'],
    ['SuccessExitStatus', '130'],
  ];
}
