import type { ApiClient } from '@rovi/client';
import { GATEWAY_UNIT, RoviError, type LogEntry } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { gatewayRecordText } from '../views/gateway-record.js';
import { clockText } from '../views/moment.js';
import type { Action } from './keys.js';
import { pieces } from './text-width.js';
import type { UnitRow } from './unit-row.js';

/** Entries kept; older ones are forgotten. */
const KEPT = 2_000;
/** Entries from before that are shown first. */
const FIRST = 200;

/** The journal of one unit as it comes. It stays at its end until somebody scrolls up. */
export class LogPane {
  readonly title: string;
  readonly #onChange: () => void;
  readonly #over = new AbortController();
  #entries: LogEntry[] = [];
  /** The entry that is last on the screen; null for the newest. */
  #held: LogEntry | null = null;
  #problem: string | null = null;
  #began = false;

  constructor(row: UnitRow, onChange: () => void) {
    this.title = `${row.label} on ${row.host}`;
    this.#onChange = onChange;
  }

  /** Follows until {@link close}; never rejects. */
  async follow(client: Promise<ApiClient>, row: UnitRow): Promise<void> {
    const options = {
      lines: FIRST,
      signal: this.#over.signal,
      reconnect: true,
      onConnect: () => {
        this.#tell(null);
      },
      onDisconnect: (error: RoviError) => {
        this.#tell(`link lost: ${error.message}`);
      },
    };
    try {
      const way = await client;
      const entries =
        row.kind === 'stack' ? way.followLogs(row.name, options) : way.followServiceLogs(row.name, options);
      for await (const entry of entries) {
        this.#entries.push(entry);
        if (this.#entries.length > KEPT) this.#entries.splice(0, this.#entries.length - KEPT);
        this.#onChange();
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.#tell(RoviError.from(error).message);
    }
  }

  close(): void {
    this.#over.abort(new Error('closed'));
  }

  /** Scrolls, or holds the picture; false where the key is for somebody else. */
  press(action: Action | 'hold', height: number): boolean {
    const page = Math.max(1, height - 1);
    const steps: Partial<Record<Action | 'hold', number>> = {
      up: -1,
      down: 1,
      'page-up': -page,
      'page-down': page,
      first: -KEPT,
      last: KEPT,
      hold: this.#held === null ? 0 : KEPT,
    };
    const by = steps[action];
    return by === undefined ? false : this.#scroll(by, page);
  }

  /** What to show in so many lines and columns: the title, then the entries. */
  lines(look: {
    readonly now: number;
    readonly colour: Colors;
    readonly width: number;
    readonly height: number;
  }): string[] {
    const { colour, width, height } = look;
    const last = this.#held === null ? this.#entries.length - 1 : this.#entries.indexOf(this.#held);
    const newer = this.#entries.length - 1 - last;
    const state =
      this.#problem !== null
        ? colour.red(`✗ ${printable(this.#problem)}`)
        : this.#held === null
          ? colour.green(this.#began ? '● follows' : '◐ asking …')
          : colour.yellow(`held${newer > 0 ? `, ${String(newer)} newer` : ''}: End goes on`);
    const shown: string[] = [];
    for (let index = last; index >= 0 && shown.length < height - 1; index -= 1) {
      const entry = this.#entries[index];
      if (entry !== undefined) shown.unshift(...entryLines(entry, look.now, width, colour));
    }
    const empty = this.#began && this.#entries.length === 0 ? [colour.dim('no lines yet')] : [];
    const fits = shown.slice(Math.max(0, shown.length - (height - 1)));
    return [`${colour.bold(`journal of ${printable(this.title)}`)}  ${state}`, ...empty, ...fits];
  }

  /** Never so far up that the picture would not be full. */
  #scroll(by: number, page: number): boolean {
    const newest = this.#entries.length - 1;
    const now = this.#held === null ? newest : this.#entries.indexOf(this.#held);
    const next = Math.min(newest, Math.max(page - 1, now + by, 0));
    this.#held = next >= newest && by > 0 ? null : (this.#entries[next] ?? null);
    this.#onChange();
    return true;
  }

  #tell(problem: string | null): void {
    this.#problem = problem;
    this.#began = true;
    this.#onChange();
  }
}

/** An entry in lines of at most so many columns; errors red, warnings yellow. */
function entryLines(entry: LogEntry, now: number, width: number, colour: Colors): string[] {
  const who = printable(entry.identifier ?? entry.unit);
  const record = entry.unit === GATEWAY_UNIT ? gatewayRecordText(entry.message) : null;
  const paint =
    entry.priority <= 3
      ? colour.red
      : entry.priority === 4
        ? colour.yellow
        : entry.priority === 7 || entry.identifier === 'systemd'
          ? colour.dim
          : (text: string): string => text;
  return (record ?? entry.message)
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((line, index) => {
      const text = printable(line).replaceAll('\t', '    ');
      return pieces(index === 0 ? `${clockText(entry.at, now)} ${who}: ${text}` : `    ${text}`, width);
    })
    .map((line) => paint(line));
}
