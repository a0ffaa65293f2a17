/** Words and bytes of one robot that are read in a second: a look at it may be as large as a packet. */
const WORDS = 200;
const BYTES = 2_097_152;

/** Keeps one robot that says too much from taking the time in which the others are heard. */
export class FloodGate {
  #second = -1;
  readonly #heard = new Map<string, { words: number; bytes: number }>();

  /** Whether this word of the robot is to be read. `now`: monotonic milliseconds. */
  admits(robot: string, bytes: number, now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) this.#heard.clear();
    this.#second = second;
    const heard = this.#heard.get(robot) ?? { words: 0, bytes: 0 };
    heard.words += 1;
    heard.bytes += bytes;
    this.#heard.set(robot, heard);
    return heard.words <= WORDS && heard.bytes <= BYTES;
  }
}
