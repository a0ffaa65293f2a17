import { z } from 'zod';

/** What operators may be allowed to do to a unit of the system that Rovi did not make. */
export const externalVerbs = ['start', 'stop', 'restart'] as const;
export const externalVerbSchema = z.enum(externalVerbs);
export type ExternalVerb = z.output<typeof externalVerbSchema>;

/** What an entry of `external:` says of a service, beside what every service has. */
export interface ExternalTerms {
  /** The exact name of a unit that Rovi did not make. */
  readonly unit: string;
  /** What operators may do to it, through Rovi or past it. */
  readonly allow: readonly ExternalVerb[];
  /** What ends with it that Rovi does not know of, in words; empty where nothing is said. */
  readonly affects: string;
}

/** Daemons of systemd that a robot lives on without: all others of its own units are not given into operators' hands. */
const harmless: ReadonlySet<string> = new Set([
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
]);

/** Units that Rovi itself lives on, that end the session of everybody, or that give a root shell. */
const vital: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^rovi-/, 'a unit of Rovi itself is a stack, a service or the gateway'],
  [
    /^(?:dbus|dbus-broker|dbus-daemon|polkit|polkitd)(?:@.*)?\.service$/,
    'Rovi commands systemd through it, and nobody could start it again',
  ],
  [/^(?:user|user-runtime-dir)@/, 'it is the session of a user'],
  [
    /^(?:emergency|rescue|debug-shell|initrd-.*|halt-local|rc-local|quotaon|container-getty@.*|getty@.*|serial-getty@.*|console-getty|autovt@.*)\.service$/,
    'it belongs to the boot, or gives a console',
  ],
];

/** Why this unit is never given into operators' hands; null where the admin may decide it. */
export function vitalUnit(unit: string): string | null {
  const found = vital.find(([pattern]) => pattern.test(unit));
  if (found !== undefined) return found[1];
  return unit.startsWith('systemd-') && !harmless.has(unit)
    ? 'it is a part of systemd that the robot, and Rovi, live on'
    : null;
}

/**
 * The exact name of a service unit: it goes into a polkit rule, into unit files and into calls of systemd. Without
 * back-slashes, which escaped names have. Of a template one instance.
 */
export const externalUnitName = z
  .string()
  .max(200, 'expected at most 200 characters')
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9:_.-]*(?:@[A-Za-z0-9:_.-]*)?\.service$/,
    'expected the exact name of a service unit, such as podman.service (letters, digits and : _ . @ -)',
  )
  .refine((unit) => !unit.includes('@.'), {
    message: 'expected one instance of the template, such as name@instance.service',
  })
  .superRefine((unit, context) => {
    const why = vitalUnit(unit);
    if (why !== null) context.addIssue({ code: 'custom', message: `expected another unit: ${why}` });
  });
