import { RoviError } from '@rovi/contract';
import type { Request } from '../command-request.js';
import { printable } from '../control-codes.js';
import { STOP_MS, withMachineEstop } from '../machine-estop.js';
import { runCommand } from '../stack-command.js';
import { withStopThere } from '../stop-advice.js';
import { runsOnText } from '../views/ticket-desk.js';
import { fallbackOf, hitBy, within, type CommandedHost, type Hit } from './command-hit.js';
import { saidLines } from './said-lines.js';
import type { UnitRow } from './unit-row.js';

/**
 * What is commanded from the screen. A command goes to the host of the row it was given for, whatever is selected
 * meanwhile, and never anywhere else. A stop of all and the e-stop are sent at once: they wait for no question.
 */

/** Commands kept that have ended. */
const KEPT = 5;

/** Something that was commanded, and what became of it. */
export interface Activity {
  /** `stop camera on yard`. */
  readonly title: string;
  readonly state: 'asking' | 'running' | 'done' | 'failed';
  /** What was said last. */
  readonly text: string;
  /** What to do about a failure. */
  readonly mend: string;
  /** When it ended, in milliseconds since the epoch; null while it has not. */
  readonly endedAt: number | null;
  /** A stop: whoever leaves must hear what became of it. */
  readonly stops: boolean;
}

/** What has to be said yes to. */
export interface Question {
  /** What the command would hit, in lines of at most so many columns where that goes. */
  readonly lines: Hit['lines'];
  /** `stop camera on yard?` */
  readonly ask: string;
  readonly yes: () => void;
}

export interface CommandDeskOptions {
  readonly onChange: () => void;
  /** Asked; at most one question stands. */
  readonly onQuestion: (question: Question) => void;
}

export class CommandDesk {
  readonly #options: CommandDeskOptions;
  #activities: readonly Activity[] = [];
  #running = new Set<Promise<void>>();
  /** What was asked for last: only its question may be put. */
  #asked: Activity | null = null;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** The newest last. */
  get activities(): readonly Activity[] {
    return this.#activities;
  }

  /** Forgets what has ended. */
  clear(): void {
    this.#activities = this.#activities.filter(({ state }) => state === 'asking' || state === 'running');
    this.#options.onChange();
  }

  /** Resolves when no stop is under way. */
  async stopsEnded(): Promise<void> {
    while (this.#activities.some(({ state, stops }) => stops && state === 'running')) {
      await Promise.race(this.#running);
    }
  }

  /** A start; asked about where another stack has to stop for it. */
  start(at: CommandedHost, row: UnitRow): void {
    const request = requestOf(row, 'start');
    const snapshot = at.state.view?.snapshot;
    const active = row.kind === 'stack' ? (snapshot?.active ?? null) : null;
    if (active === null || active === row.name) return this.#send(at, `start ${row.label}`, request);
    const title = `switch ${printable(active)} → ${row.label}`;
    void this.#ask(at, { title, row, request: { ...request, kind: 'switch' } });
  }

  /** A stop or a restart; what it hits is shown and has to be said yes to. */
  end(at: CommandedHost, row: UnitRow, kind: 'stop' | 'restart'): void {
    void this.#ask(at, { title: `${kind} ${row.label}`, row, request: requestOf(row, kind) });
  }

  /** Stops every stack of the host, at once. */
  stopAll(at: CommandedHost): void {
    this.#send(at, 'stop-all', { kind: 'stop-all', stack: null, reason: '' });
  }

  /** The e-stop of tickets on the host, at once. */
  estop(at: CommandedHost): void {
    this.#do(at, { title: 'e-stop', stops: true }, async (say) => {
      const { active } = at.state.view?.snapshot ?? { active: null };
      try {
        const client = await within(at.client(), STOP_MS);
        const { stored } = await client.tickets.estop({ timeout: STOP_MS });
        const forgotten = stored ? '' : ' It could not be written down: a restart of the gateway forgets it.';
        say(
          `no ticket moves the robot until \`rovictl estop reset\`.${forgotten} ${printable(runsOnText(active).trim())}`,
        );
      } catch (error) {
        throw withMachineEstop(error, at.host);
      }
    });
  }

  async #ask(
    at: CommandedHost,
    wish: { readonly title: string; readonly row: UnitRow; readonly request: Request },
  ): Promise<void> {
    const { row, request } = wish;
    const title = `${wish.title} on ${at.state.name}`;
    const asking: Activity = {
      title,
      state: 'asking',
      text: 'looking what it hits …',
      mend: '',
      endedAt: null,
      stops: false,
    };
    this.#asked = asking;
    this.#add(asking);
    try {
      const { lines, confirm, unreachable, nothing } = await hitBy(at, row, request);
      if (nothing !== undefined) {
        this.#replace(asking, { ...asking, state: 'done', text: nothing, endedAt: Date.now() });
        return;
      }
      // Two questions in a row: a yes to the one would be taken for the other's.
      if (this.#asked !== asking) {
        const text = 'not asked, for something else was asked for since: nothing was done';
        this.#replace(asking, { ...asking, state: 'done', text, endedAt: Date.now() });
        return;
      }
      this.#drop(asking);
      this.#options.onQuestion({
        lines,
        ask: `${title}?`,
        yes: () => {
          this.#send(
            at,
            wish.title,
            { ...request, ...(confirm === undefined ? {} : { confirm }) },
            unreachable,
          );
        },
      });
    } catch (error) {
      const failure =
        request.kind === 'stop' && at.host !== null
          ? withStopThere(error, at.host, `${row.kind} stop ${row.name}`)
          : RoviError.from(error);
      this.#replace(asking, { ...asking, state: 'failed', ...told(failure) });
    }
  }

  #send(at: CommandedHost, title: string, request: Request, unreachable?: RoviError): void {
    const stops = request.kind === 'stop' || request.kind === 'stop-all';
    this.#do(at, { title, stops }, async (say) => {
      const client = await at.client().catch((error: unknown) => {
        throw stops && at.host !== null ? withStopThere(error, at.host, stopWords(request)) : error;
      });
      const fallback = stops ? fallbackOf(at, request) : undefined;
      await runCommand({ terminal: saidLines(say), client, host: at.host }, request, {
        ...(fallback === undefined ? {} : { fallback }),
        ...(unreachable === undefined ? {} : { unreachable }),
      });
    });
  }

  #do(
    at: CommandedHost,
    { title, stops }: { readonly title: string; readonly stops: boolean },
    work: (say: (text: string) => void) => Promise<void>,
  ): void {
    let now: Activity = {
      title: `${title} on ${at.state.name}`,
      state: 'running',
      text: 'sent …',
      mend: '',
      endedAt: null,
      stops,
    };
    this.#add(now);
    const become = (change: Partial<Activity>): void => {
      const next = { ...now, ...change };
      this.#replace(now, next);
      now = next;
    };
    const run = work((text) => {
      become({ text: printable(text.replace(/^[✓·] /, '')) });
    }).then(
      () => {
        become({ state: 'done', endedAt: Date.now() });
      },
      (error: unknown) => {
        become({ state: 'failed', ...told(RoviError.from(error)) });
      },
    );
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  #add(activity: Activity): void {
    const ended = this.#activities.filter(({ state }) => state === 'done' || state === 'failed');
    const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - KEPT)));
    this.#activities = [...this.#activities.filter((one) => !forgotten.has(one)), activity];
    this.#options.onChange();
  }

  #replace(before: Activity, after: Activity): void {
    this.#activities = this.#activities.map((one) => (one === before ? after : one));
    this.#options.onChange();
  }

  #drop(activity: Activity): void {
    this.#activities = this.#activities.filter((one) => one !== activity);
    this.#options.onChange();
  }
}

function requestOf(row: UnitRow, kind: 'start' | 'stop' | 'restart'): Request {
  return row.kind === 'stack'
    ? { kind, stack: row.name, reason: '' }
    : { kind, stack: null, service: row.name, reason: '' };
}

function stopWords({ stack, service }: Request): string {
  if (service !== undefined) return `service stop ${service}`;
  return stack === null ? 'stop-all' : `stack stop ${stack}`;
}

function told(failure: RoviError): Pick<Activity, 'text' | 'mend' | 'endedAt'> {
  return {
    endedAt: Date.now(),
    text: `${printable(failure.message)} [${failure.code}]`,
    mend: printable(failure.mend),
  };
}
