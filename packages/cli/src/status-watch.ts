import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import type { Operation, RoviEvent, Snapshot } from '@rovi/contract';
import { jsonLine, presentable, printable } from './control-codes.js';
import { followEvents } from './follow-events.js';
import { accountOf, lastOperation, readFigures, type Look } from './status-extras.js';
import type { Terminal } from './terminal.js';
import type { VerbContext } from './verb.js';
import { EventLines } from './views/event-line.js';
import { statusText } from './views/status.js';

/** Milliseconds between redraws for the ages alone; changes are drawn at once. */
const REDRAW_MS = 1_000;
/** Milliseconds between looks at CPU and memory: nobody signals these. */
const FIGURES_MS = 2_000;

/**
 * Shows every change until Ctrl-C: a screen that is redrawn on a terminal, one line a change elsewhere, one JSON event a
 * line with `asJson`. A lost gateway is said at once and waited for; the state of before stays, with its age.
 */
export async function watchStatus(context: VerbContext, asJson: boolean): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const over = new AbortController();
  const end = (): void => {
    over.abort(new Error('interrupted'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  const lines = new EventLines(terminal.colour);
  const screen = terminal.live && !asJson ? new Screen(context, client, over.signal) : null;
  try {
    screen?.start();
    await followEvents(client, over.signal, {
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
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    screen?.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  }
}

/** The redrawn screen. What it shows is the gateway's own snapshot, asked for after each event: no policy is repeated here. */
class Screen {
  readonly #terminal: Terminal;
  readonly #client: RoviClient;
  /** Null for this machine. */
  readonly #host: string | null;
  readonly #signal: AbortSignal;
  readonly #onResize = (): void => {
    this.#draw();
  };
  #snapshot: Snapshot | null = null;
  #operation: Operation | null = null;
  #figures: Look | null = null;
  #user: string | null = null;
  #lostAt: number | null = null;
  #lookedAt = 0;
  #asking = false;
  #askAgain = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(context: VerbContext, client: RoviClient, signal: AbortSignal) {
    this.#terminal = context.terminal;
    this.#host = context.host();
    this.#client = client;
    this.#signal = signal;
  }

  start(): void {
    // The alternate screen, without cursor and without line wrap: a narrow window cuts, it does not scramble.
    this.#terminal.outRaw('\u001b[?1049h\u001b[?25l\u001b[?7l');
    process.stdout.on('resize', this.#onResize);
    this.#timer = setInterval(() => {
      this.#draw();
      void this.#look();
    }, REDRAW_MS);
    this.#draw();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    process.stdout.off('resize', this.#onResize);
    this.#terminal.outRaw('\u001b[?7h\u001b[?25h\u001b[?1049l');
  }

  lose(): void {
    this.#lostAt ??= Date.now();
    this.#draw();
  }

  hear(event: RoviEvent): void {
    this.#lostAt = null;
    if (event.type === 'snapshot') {
      this.#snapshot = event.snapshot;
      this.#operation = event.snapshot.operation ?? this.#operation;
      if (event.snapshot.operation === null) {
        void lastOperation(this.#client).then((operation) => {
          this.#operation ??= operation;
          this.#draw();
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
    this.#draw();
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
        this.#draw();
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
    this.#draw();
  }

  #draw(): void {
    if (this.#signal.aborted) return;
    const { colour } = this.#terminal;
    const text =
      this.#snapshot === null
        ? `${colour.magenta('?')} waiting for the gateway …\n`
        : statusText({
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
    const rows = this.#terminal.rows();
    const lines = presentable(text, colour.isColorSupported).trimEnd().split('\n');
    const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), colour.dim('…')];
    this.#terminal.outRaw(
      `\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}${colour.dim('Ctrl-C ends')}\u001b[K\u001b[J`,
    );
  }
}
