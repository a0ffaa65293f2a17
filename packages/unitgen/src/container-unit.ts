/**
 * How a container runs under a unit (docs/decisions/0022-containers.md). The engine is Podman with crun: with
 * `--cgroups=disabled` the container's processes stay in the unit's own control group on every layout of cgroups, and
 * conmon is the unit's main process. What limits a container, and which devices it may open, is said by the unit.
 */
import type { ContainerEntry, ServiceEntry } from '@rovi/contract';
import { containerPorts } from './container-ports.js';
import { commandWord, literal, prose, unitFile } from './unit-file.js';
import type { UnitLine } from './unit-file.js';

/** A service that runs as a container. */
export type ContainerService = ServiceEntry & { readonly container: ContainerEntry };

/** Whether the service runs as a container. */
export function isContainer(service: ServiceEntry): service is ContainerService {
  return service.container !== undefined;
}

/** Seconds that Podman may take to tidy up after a container has ended. */
const TIDY = 10;
/** Podman without its events, which would be written into the unit's journal. */
const PODMAN = ['/usr/bin/podman', '--runtime=crun', '--events-backend=none'];

/**
 * The [Service] lines of a container instead of a plain command's. They stand for `type`, `user`, `working_directory`,
 * `environment`, `environment_file` and `timeouts.stop` too: those are the container's, not the engine's. Where there
 * may be several instances the lines are a template's, and its ports are the variables of {@link portVariable}, which the
 * units of its instances must have.
 */
export function containerService(name: string, service: ContainerService): UnitLine[] {
  const own = ownName(name, service);
  const { stop } = service.timeouts;
  return [
    ['Type', 'notify'],
    ['NotifyAccess', 'all'],
    {
      comment:
        'The container writes to the journal itself: what it says on stderr has priority 5, on stdout 6.',
    },
    [
      'ExecStart',
      [...journal(name, service), podman('run', [...runWords(name, service), ...imageWords(service)])].join(
        ' ',
      ),
    ],
    { comment: "A signal of systemd's own would reach the container's monitor only." },
    ['ExecStop', podman('stop', ['--ignore', `--time=${String(stop)}`, own])],
    { comment: 'Whatever has ended, and however: nothing of the container stays behind.' },
    ['ExecStopPost', `-${podman('rm', ['--force', '--ignore', '--volumes', '--time=0', own])}`],
    ['TimeoutStopSec', `${String(stop + TIDY)}s`],
    ['KillMode', 'mixed'],
    {
      comment:
        'The monitor ends with 128 + the signal: these are the signals that systemd takes for a clean end.',
    },
    ['SuccessExitStatus', '129 130 141 143'],
    { comment: 'Podman prints names at a stop; the container has streams of its own.' },
    ['StandardOutput', 'null'],
    ['StandardError', 'journal'],
    { comment: 'As Podman itself would have it, if the container had a control group of its own.' },
    ['DevicePolicy', 'closed'],
    ...service.container.devices.map((device) => ['DeviceAllow', `${literal(device)} rw`] as const),
  ];
}

/** The [Unit] lines of a container beside those of a plain command: what must be mounted before it starts. */
export function containerMounts({ container }: ContainerService): UnitLine[] {
  const folders = container.volumes.map((volume) => volume.split(':', 1).join()).filter(isPath);
  return [['RequiresMountsFor', ['/var/lib/containers', ...folders].map(literal).join(' ')]];
}

/**
 * The unit that asks Podman once for the container's health, as root: it succeeds, fails with exit code 1 (unhealthy)
 * or 125 (no such container), or fails by its time limit. Undefined for a service that no check of type `container`
 * looks at. A template where there may be several instances.
 */
export function containerHealthUnit(name: string, service: ContainerService): string | undefined {
  const timeouts = service.health.flatMap(({ probe, timeout }) =>
    probe.type === 'container' ? [timeout] : [],
  );
  if (timeouts.length === 0) return undefined;
  return unitFile([
    {
      name: 'Unit',
      lines: [
        ['Description', prose(`Rovi: health of the container of ${name}`)],
        ['StartLimitIntervalSec', '0'],
      ],
    },
    {
      name: 'Service',
      lines: [
        ['Type', 'oneshot'],
        ['ExecStart', podman('healthcheck', ['run', ownName(name, service)])],
        { comment: 'Podman 4 does not end a check that hangs: this does, inside the container too.' },
        ['TimeoutStartSec', `${String(Math.max(...timeouts))}s`],
        ['KillSignal', 'SIGKILL'],
        { comment: 'Good news is no news: at every interval it would fill the journal.' },
        ['LogLevelMax', 'notice'],
        ['SyslogLevel', 'notice'],
        ['StandardOutput', 'null'],
        ['StandardError', 'journal'],
        ['DevicePolicy', 'closed'],
      ],
    },
  ]);
}

function isMode(network: string): network is 'host' | 'none' {
  return network === 'host' || network === 'none';
}

function journal(name: string, { instances }: ContainerService): string[] {
  const identifier = instances.max > 1 ? `rovi-${name}@%i` : `rovi-${name}`;
  return [
    '/usr/bin/systemd-cat',
    `--identifier=${identifier}`,
    '--priority=info',
    '--stderr-priority=notice',
  ];
}

function podman(verb: string, words: readonly string[]): string {
  return [...PODMAN, verb, ...words].join(' ');
}

/** As `containerName` of the contract says, with systemd's word for the number of the instance. */
function ownName(name: string, { instances }: ContainerService): string {
  return instances.max > 1 ? `rovi-${name}.%i` : `rovi-${name}`;
}

function runWords(name: string, service: ContainerService): string[] {
  const { container, type, health } = service;
  const network = container.networks.find(isMode) ?? 'own';
  const ports = containerPorts(service, network);
  const option = (flag: string, value: string): string => commandWord(`--${flag}=${value}`);
  return [
    `--name=${ownName(name, service)}`,
    ...['--replace', '--rm', '--detach', '--pull=never', '--cgroups=disabled'],
    `--sdnotify=${type === 'notify' ? 'container' : 'conmon'}`,
    '--log-driver=passthrough',
    ...container.networks.map((each) => option('network', each)),
    ...(network === 'own' ? [option('network-alias', name)] : []),
    ...ports.published.map((word) => `--publish=${word}`),
    ...container.volumes.map((volume) => option('volume', volume)),
    ...container.devices.map((device) => option('device', device)),
    ...Object.entries(container.labels).map(([label, value]) => option('label', `${label}=${value}`)),
    ...(service.working_directory === undefined ? [] : [option('workdir', service.working_directory)]),
    ...(service.environment_file === undefined ? [] : [option('env-file', service.environment_file)]),
    `--env=ROVI_SERVICE=${name}`,
    `--env=ROVI_INSTANCE=${service.instances.max > 1 ? '%i' : '1'}`,
    ...ports.variables.map(([variable, word]) => `--env=${variable}=${word}`),
    ...Object.entries(service.environment).map(([variable, value]) => option('env', `${variable}=${value}`)),
    ...healthWords(
      container,
      health.some(({ probe }) => probe.type === 'container'),
    ),
  ];
}

/** Podman's own timer stays off: who asks is the gateway. Without words of its own the image's check is asked for. */
function healthWords({ healthcheck }: ContainerEntry, asked: boolean): string[] {
  if (!asked) return ['--no-healthcheck'];
  if (healthcheck === undefined) return [];
  return [commandWord(`--health-cmd=${JSON.stringify(healthcheck)}`), '--health-interval=disable'];
}

function imageWords({ container: { image, command } }: ContainerService): string[] {
  return [image, ...command].map(commandWord);
}

function isPath(source: string): boolean {
  return source.startsWith('/');
}
