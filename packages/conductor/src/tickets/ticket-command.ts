import type { Actor, Origin, Ticket, TicketCommandInfo, TicketSettings } from '@rovi/contract';
import { paramsJsonSchema, readTicketParams, RoviError } from '@rovi/contract';
import type { ConductorApi } from '../ports/conductor-api.js';
import type { MotionBase, Scanner } from '../ports/motion.js';

type ParamsSchema = Parameters<typeof paramsJsonSchema>[0];

/** What a command acts on. For a dry run, base and scanner are the simulator's. */
export interface TicketSurroundings {
  readonly ticket: Ticket;
  /** Who asked for the execution. */
  readonly actor: Actor;
  readonly origin: Origin;
  readonly settings: TicketSettings;
  readonly base: MotionBase;
  readonly scanner: Scanner;
  readonly conductor: ConductorApi;
}

/** What of the catalog limits the params of tickets. */
export interface TicketLimits {
  readonly settings: TicketSettings;
  /** Names of its stacks. */
  readonly stacks: readonly string[];
}

/** What an execution came to: `result` also where it was aborted, as far as it came. */
export type TicketResult = Readonly<Record<string, unknown>>;

/** A command that tickets may have. */
export interface TicketCommand<P extends object = never> {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** True: it moves the base; one such at a time, and only where the robot may be moved. */
  readonly motion: boolean;
  /** True: it waits in no queue, and is not refused while e-stopped: it can only end what moves. */
  readonly ends: boolean;
  readonly params: ParamsSchema;
  /** What the catalog allows of each param, as keywords of JSON Schema: told to clients; `check` and `ready` enforce it. */
  readonly limits?: (allowed: TicketLimits) => Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Throws `ticket-invalid` for what the catalog's limits do not allow. */
  readonly check: (params: P, settings: TicketSettings) => void;
  /** Seconds that an attempt may take where the ticket does not say. */
  readonly timeout: (params: P) => number;
  /** Seconds that it takes if all goes well: a ticket's timeout may not be shorter. */
  readonly takes?: (params: P) => number;
  /** Throws why it cannot begin now, beyond what is asked of every motion. */
  readonly ready?: (params: P, surroundings: Omit<TicketSurroundings, 'ticket' | 'actor' | 'origin'>) => void;
  /** Resolves also where it was aborted, once whatever it did has been told to end. Rejects with a RoviError. */
  readonly run: (params: P, surroundings: TicketSurroundings, signal: AbortSignal) => Promise<TicketResult>;
}

/** A command of the registry with params that were read with its own schema. */
export interface BoundCommand {
  readonly name: string;
  readonly motion: boolean;
  readonly ends: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeout: number;
  readonly takes: number;
  readonly check: (settings: TicketSettings) => void;
  readonly ready: (surroundings: Omit<TicketSurroundings, 'ticket' | 'actor' | 'origin'>) => void;
  readonly run: (surroundings: TicketSurroundings, signal: AbortSignal) => Promise<TicketResult>;
}

/** The commands that tickets may have, by name. */
export class TicketCommandRegistry {
  readonly #commands = new Map<string, TicketCommand<object>>();

  /** Throws `internal` for a name that is taken. */
  add<P extends object>(command: TicketCommand<P>): this {
    if (this.#commands.has(command.name)) {
      throw new RoviError('internal', `there are two ticket commands "${command.name}"`);
    }
    this.#commands.set(command.name, command as unknown as TicketCommand<object>);
    return this;
  }

  /** All of them, their params within what the catalog allows. */
  all(allowed: TicketLimits): TicketCommandInfo[] {
    return [...this.#commands.values()].map(({ name, description, motion, params, limits }) => ({
      name,
      description,
      motion,
      params: paramsJsonSchema(params, limits?.(allowed)),
    }));
  }

  /** The command with its params read. Throws `ticket-invalid` for an unknown command, or params of another shape. */
  bind(name: string, given: Readonly<Record<string, unknown>>): BoundCommand {
    const command = this.#commands.get(name);
    if (command === undefined) {
      const names = [...this.#commands.keys()].join(', ');
      throw new RoviError('ticket-invalid', `there is no ticket command "${name}"`, {
        mend: `The commands are: ${names}.`,
        context: { command: name },
      });
    }
    const params = readTicketParams(name, command.params, given) as object;
    return {
      name,
      motion: command.motion,
      ends: command.ends,
      params: { ...params },
      timeout: command.timeout(params),
      takes: command.takes?.(params) ?? 0,
      check: (settings) => command.check(params, settings),
      ready: (surroundings) => command.ready?.(params, surroundings),
      run: (surroundings, signal) => command.run(params, surroundings, signal),
    };
  }
}
