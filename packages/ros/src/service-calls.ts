import type { Command, ConductorApi } from '@rovi/conductor';
import type { Actor, Operation, Origin } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { FacePolicy, ServiceAction } from './face-spec.js';
import { serviceActions } from './face-spec.js';
import { refusalOf, triggerOf } from './messages/trigger.js';
import { getStateResponse, operationResponse, refusalResponse } from './messages/typed.js';
import type { RosMessage } from './ros-transport.js';
import { Turnstile } from './turnstile.js';

/** ROS does not say who calls. */
const actor: Actor = { name: 'ros', face: 'ros', verified: false };
const origin: Origin = { transport: 'ros', peer: null, via: null, role: null };
const REASON_CHARACTERS = 500;

/**
 * Answers service calls with the real outcome: one conductor call each, but that a flood of the same calls becomes a few.
 */
export class ServiceCalls {
  readonly #conductor: ConductorApi;
  readonly #actions: ReadonlyMap<string, ServiceAction>;
  readonly #stacks: FacePolicy['stacks'];
  readonly #turnstiles = new Map<string, Turnstile<Operation>>();

  constructor(conductor: ConductorApi, policy: FacePolicy) {
    this.#conductor = conductor;
    this.#actions = serviceActions(policy);
    this.#stacks = policy.stacks;
  }

  /** Resolves with the response when the operation has ended, at once where it is not begun. Never rejects. */
  async answer(service: string, request: RosMessage): Promise<RosMessage> {
    const action = this.#actions.get(service);
    try {
      if (action === undefined) throw new RoviError('not-found', `there is no service ${service}`);
      if (action.kind === 'get-state') return this.#state(action.typed);
      const operation = await this.#command(commandOf(action, request));
      return action.typed ? operationResponse(operation) : { ...triggerOf(operation) };
    } catch (error) {
      return action?.typed === true ? refusalResponse(error) : { ...refusalOf(error) };
    }
  }

  #command(command: Command): Promise<Operation> {
    const key = `${command.kind} ${command.stack ?? ''}`;
    const turnstile = this.#turnstiles.get(key) ?? new Turnstile();
    // Only for stacks that are there: names that callers make up must not be kept.
    if (command.stack === undefined || Object.hasOwn(this.#stacks, command.stack))
      this.#turnstiles.set(key, turnstile);
    return turnstile.pass(() => this.#conductor.command(command).finished);
  }

  #state(typed: boolean): RosMessage {
    const snapshot = this.#conductor.snapshot();
    return typed ? getStateResponse(snapshot) : { success: true, message: JSON.stringify(snapshot) };
  }
}

function commandOf({ kind, stack, typed }: ServiceAction, request: RosMessage): Command {
  const said = typed && typeof request['reason'] === 'string' ? request['reason'] : '';
  const reason = said.slice(0, REASON_CHARACTERS);
  if (kind === 'stop-all') return { kind, actor, origin, reason };
  if (kind === 'get-state') throw new RoviError('internal', 'no command');
  const named = stack ?? request['stack'];
  if (typeof named !== 'string' || named === '') {
    throw new RoviError('bad-request', 'the request names no stack', {
      mend: 'Set `stack` to the name of a stack of the catalog, for example "nav".',
    });
  }
  return { kind, actor, origin, reason, stack: named };
}
