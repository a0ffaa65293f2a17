import { randomBytes } from 'node:crypto';
import type { FleetCommand } from '@rovi/contract';

/** Offers that stand at most; beyond it the oldest is withdrawn. */
const OFFERS = 500;

/**
 * How far clocks have gone, in milliseconds: one that never jumps, one that counts while the machine sleeps, and the time
 * of day. No one of them is right on every robot.
 */
export interface FleetClocks {
  monotonic(): number;
  uptime(): number;
  wall(): number;
}

/** What was offered: a command to a key, for so long. */
export interface Offer {
  readonly command: FleetCommand;
  readonly reason: string;
  /** The public key that asked: no other may accept. */
  readonly key: string;
  /** For whom it asked. */
  readonly behalf: string | null;
}

interface Standing extends Offer {
  readonly ms: number;
  readonly since: readonly number[];
}

/**
 * The offers of this run of the gateway, in memory. Each is for one command, one key and one time. Of three clocks the one
 * that went farthest counts, backwards as well: a jump withdraws offers, and never prolongs one.
 */
export class OfferBook {
  readonly #clocks: FleetClocks;
  readonly #run: string;
  readonly #offers = new Map<string, Standing>();

  /** `bootId` is that of this run. */
  constructor(bootId: string, clocks: FleetClocks) {
    this.#clocks = clocks;
    this.#run = `${bootId.slice(0, 8)}.`;
  }

  /** A word that stands for this offer for `ms`. */
  make(offer: Offer, ms: number): string {
    this.#withdrawLate();
    const word = `${this.#run}${randomBytes(24).toString('base64url')}`;
    this.#offers.set(word, { ...offer, ms, since: this.#read() });
    const oldest = this.#offers.keys().next().value;
    if (this.#offers.size > OFFERS && oldest !== undefined) this.#offers.delete(oldest);
    return word;
  }

  /** The offer, which stands no longer; null where it does not stand, or is another's. */
  take(word: string, key: string): Offer | null {
    const offer = this.#offers.get(word);
    if (offer === undefined || offer.key !== key) return null;
    this.#offers.delete(word);
    return this.#isLate(offer) ? null : offer;
  }

  /** Whether this run made it, whatever became of it. */
  isOfThisRun(word: string): boolean {
    return word.startsWith(this.#run);
  }

  #read(): number[] {
    return [this.#clocks.monotonic(), this.#clocks.uptime(), this.#clocks.wall()];
  }

  #isLate({ since, ms }: Standing): boolean {
    return this.#read().some((now, index) => Math.abs(now - (since[index] ?? 0)) > ms);
  }

  #withdrawLate(): void {
    for (const [word, offer] of this.#offers) if (this.#isLate(offer)) this.#offers.delete(word);
  }
}
