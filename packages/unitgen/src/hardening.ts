import { literal } from './unit-file.js';
import type { UnitLine } from './unit-file.js';

/**
 * What each kind of unit may not do. docs/security.md says why, and what is left open; the numbers there come from
 * `systemd-analyze security`, which tests/units holds within bounds.
 */

/** For all: what neither the conductor nor any ROS node has a use for. */
const common: readonly UnitLine[] = [
  ['NoNewPrivileges', 'yes'],
  ['CapabilityBoundingSet', ''],
  ['AmbientCapabilities', ''],
  ['LockPersonality', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallErrorNumber', 'EPERM'],
];

/**
 * For a unit that runs ROS nodes. They own serial ports, cameras, GPUs and sysfs pins, talk DDS over multicast and
 * shared memory, schedule in real time, compile at run time, and write logs and recordings wherever they are told to.
 */
export const nodeHardening: readonly UnitLine[] = [
  {
    comment:
      'Left open for ROS: devices, /sys, /tmp, /dev/shm, home directories, real time, JIT (docs/security.md).',
  },
  ...common,
  ['ProtectSystem', 'full'],
  ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_CAN AF_BLUETOOTH'],
  ['SystemCallFilter', '~@cpu-emulation @module @mount @obsolete @raw-io @reboot @swap'],
  ['LimitRTPRIO', '90'],
  ['LimitMEMLOCK', 'infinity'],
];

/**
 * For a service that the catalog has run as root: it is root because it needs a right that others do not have, which may
 * be any. What is left closed is what no service has a use for.
 */
export const rootHardening: readonly UnitLine[] = [
  {
    comment:
      'Root in the catalog: capabilities, devices, files and modules are left open (docs/security.md).',
  },
  ['NoNewPrivileges', 'yes'],
  ['LockPersonality', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['SystemCallArchitectures', 'native'],
  ['SystemCallErrorNumber', 'EPERM'],
  ['SystemCallFilter', '~@cpu-emulation @obsolete @reboot @swap'],
];

/**
 * For the conductor alone: it reads its catalog, /proc and the journal, speaks over Unix sockets, and writes to its
 * runtime directory; its ExecStartPre= removes a stale session file. PrivateUsers= is missing because it forbids to look
 * into the stacks' /proc entries, ProtectProc= because it hides a stack to which a drop-in gives a capability.
 * Its ROS process is part of the unit and talks DDS: with the ROS face it needs the machine's network, as it does where
 * it listens at TCP addresses.
 */
export function conductorHardening(options: {
  readonly writable: readonly string[];
  /** `closed`: none. `loopback`: TCP with this machine alone. `tcp`: TCP with all. `ros`: DDS too. */
  readonly network: 'closed' | 'loopback' | 'tcp' | 'ros';
  /** True where health checks ask devices on I2C buses. */
  readonly i2c: boolean;
}): UnitLine[] {
  const { writable, network, i2c } = options;
  return [
    {
      comment:
        'Missing on purpose: MemoryDenyWriteExecute= (Node), PrivateUsers= and ProtectProc= (docs/security.md).',
    },
    ...common,
    ['DevicePolicy', 'closed'],
    ...(i2c
      ? ([
          { comment: 'Health checks of this catalog ask I2C devices: no others can be opened.' },
          ['DeviceAllow', 'char-i2c rw'],
        ] as const)
      : [['PrivateDevices', 'yes'] as const]),
    ['PrivateIPC', 'yes'],
    ...(network === 'closed' ? [['PrivateNetwork', 'yes'] as const] : []),
    ['PrivateTmp', 'yes'],
    ['ProtectClock', 'yes'],
    ['ProtectHome', 'read-only'],
    ['ProtectKernelTunables', 'yes'],
    ['ProtectSystem', 'strict'],
    { comment: 'With "-": without its directory the daemon itself says what is wrong.' },
    ['ReadWritePaths', writable.map((path) => literal(`-${path}`)).join(' ')],
    ['RemoveIPC', 'yes'],
    ...networkLines[network],
    ['RestrictRealtime', 'yes'],
    ['SystemCallFilter', '@system-service'],
    ['SystemCallFilter', '~@privileged @resources'],
    ['UMask', '0077'],
  ];
}

const networkLines: Readonly<Record<'closed' | 'loopback' | 'tcp' | 'ros', readonly UnitLine[]>> = {
  closed: [['RestrictAddressFamilies', 'AF_UNIX']],
  loopback: [
    {
      comment:
        'The API, the broker and what health checks ask are at loopback addresses; a catalog without them closes the network.',
    },
    ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6'],
    ['IPAddressDeny', 'any'],
    ['IPAddressAllow', 'localhost'],
  ],
  tcp: [
    {
      comment:
        'The API, the broker or what health checks ask is reached over TCP; a catalog without them closes the network.',
    },
    ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6'],
  ],
  ros: [
    { comment: 'The ROS process talks DDS; `ros: { face: false }` in the catalog closes that.' },
    ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  ],
};
