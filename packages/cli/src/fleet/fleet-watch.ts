import process from 'node:process';
import { fleetAfter, type FleetView } from '@rovi/client';
import type { FleetEvent } from '@rovi/contract';
import { jsonLine, presentable, printable } from '../control-codes.js';
import type { Terminal } from '../terminal.js';
import type { VerbContext } from '../verb.js';
import { fleetText } from '../views/fleet.js';
import { FleetLines, runLine } from '../views/fleet-line.js';

/** Milliseconds between redraws for the ages alone; changes are drawn at once, but not more often than {@link CALM_MS}. */
const REDRAW_MS = 1_000;
const CALM_MS = 100;

/**
 * Shows every change of the fleet until Ctrl-C: a table that is redrawn on a terminal, the worst robots on top; a line a
 * change elsewhere; one JSON event a line with `asJson`. A lost gateway is said at once and waited for.
 */
export async function watchFleet(context: VerbContext, asJson: boolean): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const over = new AbortController();
  const end = (): void => {
    over.abort(new Error('interrupted'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  const lines = new FleetLines(terminal.colour);
  const screen = terminal.live && !asJson ? new Screen(terminal) : null;
  let lost = false;
  let view: FleetView | null = null;
  try {
    screen?.start();
    const events = client.fleet.events({
      signal: over.signal,
      reconnect: true,
      onDisconnect: ({ message }) => {
        if (screen !== null) screen.lose(message);
        else if (!lost) terminal.err(`rovictl: link lost: ${printable(message)}; waiting for the gateway\n`);
        lost = true;
      },
      onConnect: () => {
        if (lost && screen === null) terminal.err('rovictl: link restored\n');
        lost = false;
      },
    });
    for await (const event of events) {
      view = fleetAfter(view, event, performance.now());
      if (asJson) terminal.out(jsonLine(event));
      else if (view !== null) show(event, view);
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    screen?.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  }

  function show(event: FleetEvent, after: FleetView): void {
    if (screen === null) terminal.out(lines.next(event, after, Date.now()));
    else screen.hear(after);
  }
}

/** The redrawn screen. */
class Screen {
  readonly #terminal: Terminal;
  readonly #onResize = (): void => {
    this.#draw();
  };
  #view: FleetView | null = null;
  #lost: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  start(): void {
    // The alternate screen, without cursor and without line wrap: a narrow window cuts, it does not scramble.
    this.#terminal.outRaw('\u001b[?1049h\u001b[?25l\u001b[?7l');
    process.stdout.on('resize', this.#onResize);
    this.#timer = setInterval(() => {
      this.#draw();
    }, REDRAW_MS);
    this.#draw();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#soon !== null) clearTimeout(this.#soon);
    process.stdout.off('resize', this.#onResize);
    this.#terminal.outRaw('\u001b[?7h\u001b[?25h\u001b[?1049l');
  }

  lose(why: string): void {
    this.#lost = why;
    this.#draw();
  }

  hear(view: FleetView): void {
    this.#lost = null;
    this.#view = view;
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      this.#draw();
    }, CALM_MS);
  }

  #draw(): void {
    const { colour } = this.#terminal;
    const lines = presentable(this.#text(), colour.isColorSupported).trimEnd().split('\n');
    const rows = this.#terminal.rows();
    const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), colour.dim('…')];
    this.#terminal.outRaw(
      `\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}${colour.dim('Ctrl-C ends')}\u001b[K\u001b[J`,
    );
  }

  #text(): string {
    const { colour } = this.#terminal;
    if (this.#view === null) return `${colour.magenta('?')} waiting for the gateway …\n`;
    const { broker, robots, runs } = this.#view;
    const [now, time] = [performance.now(), Date.now()];
    const table = fleetText({
      broker,
      // While the gateway itself is away nothing of it is of now.
      robots: [...robots.values()].map((robot) =>
        this.#lost !== null && robot.presence === 'online' ? { ...robot, presence: 'stale' as const } : robot,
      ),
      now,
      time,
      colour,
      width: this.#terminal.width(),
      lost: this.#lost === null ? null : printable(this.#lost),
    });
    const going = runs
      .filter(({ ended_at: ended }) => ended === null)
      .map((run) => `${colour.yellow('◐')} ${printable(runLine(run))}\n`);
    return `${going.join('')}${table}`;
  }
}
