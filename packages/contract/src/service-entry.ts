import { z } from 'zod';
import type { ExternalTerms } from './external-unit.js';
import { lineOfText } from './line-of-text.js';
import { absolutePath, accountName, environmentName, oneLine } from './names.js';
import { portFaults } from './instance-ports.js';
import { healthCheckSchema } from './probe-spec.js';
import { seconds } from './seconds.js';

/** YAML writes numbers and truth values without quotes; a program reads them as words. */
const asText = (value: unknown): unknown =>
  typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;

/** A program and its words. systemd looks nothing up: the program is an absolute path. */
const commandSchema = z
  .array(z.preprocess(asText, lineOfText(1_000)))
  .min(1, 'expected a program')
  .max(100)
  .refine(([program]) => absolutePath.safeParse(program).success, {
    path: [0],
    message: 'expected the absolute path of a program (no blanks)',
  });

/** A port that a service listens at. In compose's short form `"8080:80"`: 8080 on the robot, 80 in the container. */
export const servicePortSchema = z.preprocess(
  (value) => {
    const short = typeof value === 'number' ? String(value) : value;
    if (typeof short !== 'string') return value;
    const parts = /^(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(short);
    if (parts === null) return value;
    const [, outside, inside, protocol] = parts;
    return {
      port: Number(outside ?? inside),
      container: Number(inside),
      ...(protocol === undefined ? {} : { protocol }),
    };
  },
  z.strictObject(
    {
      /** Probes and variables call it so. */
      name: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,30}$/, 'expected lower-case letters, digits and "_"')
        .optional(),
      /** On the robot, for the first instance; instance N has `port + (N - 1) * step`. */
      port: z.int().min(1).max(65_535),
      step: z.int().min(1).max(1_000).default(1),
      /** Inside the container, where it has a network of its own; by default the same. */
      container: z.int().min(1).max(65_535).optional(),
      protocol: z.enum(['tcp', 'udp']).default('tcp'),
      /** The address of the robot that a container's port is published at. */
      address: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0'),
    },
    { error: 'expected a port such as 8080, "8080:80", or { name, port, container, protocol, address }' },
  ),
);
export type ServicePort = z.output<typeof servicePortSchema>;

/** A folder or file of the robot in a container, in compose's form `/on/robot:/in/container[:ro]`, or a named volume. */
const volume = z
  .string()
  .regex(
    /^(?:\/[A-Za-z0-9_.@+-]+(?:\/[A-Za-z0-9_.@+-]+)*|[a-zA-Z0-9][a-zA-Z0-9_.-]{0,100}):(?:\/[A-Za-z0-9_.@+-]+)+(?::(?:ro|rw))?$/,
    'expected "/on/robot:/in/container", "name:/in/container", either with ":ro" or ":rw"',
  )
  .refine((text) => !text.split(/[:/]/).includes('..'), { message: 'expected paths without ".."' });

/** What is run by the container engine instead of as a program of the robot. */
export const containerSchema = z.strictObject({
  /** As the engine knows it: nothing is fetched at a start. */
  image: z.string().regex(/^[a-z0-9][A-Za-z0-9._/:@-]{0,250}$/, 'expected an image such as localhost/bus:1'),
  /** Words after the image; without them the image's own. */
  command: z
    .array(z.preprocess(asText, lineOfText(1_000)))
    .max(100)
    .default([]),
  volumes: z.array(volume).max(50).default([]),
  /** Device nodes of the robot that it may open, under the same path: a camera, a serial port. It may open no other. */
  devices: z
    .array(absolutePath.regex(/^\/dev\/./, 'expected a device node below /dev'))
    .max(50)
    .default([]),
  /** `host`: the robot's own. `none`. Any other is a network that the engine knows. */
  networks: z
    .array(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,60}$/, 'expected the name of a network'))
    .min(1)
    .max(10)
    .refine(
      (networks) => networks.length === 1 || !networks.some((name) => name === 'host' || name === 'none'),
      {
        message: 'expected "host" or "none" alone, or names of networks',
      },
    )
    .default(['host']),
  labels: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$/, 'expected the name of a label'),
      z.preprocess(asText, lineOfText(500)),
    )
    .default({}),
  /** The engine's own check, as `HEALTHCHECK` in an image: words run in the container. For the probe `container`. */
  healthcheck: z
    .array(z.preprocess(asText, lineOfText(1_000)))
    .min(1)
    .max(50)
    .optional(),
});
export type ContainerEntry = z.output<typeof containerSchema>;

/** A size in bytes, or with systemd's suffix K, M, G of 1024. */
const size = z.union([
  z.int().min(65_536),
  z.string().regex(/^[1-9][0-9]{0,8}[KMG]$/, 'expected a size such as 512M'),
]);

/** What it may use at most: settings of its control group (systemd.resource-control(5)). */
export const limitsSchema = z.strictObject({
  /** MemoryMax=: beyond it the kernel ends a process of the service. */
  memory: size.optional(),
  /** MemoryHigh=: beyond it the service is slowed down. */
  memory_high: size.optional(),
  /** CPUQuota= in per cent of one core. */
  cpu: z.int().min(1).max(100_000).optional(),
  /** CPUWeight=, 100 is what others have. */
  cpu_weight: z.int().min(1).max(10_000).optional(),
  /** TasksMax=. */
  tasks: z.int().min(1).max(1_000_000).optional(),
  /** LimitNOFILE=. */
  files: z.int().min(16).max(1_048_576).optional(),
  /** Nice=. */
  nice: z.int().min(-20).max(19).optional(),
});

/** How often it may end and be started again before that is called a crash loop, and what is done then. */
export const crashLoopSchema = z.strictObject({
  /** StartLimitBurst=: starts within the window. */
  starts: z.int().min(1).max(1_000).default(5),
  /** StartLimitIntervalSec=. */
  window: seconds(1, 86_400).default(60),
  /** Seconds from the last end until the next try. */
  cooldown: seconds(1, 86_400).default(30),
  /** Tries after the limit; then it stays FAILED until somebody starts it. */
  tries: z.int().min(0).max(100).default(3),
});

/** What is done about a liveness check that has failed. */
export const onUnhealthySchema = z.strictObject({
  action: z.enum(['none', 'restart']).default('none'),
  /** Restarts in a row without the service having been healthy for `window` of `crash_loop`; then it is stopped and FAILED. */
  attempts: z.int().min(1).max(100).default(3),
  /** Seconds before the first restart; doubled for each one after it. */
  backoff: seconds(0, 3_600).default(1),
  /** Seconds that it is never more than. */
  backoff_max: seconds(1, 86_400).default(300),
});

/** The catalog's word for a service: its restart policy, as container engines call them. */
export const restartPolicySchema = z.enum(['never', 'on-failure', 'always', 'unless-stopped']);

/** A word that faces group services by. */
export const categoryName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,30}$/, 'expected a word of lower-case letters, digits, "_" or "-"');

/** Faces show a smaller number first. */
export const facePriority = z.int().min(0).max(1_000);

/** A supervised program, or container, that may run beside any stack. */
export const serviceSchema = z
  .strictObject({
    description: oneLine,
    /** What runs: either this or `container`. */
    command: commandSchema.optional(),
    container: containerSchema.optional(),
    /** When the start job is done. `exec`: the program runs. `notify`: it says READY=1 itself (sd_notify(3)). */
    type: z.enum(['exec', 'notify']).default('exec'),
    working_directory: absolutePath.optional(),
    environment: z.record(environmentName, z.preprocess(asText, lineOfText(4_000))).default({}),
    /** A file of NAME=value lines, read at each start; one that is missing is an error of the service. */
    environment_file: absolutePath.optional(),
    /** By default the catalog's. `root` is allowed here: the catalog is an admin's. */
    user: accountName.optional(),
    /** Started at boot. */
    autostart: z.boolean().default(false),
    restart: restartPolicySchema.default('on-failure'),
    /** RestartSec= in seconds. */
    restart_delay: seconds(0, 3_600).default(1),
    /** A word that faces group by. */
    category: categoryName.default('service'),
    /** Faces show a smaller number first, and of independent services it is started first. */
    priority: facePriority.default(100),
    /** Faces say of a robot without it that it is not well. */
    critical: z.boolean().default(false),
    /** Services that must be ready before this starts, and are started for it (Requires=, After=). */
    requires: z.array(z.string()).max(100).default([]),
    /** Services that are started before this if they can be (Wants=, After=). */
    wants: z.array(z.string()).max(100).default([]),
    /** Services that do not run beside this (Conflicts=, After=). */
    conflicts: z.array(z.string()).max(100).default([]),
    ports: z.array(servicePortSchema).max(50).default([]),
    limits: limitsSchema.default({}),
    /** How many run after a start, and how many may at most. `max` above 1 makes a template unit. */
    instances: z
      .strictObject({ min: z.int().min(1).max(50).default(1), max: z.int().min(1).max(50).default(1) })
      .default({ min: 1, max: 1 }),
    health: z.array(healthCheckSchema).max(10).default([]),
    on_unhealthy: onUnhealthySchema.default(onUnhealthySchema.parse({})),
    crash_loop: crashLoopSchema.default(crashLoopSchema.parse({})),
    timeouts: z
      .strictObject({
        /** Seconds until it is up and its startup checks have passed. */
        start: seconds(1, 3_600).default(30),
        /** TimeoutStopSec=: then it is killed. */
        stop: seconds(1, 600).default(10),
      })
      .default({ start: 30, stop: 10 }),
  })
  .superRefine((service, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if ((service.command === undefined) === (service.container === undefined)) {
      issue(['command'], 'expected either `command` or `container`');
    }
    if (service.container !== undefined && service.user !== undefined) {
      issue(
        ['user'],
        'expected no user beside `container`: the engine runs as root, the image says who runs in it',
      );
    }
    if (service.instances.min > service.instances.max) {
      issue(['instances', 'min'], `expected at most max (${service.instances.max})`);
    }
    for (const [index, { probe, role }] of service.health.entries()) {
      if (probe.type === 'container' && service.container === undefined) {
        issue(['health', index, 'probe', 'type'], 'expected another type: this service is no container');
      }
      if ((probe.type === 'tcp' || probe.type === 'http') && typeof probe.port === 'string') {
        if (!service.ports.some(({ name }) => name === probe.port)) {
          issue(
            ['health', index, 'probe', 'port'],
            `expected the name of one of its ports, got "${probe.port}"`,
          );
        }
      }
      if (probe.type === 'dependency' && role === 'startup') {
        issue(
          ['health', index, 'role'],
          'expected another role: what must be there at a start is a `requires`',
        );
      }
    }
    const names = service.ports.map(({ name }) => name).filter((name) => name !== undefined);
    if (new Set(names).size !== names.length) issue(['ports'], 'expected each name of a port once');
    for (const [index, message] of portFaults(service)) issue(['ports', index], message);
  });
export type ServiceEntry = z.output<typeof serviceSchema> & {
  /** Of a unit that Rovi did not make, and never touches but by command (`external:` of the catalog). */
  readonly external?: ExternalTerms;
};

/**
 * The unit of one instance: `rovi-<name>.service`, or `rovi-<name>@<n>.service` where there may be several; of an external
 * one the unit that it is.
 */
export function serviceUnit(
  name: string,
  service: Pick<ServiceEntry, 'instances' | 'external'>,
  instance = 1,
): string {
  if (service.external !== undefined) return service.external.unit;
  return service.instances.max > 1 ? `rovi-${name}@${instance}.service` : `rovi-${name}.service`;
}

/** The units of all instances that may be, by number. */
export function serviceUnits(name: string, service: Pick<ServiceEntry, 'instances' | 'external'>): string[] {
  return Array.from({ length: service.instances.max }, (_, index) => serviceUnit(name, service, index + 1));
}

/** The unit that asks the engine for the health of a container, run as root for the gateway. */
export function healthUnit(name: string, service: Pick<ServiceEntry, 'instances'>, instance = 1): string {
  return service.instances.max > 1
    ? `rovi-${name}-health@${instance}.service`
    : `rovi-${name}-health.service`;
}

/** The name of a container, as the engine has it. With ".", which no name of a service has: "bus-1" is another service. */
export function containerName(name: string, service: Pick<ServiceEntry, 'instances'>, instance = 1): string {
  return service.instances.max > 1 ? `rovi-${name}.${instance}` : `rovi-${name}`;
}

/** What is started at boot: wants every service with `autostart`. */
export const SERVICES_TARGET = 'rovi-services.target';
