import type { ConductorApi, TicketDesk } from '@rovi/conductor';
import { RoviError, roleCovers } from '@rovi/contract';
import type { FleetCommand, FleetReply, FleetRequest, Impact, Operation, Role } from '@rovi/contract';
import type { SignedRequest } from './fleet-request.js';
import { OfferBook } from './offer-book.js';
import type { FleetClocks } from './offer-book.js';

/** Commands whose answers are kept, for requests that come twice. */
const KEPT = 2_000;

export interface FleetDeskOptions {
  readonly conductor: Pick<ConductorApi, 'snapshot' | 'impact' | 'serviceImpact' | 'command' | 'operation'>;
  readonly tickets: Pick<TicketDesk, 'estop'>;
  readonly clocks: FleetClocks;
}

/** A reply, but for what every one of a request has. */
type Said =
  | {
      readonly kind: 'offer';
      readonly offer: string;
      readonly offer_ms: number;
      readonly impact: Impact | null;
    }
  | { readonly kind: 'accepted'; readonly operation: Operation | null }
  | { readonly kind: 'ended'; readonly operation: Operation }
  | { readonly kind: 'refused'; readonly problem: ReturnType<RoviError['toProblem']> }
  | { readonly kind: 'look'; readonly snapshot: Record<string, unknown> };

/** What became of a command that was accepted or refused once. */
type Outcome = { readonly operation: string } | { readonly said: Said };

/**
 * Does what signed requests ask of this robot: makes offers, and does what was offered, once. A request that comes a
 * second time is answered with what became of it and never done again.
 */
export class FleetDesk {
  readonly #options: FleetDeskOptions;
  readonly #robot: string;
  readonly #offers: OfferBook;
  readonly #done = new Map<string, Outcome>();

  constructor(options: FleetDeskOptions) {
    this.#options = options;
    const { robot, boot_id: bootId } = options.conductor.snapshot();
    this.#robot = robot;
    this.#offers = new OfferBook(bootId, options.clocks);
  }

  /** Answers with `say`, at once or later, once or twice; `again` where it has answered the same before. Never throws. */
  take(signed: SignedRequest, say: (reply: FleetReply, again: boolean) => void): void {
    const { request } = signed;
    const again = this.#done.has(keyOf(signed));
    const tell = (said: Said): void => say({ v: 1, robot: this.#robot, id: request.id, ...said }, again);
    void this.#answer(signed, tell).catch((error: unknown) => {
      tell({ kind: 'refused', problem: RoviError.from(error).toProblem() });
    });
  }

  async #answer(signed: SignedRequest, tell: (said: Said) => void): Promise<void> {
    const { request, role } = signed;
    const { conductor } = this.#options;
    switch (request.kind) {
      case 'look':
        tell({ kind: 'look', snapshot: { ...conductor.snapshot() } });
        return;
      case 'operation':
        tell(this.#stand(request.operation));
        return;
      case 'ask': {
        mustBeOperator(role);
        const { command, reason, offer_ms, on_behalf } = request;
        const impact = this.#impact(command);
        const behalf = on_behalf?.name ?? null;
        const offer = this.#offers.make({ command, reason, key: signed.key, behalf }, offer_ms);
        tell({ kind: 'offer', offer, offer_ms, impact });
        return;
      }
      case 'do':
        await this.#do(signed, request, tell);
    }
  }

  async #do(
    signed: SignedRequest,
    request: Extract<FleetRequest, { kind: 'do' }>,
    tell: (said: Said) => void,
  ): Promise<void> {
    const before = this.#done.get(keyOf(signed));
    if (before !== undefined) {
      tell('said' in before ? before.said : this.#stand(before.operation));
      return;
    }
    const keep = (outcome: Outcome): void => this.#keep(keyOf(signed), outcome);
    try {
      mustBeOperator(signed.role);
      const offer = this.#offers.take(request.offer, signed.key);
      if (offer === null || offer.behalf !== (request.on_behalf?.name ?? null))
        throw this.#noOffer(request.offer);
      const about = { actor: signed.actor, origin: signed.origin, reason: offer.reason };
      if (offer.command.kind === 'estop') {
        // Before it is done: while the disk is waited for the same request may come again.
        const said: Said = { kind: 'accepted', operation: null };
        keep({ said });
        await this.#options.tickets.estop(about);
        tell(said);
        return;
      }
      const confirm = request.confirm === null ? {} : { confirm: request.confirm };
      const { operation, finished } = this.#options.conductor.command({
        ...commandOf(offer.command),
        ...about,
        ...confirm,
      });
      keep({ operation: operation.id });
      tell({ kind: 'accepted', operation });
      tell({ kind: 'ended', operation: await finished });
    } catch (error) {
      const said: Said = { kind: 'refused', problem: RoviError.from(error).toProblem() };
      keep({ said });
      tell(said);
    }
  }

  #impact(command: FleetCommand): Impact | null {
    const { conductor } = this.#options;
    if (command.kind === 'estop') return null;
    const target = commandOf(command);
    if ('service' in target) return conductor.serviceImpact(target);
    if ('stack' in target) return conductor.impact(target.kind, target.stack);
    try {
      return conductor.impact(target.kind);
    } catch {
      // A stop of everything is not held up by what is not known.
      return null;
    }
  }

  #stand(id: string): Said {
    const operation = this.#options.conductor.operation(id);
    if (operation === undefined)
      throw new RoviError('not-found', `${this.#robot} no longer has operation ${id}`);
    return { kind: operation.outcome === 'running' ? 'accepted' : 'ended', operation };
  }

  #noOffer(word: string): RoviError {
    if (!this.#offers.isOfThisRun(word)) {
      return new RoviError(
        'robot-silent',
        `the gateway of ${this.#robot} has been started anew since: whether this was done is not known`,
        { mend: `Look at ${this.#robot} before you send it again.` },
      );
    }
    return new RoviError(
      'command-expired',
      `${this.#robot} does not do this: it came too late, or was done already`,
      { mend: 'Send the command again where it is still meant.' },
    );
  }

  #keep(id: string, outcome: Outcome): void {
    this.#done.set(id, outcome);
    const oldest = this.#done.keys().next().value;
    if (this.#done.size > KEPT && oldest !== undefined) this.#done.delete(oldest);
  }
}

function keyOf({ key, request }: SignedRequest): string {
  return `${key} ${request.id}`;
}

function mustBeOperator(role: Role): void {
  if (roleCovers(role, 'operator')) return;
  throw new RoviError('role-insufficient', 'to command it takes an operator; this is a viewer');
}

const serviceKinds = {
  'service-start': 'start',
  'service-stop': 'stop',
  'service-restart': 'restart',
  'service-rolling-restart': 'rolling-restart',
} as const;

/** The same as the conductor takes it. */
function commandOf(
  command: Exclude<FleetCommand, { kind: 'estop' }>,
):
  | { readonly kind: (typeof serviceKinds)[keyof typeof serviceKinds]; readonly service: string }
  | { readonly kind: 'start' | 'stop' | 'restart' | 'switch'; readonly stack: string }
  | { readonly kind: 'stop-all' } {
  if (command.kind === 'stop-all') return { kind: 'stop-all' };
  return 'stack' in command
    ? { kind: command.kind, stack: command.stack }
    : { kind: serviceKinds[command.kind], service: command.service };
}
