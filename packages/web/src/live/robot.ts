import { ApiClient, FetchTransport, LiveEvents, readLiveMessage, seen } from '@rovi/client/browser';
import type { LiveClock, LiveLink, OpenSocket, RobotView } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { Session } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { KeptToken } from '../session/kept-token.js';

/** Whether this device may look, and as whom. `wanted`: a token is to be entered, and `problem` says why. */
export type Access =
  | { readonly state: 'asking' }
  | { readonly state: 'granted'; readonly session: Session }
  | { readonly state: 'wanted'; readonly problem: RoviError };

export interface RobotState {
  readonly access: Access;
  readonly link: LiveLink;
  /** Null until the first snapshot. Only as old as `link` says. */
  readonly view: RobotView | null;
  /** What to add to the page's clock for the robot's wall clock, in milliseconds; null before the first word of it. */
  readonly clockOffset: number | null;
}

export interface RobotOptions {
  readonly clock: LiveClock;
  readonly open: OpenSocket;
  readonly token: KeptToken;
}

const TOKEN_CODES: ReadonlySet<string> = new Set(['token-required', 'token-rejected']);

/** The robot as this page knows it: who we are to it, how the link is, and what it last said. */
export class Robot {
  readonly store: StoreApi<RobotState>;
  readonly client: ApiClient;
  readonly clock: LiveClock;
  readonly #token: KeptToken;
  readonly #live: LiveEvents;
  #asking: Promise<void> | undefined;

  constructor({ clock, open, token }: RobotOptions) {
    this.clock = clock;
    this.#token = token;
    this.client = new ApiClient({
      transport: new FetchTransport({ token: () => token.read() }),
      face: 'web',
    });
    this.store = createStore<RobotState>(() => ({
      access: { state: 'asking' },
      link: { state: 'connecting', heardAt: null },
      view: null,
      clockOffset: null,
    }));
    this.#live = new LiveEvents({
      open,
      clock,
      read: readLiveMessage,
      onEvent: (event) => {
        this.store.setState(({ view }) => ({ view: seen(view, event), clockOffset: this.#offset(event.at) }));
      },
      onAlive: (at) => this.store.setState({ clockOffset: this.#offset(at) }),
      onLink: (link) => this.#linked(link),
    });
  }

  start(): void {
    this.#live.start();
    void this.#ask();
  }

  stop(): void {
    this.#live.stop();
  }

  /** Somebody looks again, or the network is back. */
  wake(): void {
    if (this.store.getState().access.state !== 'wanted') this.#live.wake();
  }

  /** Tries a token; it is kept where the robot takes it. Rejects with why not. */
  async signIn(token: string): Promise<void> {
    const before = this.#token.read();
    this.#token.keep(token);
    try {
      const session = await this.client.session();
      this.store.setState({ access: { state: 'granted', session }, view: null });
    } catch (error) {
      this.#token.keep(before);
      throw error;
    }
    this.#live.start();
  }

  /** Forgets the token of this device. */
  signOut(): void {
    this.#token.keep(null);
    this.#live.stop();
    const problem = new RoviError('token-required', 'you signed out on this device');
    this.store.setState({ access: { state: 'wanted', problem }, view: null });
  }

  #offset(at: string): number {
    return Date.parse(at) - this.clock.now();
  }

  #linked(link: LiveLink): void {
    this.store.setState({ link });
    if (link.state === 'ended') {
      this.#shut(link.problem);
    } else if (link.state === 'lost' ? !link.opened : this.store.getState().access.state === 'asking') {
      // A browser does not tell a page why a WebSocket was refused: an ordinary request does.
      void this.#ask();
    }
  }

  #ask(): Promise<void> {
    this.#asking ??= this.client
      .session()
      .then(
        (session) => this.store.setState({ access: { state: 'granted', session } }),
        (error: unknown) => {
          const problem = RoviError.from(error);
          if (TOKEN_CODES.has(problem.code)) this.#shut(problem);
          // All else is the link's to say.
        },
      )
      .finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  #shut(problem: RoviError): void {
    this.#live.stop();
    this.store.setState({ access: { state: 'wanted', problem }, view: null });
  }
}
