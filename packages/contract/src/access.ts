import { z } from 'zod';
import { timestampSchema } from './state.js';

/**
 * What a client may do. `viewer`: read. `operator`: also command, and read the audit. `admin`: also see who has access.
 * Each includes the ones before it.
 */
export const roles = ['viewer', 'operator', 'admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.output<typeof roleSchema>;

/** Whether who has `held` may do what asks for `needed`. */
export function roleCovers(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** The name of a token: who or what it was made for. */
export const tokenNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,47}$/,
    'expected 1 to 48 letters, digits or _ . @ + -, the first a letter or digit',
  );

/** How a client came in. `socket`: it could open the unix socket. `account`: a local account, by its uid. `token`: a token. */
export const accessViaSchema = z.enum(['socket', 'account', 'token']);

/** Who a request comes from, and what that allows. */
export const sessionSchema = z.object({
  role: roleSchema,
  via: accessViaSchema,
  /** The token's name, the account's, or what the client says of itself. */
  name: z.string(),
  /** False where the name is only what the client says of itself. */
  verified: z.boolean(),
  /** When the token ends; null where it does not. */
  expires_at: timestampSchema.nullable(),
  robot: z.string(),
  version: z.string(),
});
export type Session = z.output<typeof sessionSchema>;

/** A token without its secret. */
export const tokenInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  created_at: timestampSchema,
  expires_at: timestampSchema.nullable(),
});
export type TokenInfo = z.output<typeof tokenInfoSchema>;

/** One token as the file keeps it: SHA-256 of the secret, never the secret. */
export const storedTokenSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{8}$/),
  name: tokenNameSchema,
  role: roleSchema,
  /** SHA-256 of the whole token, as 64 hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_at: timestampSchema,
  expires_at: timestampSchema.nullable(),
});
export type StoredToken = z.output<typeof storedTokenSchema>;

/** The token file, `/etc/rovi/tokens.json`: root writes it, the gateway reads it. */
export const tokenFileSchema = z.strictObject({
  version: z.literal(1),
  tokens: z.array(storedTokenSchema).max(1000),
});
export type TokenFile = z.output<typeof tokenFileSchema>;

/** What a token looks like: its id, then 256 random bits. */
export const TOKEN_PATTERN = /^rovi_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;

/**
 * How a WebSocket of a browser, which cannot set headers, brings its token: as a second subprotocol beside
 * {@link EVENTS_PROTOCOL}, this prefix and the token.
 */
export const TOKEN_PROTOCOL_PREFIX = 'rovi.token.';
/** The WebSocket subprotocol of `/api/events`. */
export const EVENTS_PROTOCOL = 'rovi.events.v1';

/** Answer of `GET /api/tokens`. */
export const tokenListSchema = z.object({ tokens: z.array(tokenInfoSchema) });
