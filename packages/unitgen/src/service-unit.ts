import { allServices, dependenciesOf, PATHS, ROBOT_MARK, serviceUnits, startWaves } from '@rovi/contract';
import type { Catalog, ServiceEntry } from '@rovi/contract';
import { portVariables } from './container-ports.js';
import { containerMounts, containerService, isContainer } from './container-unit.js';
import { nodeHardening, rootHardening } from './hardening.js';
import { assignment, commandWord, literal, prose, unitFile } from './unit-file.js';
import type { UnitLine } from './unit-file.js';

/** Whether the service has a template unit, of which each instance is one. */
export function isTemplate({ instances }: Pick<ServiceEntry, 'instances'>): boolean {
  return instances.max > 1;
}

/** The file of the service's unit: `rovi-<name>.service`, or the template `rovi-<name>@.service`. */
export function serviceUnitFile(name: string, service: Pick<ServiceEntry, 'instances'>): string {
  return `rovi-${name}${isTemplate(service) ? '@' : ''}.service`;
}

/** Where the variables of one instance of a template are: its number instead of `instance`. */
export function instanceFile(name: string, instance: number | '%i'): string {
  return `${PATHS.services}/${name}@${String(instance)}.env`;
}

/**
 * rovi-<service>.service. It does not need the gateway. What it says of other services is of their units: of a template
 * it requires the instances that always are (1 to `min`), and comes after all that may be.
 */
export function serviceUnit(name: string, service: ServiceEntry, catalog: Catalog, prefix: string): string {
  return unitFile([
    {
      name: 'Unit',
      lines: [
        ['Description', `${prose(`Rovi service ${name}: ${service.description}`)}${instanceWord(service)}`],
        ...dependencies(name, service, catalog),
        ...(isContainer(service) ? containerMounts(service) : []),
        ['StartLimitIntervalSec', `${String(service.crash_loop.window)}s`],
        ['StartLimitBurst', String(service.crash_loop.starts)],
        ...maintenanceAsserts(name),
      ],
    },
    {
      name: 'Service',
      lines: [
        ...bootCondition(name, catalog, prefix),
        ...(isContainer(service) ? containerService(name, service) : program(name, service, catalog)),
        ...(isTemplate(service) ? [['EnvironmentFile', instanceFile(name, '%i')] as const] : []),
        ['StandardInput', 'null'],
        ['SyslogIdentifier', identifier(name, service)],
        ['Restart', restartWords[service.restart]],
        ['RestartSec', `${String(service.restart_delay)}s`],
        ['TimeoutStartSec', `${String(service.timeouts.start)}s`],
        ...limits(service),
      ],
    },
  ]);
}

/** The unit does not start while somebody works on it, or on the robot; what requires it then fails as well. */
export function maintenanceAsserts(name: string): UnitLine[] {
  return [
    ['AssertPathExists', `!${PATHS.maintenance}/${name}`],
    ['AssertPathExists', `!${PATHS.maintenance}/${ROBOT_MARK}`],
  ];
}

/** What a program is told of its instance; what the catalog's `environment` says of the same names wins. */
export function instanceVariables(service: ServiceEntry, instance: number): [name: string, value: string][] {
  return portVariables(service, instance).filter(([name]) => !Object.hasOwn(service.environment, name));
}

const restartWords = {
  never: 'no',
  'on-failure': 'on-failure',
  always: 'always',
  'unless-stopped': 'always',
} as const;

function instanceWord(service: ServiceEntry): string {
  return isTemplate(service) ? ' (%i)' : '';
}

function identifier(name: string, service: ServiceEntry): string {
  return `rovi-${name}${isTemplate(service) ? '@%i' : ''}`;
}

function dependencies(name: string, service: ServiceEntry, catalog: Catalog): UnitLine[] {
  const services = allServices(catalog);
  const units = (others: readonly string[], instances: 'min' | 'max'): string[] =>
    others.flatMap((other) => {
      const entry = services[other];
      return entry === undefined ? [] : serviceUnits(other, entry).slice(0, entry.instances[instances]);
    });
  const line = (directive: string, names: readonly string[]): UnitLine[] =>
    names.length === 0 ? [] : [[directive, names.join(' ')]];
  const { requires, wants, conflicts } = service;
  // Who may not start a unit of the system is not to start it by way of what needs it.
  const mayStart = (other: string): boolean => services[other]?.external?.allow.includes('start') ?? true;
  // Who excludes another also waits until that has stopped. In which direction that is said does not matter to
  // systemd; in the order of the catalog's starts it never closes a circle of orderings.
  const ranks = startRanks(services);
  const isBefore = (other: string): boolean => (ranks.get(name) ?? 0) < (ranks.get(other) ?? 0);
  const first = conflicts.filter((other) => !isBefore(other));
  const later = conflicts.filter(isBefore);
  return [
    ...line('Requires', units(requires.filter(mayStart), 'min')),
    ...line(
      'Requisite',
      units(
        requires.filter((other) => !mayStart(other)),
        'min',
      ),
    ),
    ...line('Wants', units(wants.filter(mayStart), 'min')),
    ...line('Conflicts', units(conflicts, 'max')),
    ...line('After', ['network.target', ...units([...requires, ...wants, ...first], 'max')]),
    ...line('Before', units(later, 'max')),
  ];
}

type Services = Readonly<Record<string, ServiceEntry>>;
const knownRanks = new WeakMap<Services, Map<string, number>>();

function startRanks(services: Services): Map<string, number> {
  const known = knownRanks.get(services);
  if (known !== undefined) return known;
  const order = startWaves(services, Object.keys(services)).flat();
  const ranks = new Map(order.map((name, index) => [name, index]));
  knownRanks.set(services, ranks);
  return ranks;
}

/** At boot a service that an operator stopped stays so, where the catalog wants that, and with it what requires it. */
function bootCondition(name: string, catalog: Catalog, prefix: string): UnitLine[] {
  const services = allServices(catalog);
  const stoppable = [name, ...dependenciesOf(services, name, 'requires')].filter(
    (each) => services[each]?.restart === 'unless-stopped',
  );
  if (stoppable.length === 0) return [];
  const words = [`${prefix}/lib/rovi/may_start.sh`, ...stoppable.sort()];
  return [['ExecCondition', words.map(commandWord).join(' ')]];
}

/** The [Service] lines of a program of the robot. */
function program(name: string, service: ServiceEntry, catalog: Catalog): UnitLine[] {
  const user = service.user ?? catalog.user;
  const own = identifier(name, service);
  const cat = ['/usr/bin/systemd-cat', `--identifier=${own}`, '--priority=info', '--stderr-priority=notice'];
  const instance = isTemplate(service) ? [] : instanceVariables(service, 1);
  return [
    ['Type', service.type],
    ...(service.type === 'notify' ? [['NotifyAccess', 'all'] as const] : []),
    ['User', literal(user)],
    ...(service.working_directory === undefined
      ? []
      : [['WorkingDirectory', literal(service.working_directory)] as const]),
    ['Environment', assignment('ROVI_SERVICE', name)],
    ['Environment', isTemplate(service) ? 'ROVI_INSTANCE=%i' : 'ROVI_INSTANCE=1'],
    ...[...instance, ...Object.entries(service.environment)].map(
      ([variable, value]) => ['Environment', assignment(variable, value)] as const,
    ),
    ...(service.environment_file === undefined
      ? []
      : [['EnvironmentFile', literal(service.environment_file)] as const]),
    {
      comment:
        'What it says on stderr has priority 5 in the journal, on stdout 6. env: a program that is missing is named.',
    },
    [
      'ExecStart',
      [...cat, '--', '/usr/bin/env', '--', ...(service.command ?? []).map(commandWord)].join(' '),
    ],
    ['TimeoutStopSec', `${String(service.timeouts.stop)}s`],
    ['KillMode', 'mixed'],
    ...(user === 'root' ? rootHardening : nodeHardening),
  ];
}

function limits({ limits: bounds }: ServiceEntry): UnitLine[] {
  const line = (directive: string, value: string | number | undefined, unit = ''): UnitLine[] =>
    value === undefined ? [] : [[directive, `${String(value)}${unit}`]];
  return [
    ...line('MemoryMax', bounds.memory),
    ...line('MemoryHigh', bounds.memory_high),
    ...line('CPUQuota', bounds.cpu, '%'),
    ...line('CPUWeight', bounds.cpu_weight),
    ...line('TasksMax', bounds.tasks),
    ...line('LimitNOFILE', bounds.files),
    ...line('Nice', bounds.nice),
  ];
}
