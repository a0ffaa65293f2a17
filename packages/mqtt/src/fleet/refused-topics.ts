import type { Answer } from '../publication.js';

/** What the broker does not take of one connection: topics, with why. */
export class RefusedTopics {
  readonly #why = new Map<string, string>();

  /** The broker has answered a publication at `topic`. */
  answered(topic: string, { kind, text }: { readonly kind: Answer['kind']; readonly text?: string }): void {
    if (kind === 'refused') this.#why.set(topic, text ?? '');
    else if (kind === 'taken') this.#why.delete(topic);
  }

  clear(): void {
    this.#why.clear();
  }

  /** For people; null where everything was taken. */
  get text(): string | null {
    const [first] = this.#why;
    return first === undefined ? null : `${first[0]}: ${first[1]}`;
  }
}
