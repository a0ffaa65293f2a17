import type { RoviClient } from '@rovi/client';
import type { Operation, RoviEvent, Snapshot } from '@rovi/contract';
import { jsonLine, printable } from './control-codes.js';
import { followEvents } from './follow-events.js';
import { accountOf, lastOperation, readFigures, type Look } from './status-extras.js';
import type { Terminal } from './terminal.js';
import { untilEnded } from './until-ended.js';
import type { VerbContext } from './verb.js';
import { EventLines } from './views/event-line.js';
import { statusText } from './views/status.js';
import { WatchScreen } from './watch-screen.js';

/** Milliseconds between looks at CPU and memory: nobody signals these. */
const FIGURES_MS = 2_000;

/**
 * Shows every change until Ctrl-C: a screen that is redrawn on a terminal, one line a change elsewhere, one JSON event a
 * line with `asJson`. A lost gateway is said at once and waited for; the state of before stays, with its age.
 */
export async function watchStatus(context: VerbContext, asJson: boolean): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const lines = new EventLines(terminal.colour);
  await untilEnded(async (signal) => {
    const screen = terminal.live && !asJson ? new StatusScreen(context, client, signal) : null;
    try {
      screen?.start();
      await followEvents(client, signal, {
        resume: asJson,
        onEvent: (event) => {
          if (asJson) terminal.out(jsonLine(event));
          else if (screen === null) terminal.out(lines.next(event, Date.now()));
          else screen.hear(event);
        },
        onLost: (error) => {
          if (screen === null)
            terminal.err(`rovictl: link lost: ${printable(error.message)}; waiting for the gateway\n`);
          else screen.lose();
        },
        onBack: () => {
          if (screen === null) terminal.err('rovictl: link restored\n');
        },
      });
    } finally {
      screen?.end();
    }
  });
}

/** What it shows is the gateway's own snapshot, asked for after each event: no policy is repeated here. */
class StatusScreen {
  readonly #terminal: Terminal;
  readonly #client: RoviClient;
  /** Null for this machine. */
  readonly #host: string | null;
  readonly #signal: AbortSignal;
  readonly #screen: WatchScreen;
  #snapshot: Snapshot | null = null;
  #operation: Operation | null = null;
  #figures: Look | null = null;
  #user: string | null = null;
  #lostAt: number | null = null;
  #lookedAt = 0;
  #asking = false;
  #askAgain = false;

  constructor(context: VerbContext, client: RoviClient, signal: AbortSignal) {
    this.#terminal = context.terminal;
    this.#host = context.host();
    this.#client = client;
    this.#signal = signal;
    this.#screen = new WatchScreen(
      context.terminal,
      () => this.#text(),
      () => void this.#look(),
    );
  }

  start(): void {
    this.#screen.start();
  }

  end(): void {
    this.#screen.end();
  }

  lose(): void {
    this.#lostAt ??= Date.now();
    this.#screen.draw();
  }

  hear(event: RoviEvent): void {
    this.#lostAt = null;
    if (event.type === 'snapshot') {
      this.#snapshot = event.snapshot;
      this.#operation = event.snapshot.operation ?? this.#operation;
      if (event.snapshot.operation === null) {
        void lastOperation(this.#client).then((operation) => {
          this.#operation ??= operation;
          this.#screen.draw();
        });
      }
      // A PID of another machine says nothing here.
      if (this.#host === null) {
        void accountOf(event.snapshot.gateway?.main_pid ?? null).then((user) => {
          this.#user = user;
        });
      }
    } else {
      if (event.type === 'operation') this.#operation = event.operation;
      void this.#ask();
    }
    this.#screen.draw();
    void this.#look();
  }

  /** Fetches the whole state; events that come meanwhile cause one more fetch, not one each. */
  async #ask(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    try {
      do {
        this.#askAgain = false;
        this.#snapshot = await this.#client.state({ signal: this.#signal });
        this.#screen.draw();
      } while (this.#askAgain);
    } catch {
      // The event stream finds out about a lost gateway by itself.
    } finally {
      this.#asking = false;
    }
  }

  async #look(): Promise<void> {
    const active = this.#snapshot?.active ?? null;
    if (active === null || this.#lostAt !== null || performance.now() - this.#lookedAt < FIGURES_MS) return;
    this.#lookedAt = performance.now();
    this.#figures = await readFigures(this.#client, active, this.#figures);
    this.#screen.draw();
  }

  #text(): string {
    const { colour } = this.#terminal;
    if (this.#snapshot === null) return `${colour.magenta('?')} waiting for the gateway …\n`;
    return statusText({
      snapshot: this.#snapshot,
      source: 'gateway',
      now: Date.now(),
      colour,
      width: this.#terminal.width(),
      figures: this.#figures,
      operation: this.#operation,
      user: this.#user,
      lostAt: this.#lostAt,
      host: this.#host,
    });
  }
}
