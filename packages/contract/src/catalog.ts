import { z } from 'zod';
import {
  absolutePath,
  accountName,
  environmentName,
  frameId,
  launchArgumentName,
  launchArgumentValue,
  launchFileName,
  oneLine,
  processName,
  rosNamespace,
  rosPackageName,
  unitBaseName,
} from './names.js';
import { dependencyFaults } from './dependency-faults.js';
import { allServices, externalFaults, externalSchema } from './external-entry.js';
import { httpSchema } from './listen.js';
import { mqttSchema } from './mqtt.js';
import { rosToken } from './ros-token.js';
import { seconds } from './seconds.js';
import { healthUnit, serviceSchema, SERVICES_TARGET } from './service-entry.js';
import { statusFieldFaults, streamsSchema } from './status-fields.js';
import { ticketSettingsSchema } from './ticket-settings.js';

/** YAML writes `false` and `1` without quotes; launch reads them as words. It refuses a word that is empty. */
const argumentValue = z.preprocess(
  (value) => (typeof value === 'boolean' || typeof value === 'number' ? String(value) : value),
  launchArgumentValue.min(1, 'expected a value: ros2 launch refuses an empty one'),
);

/** What `ros2 launch` is told: package, file and `name:=value` arguments, in the order written. */
export const launchSchema = z.strictObject({
  package: rosPackageName,
  file: launchFileName,
  arguments: z.record(launchArgumentName, argumentValue).default({}),
});

/** How often a unit may be started by hand before systemd refuses (StartLimitIntervalSec=, StartLimitBurst=). */
export const startLimitSchema = z.strictObject({
  interval: seconds(1, 86_400).default(10),
  burst: z.int().min(1).max(10_000).default(5),
});

/** The one always-on unit. */
export const gatewaySchema = z.strictObject({
  description: oneLine.default('Rovi gateway'),
  /** `conductor` runs the daemon itself; a launch runs `ros2 launch`, which starts the daemon as one of its processes. */
  run: z.union([z.literal('conductor'), launchSchema]).default('conductor'),
  /** WatchdogSec= in seconds. */
  watchdog: seconds(5, 600).default(30),
  timeouts: z
    .strictObject({ start: seconds(1, 600).default(60), stop: seconds(1, 600).default(30) })
    .default({ start: 60, stop: 30 }),
});

/** An on-demand, exclusive launch group. */
export const stackSchema = z.strictObject({
  description: oneLine,
  launch: launchSchema,
  /** Executables that must be in the unit's cgroup for the stack to be complete. */
  processes: z
    .array(processName)
    .max(100)
    .refine((names) => new Set(names).size === names.length, { message: 'expected each process once' })
    .default([]),
  /** The frame a user interface should show this stack in. */
  fixed_frame: frameId.optional(),
  /** Variables the running gateway should have been started with, checked before a start; a difference is a warning. */
  expects_environment: z.record(environmentName, launchArgumentValue).default({}),
  timeouts: z
    .strictObject({
      /** Seconds from the start job's end until all expected processes are there. */
      start: seconds(1, 600).default(30),
      /** TimeoutStopSec=. `ros2 launch` itself takes up to 10 s to end its nodes. */
      stop: seconds(1, 600).default(20),
      /** Seconds that the complete stack must stay whole before its start counts as done; 0 does not watch. */
      settle: seconds(0, 60).default(1),
    })
    .default({ start: 30, stop: 20, settle: 1 }),
  start_limit: startLimitSchema.default({ interval: 10, burst: 5 }),
});

/** The ROS face: topics and services of the conductor. */
export const rosSchema = z.strictObject({
  /** False: no ROS process is started, and the gateway's unit keeps its private network. */
  face: z.boolean().default(true),
  /** Where its node `conductor`, its topics and its services are. `/diagnostics` is where all robots have it. */
  namespace: rosNamespace.default('/rovi'),
});

/** What runs containers. */
export const containersSchema = z.strictObject({
  /** Not Docker: its containers are its daemon's, outside the units that start them (docs/decisions/0022). */
  engine: z
    .literal('podman', 'expected podman, the only engine whose containers are in their units')
    .default('podman'),
});

/** The declaration of gateway, stacks and services: `rovi.yaml`. */
export const catalogSchema = z
  .strictObject({
    version: z.literal(1, 'expected 1, the only catalog version'),
    /** The robot's name, shown on every face. */
    robot: unitBaseName.default('rovi'),
    /** The unprivileged account that runs gateway and stacks. */
    user: accountName
      .refine((name) => name !== 'root', { message: 'expected an unprivileged user, not root' })
      .default('rovi'),
    /** That account's home directory: the session file lives below it. */
    home: absolutePath.optional(),
    /** Members of this group may start and stop stacks. */
    group: accountName
      .refine((name) => name !== 'root', { message: "expected an operators' group, not root" })
      .default('rovi-ops'),
    workspace: absolutePath,
    env_file: absolutePath,
    gateway: gatewaySchema.default(gatewaySchema.parse({})),
    http: httpSchema.default(httpSchema.parse({})),
    ros: rosSchema.default(rosSchema.parse({})),
    streams: streamsSchema.default(streamsSchema.parse({})),
    /** Seconds a starting stack waits for the stack lock before it gives up with exit code 75. */
    lock_wait: seconds(1, 60).default(5),
    stacks: z
      .record(unitBaseName, stackSchema)
      .refine((stacks) => Object.keys(stacks).length <= 1100, { message: 'expected at most 1100 stacks' }),
    services: z
      .record(unitBaseName, serviceSchema)
      .refine((services) => Object.keys(services).length <= 500, { message: 'expected at most 500 services' })
      .default({}),
    /** Units of the machine that Rovi did not make, by the name that Rovi gives them. */
    external: z
      .record(unitBaseName, externalSchema)
      .refine((entries) => Object.keys(entries).length <= 100, {
        message: 'expected at most 100 external units',
      })
      .default({}),
    /** Off without it. */
    mqtt: mqttSchema.optional(),
    tickets: ticketSettingsSchema.default(ticketSettingsSchema.parse({})),
    containers: containersSchema.default(containersSchema.parse({})),
  })
  .superRefine((catalog, context) => {
    for (const [index, message] of statusFieldFaults(catalog)) {
      context.addIssue({ code: 'custom', path: ['streams', 'status', 'fields', ...index], message });
    }
    for (const [path, other] of sharedTokens(catalog.stacks)) {
      context.addIssue({
        code: 'custom',
        path: ['stacks', ...path],
        message: `expected another name: in ROS it is the same as "${other}" ("${rosToken(other)}")`,
      });
    }
    for (const name of Object.keys(catalog.stacks)) {
      if (name === 'gateway') {
        context.addIssue({
          code: 'custom',
          path: ['stacks', name],
          message: 'expected another name: "gateway" is the unit that runs the conductor',
        });
      }
      if (Object.hasOwn(catalog.services, name)) {
        context.addIssue({
          code: 'custom',
          path: ['services', name],
          message: 'expected a name that no stack has',
        });
      }
    }
    for (const [index, stack] of catalog.tickets.drive_stacks.entries()) {
      if (Object.hasOwn(catalog.stacks, stack)) continue;
      context.addIssue({
        code: 'custom',
        path: ['tickets', 'drive_stacks', index],
        message: `expected a stack of this catalog, got "${stack}"`,
      });
    }
    const faults = externalFaults(catalog);
    for (const [path, message] of faults) {
      context.addIssue({ code: 'custom', path: ['external', ...path], message });
    }
    // Two of one name would be one for what follows.
    if (faults.length > 0) return;
    for (const [[name, ...path], message] of serviceFaults(catalog)) {
      const key = Object.hasOwn(catalog.external, name ?? '') ? 'external' : 'services';
      context.addIssue({
        code: 'custom',
        path: [key, ...(name === undefined ? [] : [name]), ...path],
        message,
      });
    }
  });

/** What is wrong with services beside one another: name, path below it, and what was expected. */
function serviceFaults({
  stacks,
  mqtt,
  ...declared
}: Pick<Catalog, 'services' | 'external' | 'stacks' | 'mqtt'>): [(string | number)[], string][] {
  const services = allServices(declared);
  const faults = dependencyFaults(services);
  const reserved = new Set(['gateway', SERVICES_TARGET]);
  for (const [name, service] of Object.entries(services)) {
    if (service.container !== undefined) reserved.add(healthUnit(name, service));
  }
  const units = Object.values(services).reduce((sum, { instances }) => sum + instances.max, 0);
  if (units > 1000) faults.push([[], `expected at most 1000 instances in all, got ${units}`]);
  for (const [name, service] of Object.entries(services)) {
    for (const [index, other] of service.conflicts.entries()) {
      if (services[other]?.external === undefined) continue;
      faults.push([
        [name, 'conflicts', index],
        `expected a service: systemd would stop "${other}", a unit of the system, whenever this one starts`,
      ]);
    }
    if (name === 'gateway')
      faults.push([[name], 'expected another name: "gateway" is the unit that runs the conductor']);
    if (service.external === undefined && reserved.has(`rovi-${name}.service`)) {
      faults.push([
        [name],
        'expected another name: the health of a container is asked by a unit of that name',
      ]);
    }
    for (const [index, { probe }] of service.health.entries()) {
      const path = [name, 'health', index, 'probe'];
      if (probe.type === 'mqtt' && mqtt === undefined) {
        faults.push([[...path, 'type'], 'expected an `mqtt:` with a broker in this catalog']);
      }
      if (probe.type !== 'dependency') continue;
      if (
        probe.service === name ||
        !(Object.hasOwn(services, probe.service) || Object.hasOwn(stacks, probe.service))
      ) {
        faults.push([
          [...path, 'service'],
          `expected another service or a stack of this catalog, got "${probe.service}"`,
        ]);
      }
    }
  }
  return faults;
}

/** Stacks, and processes of one stack, whose names are one in ROS: where, and with which other. */
function sharedTokens(
  stacks: Readonly<Record<string, { readonly processes: readonly string[] }>>,
): [(string | number)[], string][] {
  const found: [(string | number)[], string][] = [];
  const look = (
    names: readonly string[],
    pathOf: (name: string, index: number) => (string | number)[],
  ): void => {
    const first = new Map<string, string>();
    for (const [index, name] of names.entries()) {
      const other = first.get(rosToken(name));
      if (other === undefined) first.set(rosToken(name), name);
      else found.push([pathOf(name, index), other]);
    }
  };
  look(Object.keys(stacks), (name) => [name]);
  for (const [name, { processes }] of Object.entries(stacks)) {
    look(processes, (_, index) => [name, 'processes', index]);
  }
  return found;
}

export type Launch = z.output<typeof launchSchema>;
export type StackEntry = z.output<typeof stackSchema>;
export type Catalog = z.output<typeof catalogSchema>;

/** The unit that runs the conductor. */
export const GATEWAY_UNIT = 'rovi-gateway.service';

/** The systemd unit of a stack. */
export function stackUnit(stack: string): string {
  return `rovi-${stack}.service`;
}

/** The home directory of the catalog's user: as declared, else `/home/<user>`. */
export function homeOf(catalog: Pick<Catalog, 'home' | 'user'>): string {
  return catalog.home ?? `/home/${catalog.user}`;
}

/** Where things are on an installed robot. The runtime directory belongs to tmpfiles.d alone (docs/decisions/0003). */
export const PATHS = {
  runtime: '/run/rovi',
  lock: '/run/rovi/stack.lock',
  socket: '/run/rovi/conductor.sock',
  configuration: '/etc/rovi',
  catalog: '/etc/rovi/rovi.yaml',
  stacks: '/etc/rovi/stacks',
  /** The variables of each instance of a service that may have several. */
  services: '/etc/rovi/services',
  tokens: '/etc/rovi/tokens.json',
  /** Hosts that every user of this machine knows. */
  hosts: '/etc/rovi/hosts.yaml',
  /** What outlives a reboot, of the catalog's user. systemd looks into it: docs/decisions/0021. */
  state: '/var/lib/rovi',
  /** One file for each stack or service in maintenance, by its name, or {@link ROBOT_MARK}. While it is there nothing starts it. */
  maintenance: '/var/lib/rovi/maintenance',
  /** One file for each `unless-stopped` service that an operator stopped, by its name. While it is there it is not started at boot. */
  stopped: '/var/lib/rovi/stopped',
} as const;

/** The whole robot's file in the folder of maintenance: no stack and no service is called so. */
export const ROBOT_MARK = 'ROBOT';

/** Where `install.sh` puts the program by default: `<prefix>/lib/rovi`, and `rovictl` in `<prefix>/bin`. */
export const DEFAULT_PREFIX = '/usr/local';
