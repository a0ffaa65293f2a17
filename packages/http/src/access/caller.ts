import type { FastifyRequest } from 'fastify';
import type { Origin, Role, Session } from '@rovi/contract';

/** Who a request comes from. */
export interface Caller {
  readonly role: Role;
  readonly via: Session['via'];
  /** The token's or the account's name; null where only the client itself says who it is. */
  readonly name: string | null;
  /** Stands for what it was let in with, as long as that lasts: `token ID`, `uid N`, or `socket`. */
  readonly key: string;
  /** When its token ends; null where it does not, or there is none. */
  readonly expiresAt: string | null;
}

/** Everybody who could open the unix socket: the file's mode is the check. */
export const SOCKET_CALLER: Caller = {
  role: 'operator',
  via: 'socket',
  name: null,
  key: 'socket',
  expiresAt: null,
};

const callers = new WeakMap<object, Caller>();

/** Keeps who a request comes from, for as long as the request lasts. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request.raw, caller);
}

/** Who a request comes from; null where it was not let in. */
export function callerOf(request: FastifyRequest): Caller | null {
  return callers.get(request.raw) ?? null;
}

/** Where a request comes from, for the audit. */
export function originOf(request: FastifyRequest): Origin {
  const { remoteAddress, remotePort } = request.raw.socket;
  const caller = callerOf(request);
  return {
    transport: remoteAddress === undefined ? 'unix' : 'tcp',
    peer: remoteAddress === undefined ? null : `${remoteAddress}:${String(remotePort)}`,
    via: caller?.via ?? null,
    role: caller?.role ?? null,
  };
}
