import type { ApiClient, CommandOptions } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { Impact } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { ServiceWish, StackWish, Wish } from './wish.js';

/** What the person is asked before a command that hits more than its target. `changed`: not what was shown before. */
export interface Question {
  readonly wish: Wish;
  readonly impact: Impact;
  readonly changed: boolean;
}

export interface CommanderState {
  readonly question: Question | null;
  /** Commands that the robot has not taken yet. */
  readonly sending: readonly Wish[];
  /** Why the last command was not taken; null once it is dismissed or another one was taken. */
  readonly refusal: { readonly wish: Wish; readonly problem: RoviError } | null;
}

/** Milliseconds for the robot to take a command, and to say what it would hit. */
const TAKE_MS = 8_000;

/** Brings commands to the robot: asks first where they hit more than their target. What comes of them, events tell. */
export class Commander {
  readonly store: StoreApi<CommanderState> = createStore<CommanderState>(() => ({
    question: null,
    sending: [],
    refusal: null,
  }));
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /**
   * A person wants this. A stop of stacks is sent at once: nothing is to be asked before it. Of services it is asked
   * where others need them. Never rejects.
   */
  async wish(wish: Wish): Promise<void> {
    if (!('service' in wish) && (wish.kind === 'stop' || wish.kind === 'stop-all'))
      return this.#during(wish, () => this.#send(wish));
    return this.#during(wish, () => this.#askOrSend(wish, false));
  }

  /** The person has read the question and wants it all the same. */
  async confirm(): Promise<void> {
    const { question } = this.store.getState();
    if (question === null) return;
    const { wish, impact } = question;
    return this.#during(wish, () => this.#sendAsShown(wish, impact));
  }

  /** The person does not want what was asked. */
  cancel(): void {
    this.store.setState({ question: null });
  }

  /** The refusal was read. */
  dismiss(): void {
    this.store.setState({ refusal: null });
  }

  async #askOrSend(wish: Wish, changed: boolean): Promise<void> {
    const impact = await this.#impact(wish);
    if (impact.confirm) return this.store.setState({ question: { wish, impact, changed } });
    return this.#sendAsShown(wish, impact);
  }

  async #sendAsShown(wish: Wish, impact: Impact): Promise<void> {
    try {
      await this.#send(wish, impact.token);
    } catch (error) {
      if (RoviError.from(error).code !== 'situation-changed') throw error;
      // What to ask about is read anew; whether to ask still, the new situation says, but a person who was asked is told.
      const next = await this.#impact(wish);
      this.store.setState({ question: { wish, impact: next, changed: true } });
    }
  }

  #impact(wish: Wish): Promise<Impact> {
    if ('service' in wish) {
      const { kind: command, ...intent } = wish;
      return this.#client.serviceImpact({ command, ...intent }, { timeout: TAKE_MS });
    }
    const { kind, stack } = wish;
    const intent = { command: kind, ...(stack === null ? {} : { stack }) };
    return this.#client.impact(intent, { timeout: TAKE_MS });
  }

  async #send(wish: Wish, confirm?: string): Promise<void> {
    const options = { async: true, timeout: TAKE_MS, ...(confirm === undefined ? {} : { confirm }) };
    if ('service' in wish) await this.#sendToService(wish, options);
    else await this.#sendToStack(wish, options);
    this.store.setState({ question: null, refusal: null });
  }

  async #sendToStack({ kind, stack }: StackWish, options: CommandOptions): Promise<void> {
    if (kind === 'stop-all' || stack === null) {
      await this.#client.stopAll(options);
    } else if (kind === 'switch') await this.#client.switchTo(stack, options);
    else await this.#client[kind](stack, options);
  }

  async #sendToService(wish: ServiceWish, options: CommandOptions): Promise<void> {
    const { service } = wish;
    switch (wish.kind) {
      case 'start':
        await this.#client.startService(service, options);
        return;
      case 'stop':
        await this.#client.stopService(service, options);
        return;
      case 'restart':
        await this.#client.restartService(service, options);
        return;
      case 'rolling-restart':
        await this.#client.restartService(service, { ...options, rolling: true });
        return;
      case 'scale':
        await this.#client.scaleService(service, wish.instances, options);
    }
  }

  async #during(wish: Wish, work: () => Promise<void>): Promise<void> {
    this.store.setState(({ sending }) => ({ sending: [...sending, wish] }));
    try {
      await work();
    } catch (error) {
      this.store.setState({ question: null, refusal: { wish, problem: RoviError.from(error) } });
    } finally {
      this.store.setState(({ sending }) => ({ sending: sending.filter((one) => one !== wish) }));
    }
  }
}
