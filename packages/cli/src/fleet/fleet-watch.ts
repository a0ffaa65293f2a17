import { fleetAfter, type FleetView } from '@rovi/client';
import { jsonLine, printable } from '../control-codes.js';
import type { Terminal } from '../terminal.js';
import { untilEnded } from '../until-ended.js';
import type { VerbContext } from '../verb.js';
import { fleetText } from '../views/fleet.js';
import { FleetLines, runLine } from '../views/fleet-line.js';
import { WatchScreen } from '../watch-screen.js';

/** Milliseconds between redraws for what changes. */
const CALM_MS = 100;

/**
 * Shows every change of the fleet until Ctrl-C: a table that is redrawn on a terminal, the worst robots on top; a line a
 * change elsewhere; one JSON event a line with `asJson`. A lost gateway is said at once and waited for.
 */
export async function watchFleet(context: VerbContext, asJson: boolean): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const lines = new FleetLines(terminal.colour);
  await untilEnded(async (signal) => {
    const screen = terminal.live && !asJson ? new FleetScreen(terminal) : null;
    let lost = false;
    let view: FleetView | null = null;
    try {
      screen?.start();
      const events = client.fleet.events({
        signal,
        reconnect: true,
        onDisconnect: ({ message }) => {
          if (screen !== null) screen.lose(message);
          else if (!lost)
            terminal.err(`rovictl: link lost: ${printable(message)}; waiting for the gateway\n`);
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
        else if (view === null) continue;
        else if (screen === null) terminal.out(lines.next(event, view, Date.now()));
        else screen.hear(view);
      }
    } finally {
      screen?.end();
    }
  });
}

/** The fleet as it was heard last, redrawn. */
class FleetScreen {
  readonly #terminal: Terminal;
  readonly #screen: WatchScreen;
  #view: FleetView | null = null;
  #lost: string | null = null;
  #soon: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#screen = new WatchScreen(terminal, () => this.#text());
  }

  start(): void {
    this.#screen.start();
  }

  end(): void {
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#screen.end();
  }

  lose(why: string): void {
    this.#lost = why;
    this.#screen.draw();
  }

  hear(view: FleetView): void {
    this.#lost = null;
    this.#view = view;
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      this.#screen.draw();
    }, CALM_MS);
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
