import type { OperationKind, TicketStatus, fleetRunBodySchema, ticketBodySchema } from '@rovi/contract';
import type { z } from 'zod';
import type { Reconnection } from './server-events.js';
import type { Transport } from './transport.js';

export interface ApiClientOptions {
  /** The way to the gateway. */
  readonly transport: Transport;
  /** Who commands, for the record: 1 to 64 letters, digits or `_ . @ + : -`. */
  readonly actor?: string;
  readonly face?: 'cli' | 'http' | 'web';
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface CommandOptions extends CallOptions {
  readonly reason?: string;
  /** Instead of the client's own actor. */
  readonly actor?: string;
  /** The `token` of the impact that was shown: refused with `situation-changed` where it would hit anything else by now. */
  readonly confirm?: string;
  /** Answer as soon as the operation is accepted, with its running record. */
  readonly async?: boolean;
}

/** How a service is restarted; at most one of the two. */
export interface RestartOptions extends CommandOptions {
  /** What ran and requires it is started again. */
  readonly cascade?: boolean;
  /** One instance at a time, each waited for; ends at the first that fails. */
  readonly rolling?: boolean;
}

/** Who asks for what is no operation, and why. */
export interface RequestOptions extends CallOptions {
  readonly reason?: string;
  /** Instead of the client's own actor. */
  readonly actor?: string;
}

/** A new ticket: what is left out has its default. */
export type TicketDraft = z.input<typeof ticketBodySchema>;

/** Which tickets; the server's default is the newest 100. */
export interface TicketSelection extends CallOptions {
  readonly status?: TicketStatus;
  /** 1 to 1000. */
  readonly limit?: number;
  readonly offset?: number;
}

/** Which tickets; default all. */
export interface ExportSelection {
  readonly status?: TicketStatus;
  readonly signal?: AbortSignal;
}

export interface ExecuteOptions extends CallOptions {
  /** Run a failed one once more. */
  readonly force?: boolean;
  /** Instead of the client's own actor. */
  readonly actor?: string;
  /** Answer as soon as it is queued. */
  readonly async?: boolean;
}

/** A command on a service, as `/api/impact` is asked about it. */
export interface ServiceCommand {
  readonly command: Exclude<OperationKind, 'stop-all' | 'switch'>;
  readonly service: string;
  readonly cascade?: boolean;
  /** For `scale`, and for that alone. */
  readonly instances?: number;
}

export interface EventsOptions extends Reconnection {
  /** Resume after this sequence number of the run `boot`; the server begins with a snapshot where it cannot. */
  readonly since?: number;
  readonly boot?: string;
  readonly signal?: AbortSignal;
}

export interface FleetEventsOptions extends Reconnection {
  readonly signal?: AbortSignal;
}

/** A command to robots: what is left out has its default. */
export type FleetRunDraft = z.input<typeof fleetRunBodySchema>;

export interface LogSelection {
  /** The last so many entries; the server's default is 100. */
  readonly lines?: number;
  /** 32 hexadecimal digits, or `latest`. */
  readonly invocation?: string;
  /** Continue after this cursor. */
  readonly after?: string;
  /** Only this syslog priority or more urgent. */
  readonly priority?: number;
}

/** The same of a service. */
export interface ServiceLogSelection extends LogSelection {
  /** Of a service with several instances: whose. */
  readonly instance?: number;
  /** Only what its program wrote there. */
  readonly stream?: 'stdout' | 'stderr';
}

/** What a follower of a journal may want. */
export interface FollowOptions extends LogSelection, Reconnection {
  readonly signal?: AbortSignal;
}
