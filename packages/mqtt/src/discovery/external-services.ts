import type { DiscoveryEvent, ExternalService } from '@rovi/contract';
import { healthWord } from './health-word.js';

/** Services of others that are kept at most. */
export const MOST_EXTERNAL = 500;

/**
 * What came of a message: `news` where the list is another, `seen` where only the time of it is, `none` where there is
 * nothing to tell, `full` where there is no room for one more.
 */
export type Folded = 'news' | 'seen' | 'none' | 'full';

/** The services of others, folded from what they tell; bounded, whatever they tell. */
export class ExternalServices {
  readonly #services = new Map<string, ExternalService>();
  #own: ReadonlySet<string> = new Set();

  /** By name. */
  get list(): ExternalService[] {
    return [...this.#services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names of this catalog's services: they are not others'. Tells whether one had to go. */
  setOwn(own: ReadonlySet<string>): boolean {
    this.#own = own;
    let gone = false;
    for (const name of own) gone = this.#services.delete(name) || gone;
    return gone;
  }

  /**
   * Takes in one message. A change of health of a service that was never registered here registers it: its registration
   * may have been before this gateway's time. `now` is RFC 3339.
   */
  take({ event_type: type, service_data: told }: DiscoveryEvent, now: string): Folded {
    const name = told.service_name;
    if (this.#own.has(name)) return 'none';
    const known = this.#services.get(name);
    if (type === 'service_unregistered') return this.#services.delete(name) ? 'news' : 'none';
    if (known === undefined && this.#services.size >= MOST_EXTERNAL) return 'full';
    const registers = type === 'service_registered' || known === undefined;
    const keepsHealth = type === 'service_registered' && told.health_status === undefined;
    const next: ExternalService = {
      name,
      description: registers ? told.description : told.description || known.description,
      version: registers ? told.version : told.version || known.version,
      health: keepsHealth && known !== undefined ? known.health : healthWord(told.health_status),
      registered_at: known?.registered_at ?? now,
      last_seen: now,
    };
    this.#services.set(name, next);
    const same =
      known !== undefined &&
      known.description === next.description &&
      known.version === next.version &&
      known.health === next.health;
    return same ? 'seen' : 'news';
  }
}
