import { z } from 'zod';
import { absolutePath } from './names.js';

/** A numeric address; names are not resolved, for they would mean different things on different days. */
const ipAddress = z.union([z.ipv4(), z.ipv6()], {
  error: 'expected an IP address, such as 127.0.0.1, ::1 or 0.0.0.0',
});

/** A name the robot is called by in URLs: as in `http://robot.local:8080`. */
const hostName = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'expected a host name in lower case, such as robot.local',
  );

/** Whether only the robot itself can reach this address. */
export function isLoopback(address: string): boolean {
  return /^127\.|^::1$|^0*(?::0*){6}:0*1$/.test(address) || /^::ffff:127\./i.test(address);
}

/** One TCP address that the API and the page are served at. */
export const listenSchema = z
  .strictObject({
    address: ipAddress,
    /** Without root's right a process has ports from 1024 on. */
    port: z
      .int()
      .min(1024, 'expected a port from 1024: the gateway is not root')
      .max(65_535, 'expected a port up to 65535')
      .default(8080),
    /** PEM files that the gateway's user can read. */
    tls: z.strictObject({ certificate: absolutePath, key: absolutePath }).optional(),
    /** The explicit word for an address that others reach and that is not encrypted. */
    plaintext: z.boolean().default(false),
  })
  .superRefine(({ address, tls, plaintext }, context) => {
    if (tls !== undefined && plaintext) {
      context.addIssue({ code: 'custom', path: ['plaintext'], message: 'expected false beside `tls`' });
    }
    if (!isLoopback(address) && tls === undefined && !plaintext) {
      context.addIssue({
        code: 'custom',
        path: ['address'],
        message:
          'expected `tls: { certificate, key }`, or the word `plaintext: true`: others on the network reach this address and can read tokens off it',
      });
    }
  });
export type Listen = z.output<typeof listenSchema>;

/** Where the API and the page are served beside the unix socket. */
export const httpSchema = z.strictObject({
  /** None: the unix socket only. */
  listen: z
    .array(listenSchema)
    .max(8)
    .refine((all) => new Set(all.map(({ address, port }) => `${address} ${port}`)).size === all.length, {
      message: 'expected each address and port once',
    })
    .default([{ address: '127.0.0.1', port: 8080, plaintext: false }]),
  /**
   * Whether an account of the robot needs no token over loopback: root, the gateway's user, and members of the operators'
   * group. False where containers share the robot's network: their root has the uid of the robot's.
   */
  accounts: z.boolean().default(true),
  /** The robot's names in URLs beside its addresses, its host name, that with `.local`, and localhost. */
  names: z.array(hostName).max(32).default([]),
});
export type HttpEntry = z.output<typeof httpSchema>;
