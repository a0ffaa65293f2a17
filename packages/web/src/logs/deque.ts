/** A list that grows at its end and is taken from at its start, both in constant time. */
export class Deque<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The item at this place, 0 the oldest; undefined where there is none. */
  at(index: number): Item | undefined {
    return index < 0 ? undefined : this.#items[this.#head + index];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the oldest. */
  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    // What was taken is let go of at the latest when it is half of what is held.
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The items from the oldest on, from this place. */
  *from(index = 0): Generator<Item, void, undefined> {
    for (let at = this.#head + index; at < this.#items.length; at += 1) yield this.#items[at] as Item;
  }
}
