import { z } from 'zod';
import { fleetSettingsSchema } from './fleet-settings.js';
import { absolutePath } from './names.js';

/** The MQTT face. Without it in the catalog there is none. */
export const mqttSchema = z
  .strictObject({
    /** `mqtt://host:1883`, or `mqtts://host:8883` with TLS. No user and no password: those are in files. */
    broker: z
      .string()
      .regex(
        /^mqtts?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?$/,
        'expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]',
      )
      .refine(
        (broker) => {
          const port = /[^:]:([0-9]{1,5})$/.exec(broker.replace(/\[.*\]/, 'host'))?.[1];
          return port === undefined || (Number(port) > 0 && Number(port) < 65_536);
        },
        { message: 'expected a port from 1 to 65535' },
      ),
    /** The first part of every topic. */
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/, 'expected topic levels of letters, digits, "_" and "-"')
      .max(100)
      .default('rovi'),
    /** By default `rovi-<robot>`. */
    client_id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .optional(),
    username: z.string().min(1).max(200).optional(),
    /** Holds the password on its first line; read at each connection. The gateway's user can read it, others should not. */
    password_file: absolutePath.optional(),
    tls: z
      .strictObject({
        /** PEM: who signed the broker's certificate; without it the system's authorities. */
        ca: absolutePath.optional(),
        /** PEM: the gateway's own certificate and key. */
        certificate: absolutePath.optional(),
        key: absolutePath.optional(),
      })
      .optional(),
    /** Seconds. */
    keepalive: z.int().min(5).max(3_600).default(30),
    /** Events that are kept for the broker while it is away; beyond it the oldest are dropped, and counted. */
    queue: z.int().min(10).max(100_000).default(1_000),
    /** Take in what others tell at `<prefix>/discovery/services`. */
    discovery: z.boolean().default(true),
    /** Many robots on one broker. */
    fleet: fleetSettingsSchema.optional(),
  })
  .superRefine(({ broker, tls, username, password_file }, context) => {
    const issue = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (tls !== undefined && !broker.startsWith('mqtts:'))
      issue(['broker'], 'expected mqtts:// beside `tls`');
    if (tls !== undefined && (tls.certificate === undefined) !== (tls.key === undefined)) {
      issue(['tls'], 'expected both `certificate` and `key`, or neither');
    }
    if (password_file !== undefined && username === undefined)
      issue(['username'], 'expected one beside `password_file`');
  });
export type MqttEntry = z.output<typeof mqttSchema>;

/** What is published for each event: the envelope of the service bus of seed 002. */
export const mqttEventSchema = z.object({
  event_type: z.string(),
  event_data: z.record(z.string(), z.unknown()),
  /** Seconds since the epoch. */
  timestamp: z.number(),
  source: z.string(),
});
export type MqttEvent = z.output<typeof mqttEventSchema>;

/** What others may publish at `<prefix>/discovery/services`. */
export const discoveryEventSchema = z.object({
  event_type: z.enum(['service_registered', 'service_unregistered', 'service_health_changed']),
  service_data: z.object({
    service_name: z.string().min(1).max(100),
    description: z.string().max(500).default(''),
    version: z.string().max(50).default(''),
    health_status: z.string().max(50).optional(),
  }),
  timestamp: z.number().optional(),
});
export type DiscoveryEvent = z.output<typeof discoveryEventSchema>;
