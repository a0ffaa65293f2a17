import { z } from 'zod';
import { externalUnitName, externalVerbs, externalVerbSchema } from './external-unit.js';
import { oneLine } from './names.js';
import { healthCheckSchema } from './probe-spec.js';
import { seconds } from './seconds.js';
import { categoryName, facePriority, serviceSchema } from './service-entry.js';
import type { ServiceEntry } from './service-entry.js';

/** An existing unit of the machine, put under Rovi's control: never generated, owned, started at boot or supervised by Rovi. */
export const externalSchema = z
  .strictObject({
    unit: externalUnitName,
    description: oneLine,
    /** What operators may do to it; none: it is only watched. Exactly this is in the polkit rule. */
    allow: z
      .array(externalVerbSchema)
      .max(3)
      .refine((verbs) => new Set(verbs).size === verbs.length, { message: 'expected each verb once' })
      .default([...externalVerbs]),
    /** What ends with it that Rovi does not know of; shown before a stop: `all containers of this robot`. */
    affects: oneLine.optional(),
    /** Its stop and its restart are asked for twice, and faces say of a robot without it that it is not well. */
    critical: z.boolean().default(true),
    category: categoryName.default('system'),
    priority: facePriority.default(100),
    health: z.array(healthCheckSchema).max(10).default([]),
    /** Seconds that systemd is waited for; how long it really gives the unit is in the unit. */
    timeouts: z
      .strictObject({ start: seconds(1, 3_600).default(90), stop: seconds(1, 600).default(90) })
      .default({ start: 90, stop: 90 }),
  })
  .superRefine(({ health }, context) => {
    for (const [index, { probe, role }] of health.entries()) {
      const issue = (key: string, message: string): void =>
        context.addIssue({ code: 'custom', path: ['health', index, 'probe', key], message });
      if (probe.type === 'container')
        issue('type', 'expected another type: this unit is no container of Rovi');
      if ((probe.type === 'tcp' || probe.type === 'http') && typeof probe.port === 'string') {
        issue(
          'port',
          `expected a port number: Rovi does not know the ports of this unit, got "${probe.port}"`,
        );
      }
      if (probe.type === 'dependency' && role === 'startup') {
        context.addIssue({
          code: 'custom',
          path: ['health', index, 'role'],
          message: 'expected another role: a unit that others made does not wait for services of Rovi',
        });
      }
    }
  });
export type ExternalEntry = z.output<typeof externalSchema>;

/**
 * The entry as a service: so it takes the way of every service from here on. What Rovi would decide of a service is the
 * unit's own: it is not started at boot, and nothing restarts it.
 */
function externalService(entry: ExternalEntry): ServiceEntry {
  const { unit, allow, affects = '', description, critical, category, priority, health, timeouts } = entry;
  const service = serviceSchema.parse({
    description,
    // Nobody runs it: what runs is in the unit.
    command: ['/bin/false'],
    restart: 'never',
    crash_loop: { tries: 0 },
    critical,
    category,
    priority,
    timeouts,
  });
  return { ...service, health, external: { unit, allow, affects } };
}

interface Declared {
  readonly services: Readonly<Record<string, ServiceEntry>>;
  readonly external: Readonly<Record<string, ExternalEntry>>;
}

const known = new WeakMap<object, Readonly<Record<string, ServiceEntry>>>();

/** The services of a catalog with its external units among them, the former first. The same object for the same catalog. */
export function allServices(catalog: Declared): Readonly<Record<string, ServiceEntry>> {
  const before = known.get(catalog);
  if (before !== undefined) return before;
  const all = {
    ...catalog.services,
    ...Object.fromEntries(
      Object.entries(catalog.external).map(([name, one]) => [name, externalService(one)]),
    ),
  };
  known.set(catalog, all);
  return all;
}

/** What is wrong with external units beside one another and the rest: path below `external`, and what was expected. */
export function externalFaults({
  external,
  services,
  stacks,
}: {
  readonly external: Readonly<Record<string, { readonly unit: string }>>;
  readonly services: object;
  readonly stacks: object;
}): [string[], string][] {
  const faults: [string[], string][] = [];
  const units = new Map<string, string>();
  for (const [name, { unit }] of Object.entries(external)) {
    if (name === 'gateway')
      faults.push([[name], 'expected another name: "gateway" is the unit that runs the conductor']);
    if (Object.hasOwn(services, name)) faults.push([[name], 'expected a name that no service has']);
    if (Object.hasOwn(stacks, name)) faults.push([[name], 'expected a name that no stack has']);
    const other = units.get(unit);
    if (other === undefined) units.set(unit, name);
    else faults.push([[name, 'unit'], `expected a unit that no other entry has: it is that of "${other}"`]);
  }
  return faults;
}
