import { setTimeout as delay } from 'node:timers/promises';
import { seen, type ApiClient } from '@rovi/client';
import { RoviError, type RoviEvent, type ServiceStatus } from '@rovi/contract';
import { unheardHost, withFigures, type HostState } from './host-state.js';

/**
 * One host's link: its events, and the figures of what is on the screen. It goes on for ever, whatever happens to the
 * host, and no other host waits for it.
 *
 * An open connection is no proof of anything: a cable that was taken out is noticed by nobody. So each host is asked
 * something every two seconds, and one that neither answers nor says anything for {@link SILENCE_MS} is lost.
 */

/** Milliseconds between looks at figures: nobody signals these. */
const LOOK_MS = 2_000;
/** Milliseconds for an answer to a look. */
const ANSWER_MS = 3_500;
/** Milliseconds without a sign of life after which a host that owes an answer is lost. */
export const SILENCE_MS = 4_000;
/** Looks at a time, each on a connection of its own. */
const AT_ONCE = 8;
/** The list of all units is asked for where more than one in so many is on the screen. */
const LIST_FROM = 8;

/** What passes by itself, if one waits. */
const passing: ReadonlySet<string> = new Set([
  'gateway-unreachable',
  'host-unreachable',
  'client-too-slow',
  'too-many-clients',
]);

export interface HostLinkOptions {
  readonly name: string;
  /** The client; may be called again after a rejection. */
  readonly client: () => Promise<ApiClient>;
  /** Hears of every change. */
  readonly onChange: () => void;
}

export class HostLink {
  readonly #options: HostLinkOptions;
  #state: HostState;
  #wanted: readonly string[] = [];
  #retry = new AbortController();

  constructor(options: HostLinkOptions) {
    this.#options = options;
    this.#state = unheardHost(options.name);
  }

  /** How the host is now. */
  get state(): HostState {
    return this.#state;
  }

  get name(): string {
    return this.#options.name;
  }

  /** The client; rejects with why there is no way to the host. */
  client(): Promise<ApiClient> {
    return this.#options.client();
  }

  /** The units whose figures are looked at from now on, by name. */
  want(units: readonly string[]): void {
    this.#wanted = units;
  }

  /** Does not wait for the next attempt. */
  hurry(): void {
    this.#retry.abort();
  }

  /** Follows the host until the signal aborts; never rejects. */
  async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const heard = this.#state.heardAt;
      try {
        await this.#connection(await this.client(), signal);
      } catch (thrown) {
        if (signal.aborted) return;
        const problem = RoviError.from(thrown);
        failures = this.#state.heardAt === heard ? failures + 1 : 1;
        await this.#lose(problem, retryDelay(failures, passing.has(problem.code)), signal);
      }
    }
  }

  /** One connection; ends only by throwing. */
  async #connection(client: ApiClient, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => {
      over.abort(signal.reason);
    };
    signal.addEventListener('abort', end);
    // An ssh that logs in well and a gateway that then says nothing is as lost as one that does neither.
    let late: NodeJS.Timeout | null = setTimeout(() => {
      over.abort(silent());
    }, 2 * SILENCE_MS);
    try {
      for await (const event of client.events({ signal: over.signal })) {
        if (late !== null) {
          clearTimeout(late);
          late = null;
          void this.#looks(client, over);
        }
        this.#hear(event);
      }
    } finally {
      signal.removeEventListener('abort', end);
      if (late !== null) clearTimeout(late);
      over.abort(new Error('the connection is over'));
    }
  }

  #hear(event: RoviEvent): void {
    const view = seen(this.#state.view, event);
    if (view === null) return;
    const now = Date.now();
    const clockAhead = Date.parse(event.at) - now;
    this.#become({ view, link: { state: 'live' }, heardAt: now, changedAt: now, clockAhead });
  }

  async #lose(problem: RoviError, ms: number, signal: AbortSignal): Promise<void> {
    const { link } = this.#state;
    const since = link.state === 'lost' ? link.since : Date.now();
    this.#become({ link: { state: 'lost', since, problem, retryAt: Date.now() + ms } });
    this.#retry = new AbortController();
    await delay(ms, undefined, { signal: AbortSignal.any([signal, this.#retry.signal]) }).catch(
      () => undefined,
    );
  }

  async #looks(client: ApiClient, over: AbortController): Promise<void> {
    while (!over.signal.aborted) {
      try {
        const services = await this.#look(client, over.signal);
        const now = Date.now();
        this.#become({ heardAt: now, figures: withFigures(this.#state.figures, services, now) });
      } catch (thrown) {
        if (over.signal.aborted) return;
        // An answer that is late says nothing of a host that speaks.
        const { heardAt } = this.#state;
        if (heardAt === null || Date.now() - heardAt >= SILENCE_MS) {
          over.abort(isTimeout(thrown) ? silent() : RoviError.from(thrown));
          return;
        }
      }
      await delay(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  /** What is on the screen; where that is nothing, only whether the host answers. */
  async #look(client: ApiClient, signal: AbortSignal): Promise<readonly ServiceStatus[]> {
    const options = { signal, timeout: ANSWER_MS };
    const wanted = this.#wanted;
    const snapshot = this.#state.view?.snapshot;
    const units = 1 + (snapshot?.stacks.length ?? 0) + (snapshot?.services.length ?? 0);
    if (wanted.length === 0) {
      await client.health(options);
      return [];
    }
    if (wanted.length * LIST_FROM >= units) return client.services(options);
    const found: ServiceStatus[] = [];
    for (let first = 0; first < wanted.length; first += AT_ONCE) {
      const names = wanted.slice(first, first + AT_ONCE);
      const answers = await Promise.allSettled(names.map((name) => client.service(name, options)));
      for (const answer of answers) {
        if (answer.status === 'fulfilled') found.push(answer.value);
        // A unit that is gone from the catalog is no fault of the host's.
        else if (RoviError.from(answer.reason).code !== 'not-found') throw answer.reason;
      }
    }
    return found;
  }

  #become(change: Partial<HostState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onChange();
  }
}

/** Milliseconds before the next attempt. What does not pass by itself is asked seldom: an sshd counts refused logins. */
export function retryDelay(failures: number, passes: boolean): number {
  return passes ? Math.min(5_000, 250 * 2 ** Math.min(failures, 6)) : 30_000;
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof RoviError && thrown.context['reason'] === 'timeout';
}

function silent(): RoviError {
  return new RoviError('gateway-unreachable', `it has said nothing for ${String(SILENCE_MS / 1000)} s`, {
    mend: 'It is tried again. Stacks that run, run on.',
    context: { reason: 'timeout' },
  });
}
