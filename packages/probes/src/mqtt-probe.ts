import type { MqttLink } from '@rovi/conductor';
import type { Probe, Seen, SpecOf } from './probe.js';
import { bad, good, unseen } from './probe.js';

const AWAY = 'the MQTT broker is not connected';

/**
 * Whether the catalog's broker is connected, and how old the last message on a topic is. A topic is watched from the first
 * look on, and anew when the broker is back; until `max_age` has passed since then, silence says nothing.
 */
export class MqttProbe implements Probe<'mqtt'> {
  readonly type = 'mqtt';
  readonly #link: MqttLink | null;
  readonly #monotonic: () => number;
  readonly #watchedSince = new Map<string, number>();

  /** Without a link there is no broker in the catalog. `monotonic` gives milliseconds. */
  constructor(link: MqttLink | null, monotonic: () => number) {
    this.#link = link;
    this.#monotonic = monotonic;
  }

  look({ topic, max_age }: SpecOf<'mqtt'>): Promise<Seen> {
    if (this.#link === null) return Promise.resolve(unseen('the catalog names no MQTT broker'));
    // Also while it is not connected: the link subscribes when it is.
    if (topic !== undefined) this.#watch(this.#link, topic);
    const { connected } = this.#link;
    if (topic === undefined) {
      return Promise.resolve(connected ? good('the MQTT broker is connected') : bad(AWAY));
    }
    // Who publishes there may be well: without the broker nobody can tell.
    if (!connected) {
      this.#watchedSince.delete(topic);
      return Promise.resolve(unseen(AWAY));
    }
    return Promise.resolve(this.#judge(this.#link, topic, max_age));
  }

  #judge(link: MqttLink, topic: string, maxAge: number): Seen {
    const last = link.lastMessage(topic);
    const watched = (this.#monotonic() - (this.#watchedSince.get(topic) ?? this.#monotonic())) / 1000;
    if (last === null) {
      const text = `no message on ${topic} in ${watched.toFixed(0)} s`;
      return watched > maxAge ? bad(text) : unseen(text);
    }
    const age_s = Math.round(last.ageMs / 10) / 100;
    const text = `last message on ${topic} ${age_s} s ago`;
    if (age_s <= maxAge) return good(text, { age_s });
    return watched > maxAge ? bad(`${text}, expected at most ${maxAge} s`, { age_s }) : unseen(text);
  }

  #watch(link: MqttLink, topic: string): void {
    link.watch(topic);
    if (!this.#watchedSince.has(topic)) this.#watchedSince.set(topic, this.#monotonic());
  }
}
