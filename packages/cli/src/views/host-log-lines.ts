import type { LogEntry } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { logLine } from './log-line.js';

/** Journal entries of several hosts, each line with whose it is: a column, and a colour of its own for each host. */
export class HostLogLines {
  readonly #colour: Colors;
  readonly #heads: ReadonlyMap<string, string>;

  constructor(hosts: readonly string[], colour: Colors) {
    this.#colour = colour;
    // Red and yellow are for what is wrong.
    const paints = [colour.cyan, colour.magenta, colour.green, colour.blue];
    const width = Math.max(0, ...hosts.map((host) => printable(host).length));
    this.#heads = new Map(
      hosts.map((host, index) => {
        const paint = paints[index % paints.length] ?? colour.cyan;
        return [host, `${paint(printable(host).padEnd(width))} ${colour.dim('│')} `];
      }),
    );
  }

  /** The lines of one entry. `now`: milliseconds since the epoch. */
  line(host: string, entry: LogEntry, now: number): string {
    const head = this.#heads.get(host) ?? '';
    return logLine(entry, now, this.#colour).replace(/^(?=.)/gm, () => head);
  }
}
