import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import process from 'node:process';
import { RoviError, TOKEN_PROTOCOL_PREFIX, isLoopback, roleCovers } from '@rovi/contract';
import type { Role } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { HttpFault } from '../fault.js';
import type { Accounts } from './accounts.js';
import type { Caller } from './caller.js';
import { peerUid } from './peer-uid.js';
import type { TokenStore } from './token-store.js';

/**
 * Who is let in over TCP. In this order: the robot must have been asked for by a name of its own (else a foreign web
 * site whose name resolves to the robot could read it: DNS rebinding); a browser's request must come from a page of
 * the robot's own (cross-site); then who asks must be known, by a token or, on the robot itself, by the account of the
 * process at the other end; then the role must suffice.
 */

/** Wrong tokens that one address may bring in a minute before it is told to wait. */
const WRONG_TOKENS = { points: 20, duration: 60 };
/** Requests with one token: many more than a page or a script needs, few enough to leave the gateway to others. */
const REQUESTS = { points: 400, duration: 2 };

export interface GateOptions {
  /** Names beside the usual ones. */
  readonly names: readonly string[];
  /** Members of this group may command from an account of the robot; null: no account may without a token. */
  readonly group: string | null;
  readonly tokens: TokenStore;
  readonly accounts: Accounts;
  /** Other bounds for the requests with one token: so many in so many seconds. */
  readonly requests?: { readonly points: number; readonly duration: number };
}

export class Gate {
  readonly #options: GateOptions;
  readonly #names: ReadonlySet<string>;
  readonly #wrong = new RateLimiterMemory(WRONG_TOKENS);
  readonly #requests: RateLimiterMemory;
  /** Whose process has the other end of a connection: a uid, null where that cannot be said. */
  readonly #uids = new WeakMap<Socket, Promise<number | null>>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#requests = new RateLimiterMemory(options.requests ?? REQUESTS);
    const own = hostname().toLowerCase();
    this.#names = new Set(['localhost', own, `${own}.local`, ...options.names]);
  }

  /** Throws `host-refused` or `origin-refused` for a request that no client of this robot sends. */
  checkSite(request: FastifyRequest): void {
    const { host = '', origin } = request.headers;
    const name = hostNameOf(host);
    if (name === null || (isIP(name) === 0 && !this.#names.has(name))) {
      const shown = host.slice(0, 100);
      throw new RoviError('host-refused', `"${shown}" is no name of this robot`, {
        mend: "Use the robot's address, or have the admin add the name to `http.names` in the catalog.",
        context: { host: shown },
      });
    }
    if (origin !== undefined && origin.toLowerCase() !== `${schemeOf(request)}://${host.toLowerCase()}`) {
      throw foreignSite(origin);
    }
    const site = request.headers['sec-fetch-site'];
    const looks = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
    if ((site === 'cross-site' || site === 'same-site') && !looks) throw foreignSite(site);
  }

  /**
   * Who asks, where they may do what `needed` says. Rejects with `token-required`, `token-rejected`,
   * `role-insufficient` or `too-many-requests`; the caller is given to `known` as soon as it is known.
   */
  async admit(request: FastifyRequest, needed: Role, known: (caller: Caller) => void): Promise<void> {
    const token = tokenOf(request);
    const caller = token === null ? await this.#byAccount(request) : await this.#byToken(token, request);
    known(caller);
    checkRole(caller, needed);
    // Who is on the robot itself has other ways to keep it busy. A stop is never refused for coming too often: it may be
    // the one that matters.
    if (caller.via !== 'token') return;
    if (request.method === 'POST' && isStop(request.url)) return;
    await this.#requests.consume(caller.key).catch((refused: unknown) => {
      throw tooMany(
        'this token asks more often than the gateway answers',
        refused,
        'Listen to /api/events instead of asking.',
      );
    });
  }

  async #byToken(token: string, request: FastifyRequest): Promise<Caller> {
    const { tokens } = this.#options;
    if (tokens.fault !== null) throw tokens.fault;
    let entry = tokens.find(token);
    if (entry === null) {
      // It may have been made this very moment.
      await tokens.refresh();
      entry = tokens.find(token);
    }
    if (entry !== null) {
      const { id, role, name, expires_at } = entry;
      return { role, via: 'token', name, key: `token ${id}`, expiresAt: expires_at };
    }
    await this.#wrong.consume(request.ip).catch((refused: unknown) => {
      throw tooMany(
        'too many wrong tokens came from this address',
        refused,
        'Wait, then use a token of this robot.',
      );
    });
    throw challenge(
      'token-rejected',
      'the token is none of this robot, was revoked, or has expired',
      "Ask the robot's admin for a new one: `rovictl token create`.",
    );
  }

  async #byAccount(request: FastifyRequest): Promise<Caller> {
    const { socket } = request.raw;
    const { group } = this.#options;
    const local = group !== null && isLoopback(socket.remoteAddress ?? '') && !isForwarded(request);
    const account = local && isOwnByNature(request) ? await this.#accountAt(socket, group) : null;
    if (account !== null) return account;
    throw challenge(
      'token-required',
      !local
        ? 'a token is needed'
        : isOwnByNature(request)
          ? `no token, and the account of this process is no member of ${group}`
          : 'an account of the robot needs no token at http://localhost or http://127.0.0.1 only',
      "Send `Authorization: Bearer TOKEN`; the robot's admin makes one: `rovictl token create --role operator --name NAME`.",
    );
  }

  async #accountAt(socket: Socket, group: string): Promise<Caller | null> {
    const asked = this.#uids.get(socket) ?? peerUid(socket);
    this.#uids.set(socket, asked);
    const uid = await asked;
    if (uid === null) return null;
    const account = await this.#options.accounts.of(uid);
    const name = account?.name ?? `uid-${String(uid)}`;
    const caller = { via: 'account', name, key: `uid ${String(uid)}`, expiresAt: null } as const;
    if (uid === 0) return { ...caller, role: 'admin' };
    const member = uid === process.getuid?.() || account?.groups.includes(group) === true;
    return member ? { ...caller, role: 'operator' } : null;
  }
}

/** Throws `role-insufficient` where the caller may not do what `needed` may. */
export function checkRole({ role, name, via }: Caller, needed: Role): void {
  if (roleCovers(role, needed)) return;
  const who = via === 'socket' ? 'this socket' : `"${name ?? ''}"`;
  throw new RoviError('role-insufficient', `this takes the role ${needed}; ${who} has the role ${role}`, {
    mend:
      needed === 'admin'
        ? 'On the robot, as root: `curl http://localhost:8080/…`, or `rovictl token list`. Elsewhere: a token with the role admin.'
        : `Ask the robot's admin for a token with the role ${needed}.`,
    context: { role, needed },
  });
}

/** The name or address of a Host header, without port and brackets; null where it is none. */
export function hostNameOf(host: string): string | null {
  const [, v6, name] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return v6 ?? name?.toLowerCase().replace(/\.$/, '') ?? null;
}

/**
 * Whether the robot is asked for by what means this machine everywhere. Other names come out of a network's name service,
 * which somebody on the network can answer (mDNS): a page of theirs must not command with the account of who looks at it.
 */
function isOwnByNature({ headers }: FastifyRequest): boolean {
  const name = hostNameOf(headers.host ?? '');
  return name === 'localhost' || (name !== null && isLoopback(name));
}

/** A proxy speaks for somebody else: its own account says nothing of who asks. */
function isForwarded({ headers }: FastifyRequest): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
}

/** The token of a request: in its Authorization header, or where a browser's WebSocket can put it. */
function tokenOf({ headers }: FastifyRequest): string | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S{1,200})$/i.exec(authorization) ?? [];
    if (token === undefined) {
      throw challenge(
        'token-rejected',
        'the header Authorization is not `Bearer TOKEN`',
        'Send `Authorization: Bearer TOKEN`.',
      );
    }
    return token;
  }
  const protocols = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim()) ?? [];
  const named = protocols.find((one) => one.startsWith(TOKEN_PROTOCOL_PREFIX));
  return named === undefined ? null : named.slice(TOKEN_PROTOCOL_PREFIX.length);
}

function schemeOf({ raw }: FastifyRequest): 'http' | 'https' {
  return 'encrypted' in raw.socket ? 'https' : 'http';
}

function isStop(url: string): boolean {
  return /^\/(?:estop|ticket\/[^/]+\/cancel|api\/(?:stop-all|stacks\/[^/]+\/stop|services\/stop\/[^/]+))(?:\?|$)/.test(
    url,
  );
}

function foreignSite(origin: string): RoviError {
  return new RoviError('origin-refused', `a page of another site asks (${origin.slice(0, 100)})`, {
    mend: "Open the robot's own page; a program that is no browser leaves out the header `Origin`.",
  });
}

function challenge(code: 'token-required' | 'token-rejected', message: string, mend: string): HttpFault {
  const error = code === 'token-rejected' ? ', error="invalid_token"' : '';
  return new HttpFault(401, code, message, {
    mend,
    headers: { 'www-authenticate': `Bearer realm="rovi"${error}` },
  });
}

function tooMany(message: string, refused: unknown, mend: string): unknown {
  if (refused instanceof Error) return refused;
  const ms = (refused as { msBeforeNext?: number }).msBeforeNext ?? 1000;
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return new HttpFault(429, 'too-many-requests', message, {
    mend,
    headers: { 'retry-after': String(seconds) },
  });
}
