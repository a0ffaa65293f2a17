import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import { EXIT } from '../exit-codes.js';
import { openTargets } from '../hosts/targets.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';
import { FullScreen } from './full-screen.js';
import { HostLink } from './host-link.js';
import { Top } from './top.js';

/** Milliseconds between pictures while much happens. */
const DRAW_MS = 100;
/** Milliseconds between pictures for the ages alone. */
const TICK_MS = 1_000;

/** The live table until somebody ends it. Throws a UsageError where there is no terminal to show it on. */
export async function runTop(context: VerbContext): Promise<void> {
  const { terminal } = context;
  if (!terminal.live || !process.stdin.isTTY) {
    throw new UsageError(
      'top needs a terminal; elsewhere `rovictl status --watch` tells every change, and `rovictl status --json` the state',
    );
  }
  const targets = await openTargets(context);
  // Each ssh hears of the end of this program.
  process.setMaxListeners(0);
  // Where one host is meant ssh may ask whoever is at the terminal: before the screen is taken.
  if (targets.length === 1 && targets[0]?.target.host !== null) await targets[0]?.client();
  const over = new AbortController();
  let drawn = 0;
  let due: NodeJS.Timeout | null = null;
  const draw = (): void => {
    due = null;
    drawn = performance.now();
    if (!over.signal.aborted) screen.show(top.frame(Date.now()));
  };
  const soon = (): void => {
    due ??= setTimeout(draw, Math.max(0, drawn + DRAW_MS - performance.now()));
  };
  const end = (): void => {
    over.abort(new Error('ended'));
  };
  const machine = context.thisMachine();
  const hosts = targets.map((one) => {
    const { target } = one;
    const client = (): Promise<RoviClient> => one.client();
    const link = new HostLink({ name: target.name, client, onChange: soon });
    return {
      link,
      get state() {
        return link.state;
      },
      client,
      host: target.host,
      machine: target.host === null ? machine : null,
    };
  });
  const top = new Top({
    terminal,
    hosts,
    onChange: soon,
    onQuit: end,
    onSuspend: () => {
      screen.suspend();
    },
  });
  const screen = new FullScreen(terminal, {
    key: (key, text) => {
      top.press(key, text);
    },
    resized: draw,
    ended: (reason) => {
      if (reason === 'SIGTERM' || reason === 'SIGHUP' || reason === 'SIGINT') endWith(EXIT.interrupted);
      end();
    },
  });
  const tick = setInterval(soon, TICK_MS);
  try {
    screen.start();
    draw();
    for (const { link } of hosts) void link.follow(over.signal);
    await new Promise<void>((resolve) => {
      over.signal.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    clearInterval(tick);
    if (due !== null) clearTimeout(due);
    screen.end();
  }
  await farewell(context, top);
}

/** Whoever ends the program while a stop is under way hears what became of it. */
async function farewell({ terminal }: VerbContext, { desk }: Top): Promise<void> {
  const running = desk.activities.filter(({ state }) => state === 'running');
  for (const { title, stops } of running) {
    terminal.err(
      `rovictl: ${title} ${stops ? 'is waited for; Ctrl-C ends the waiting' : 'goes on in the gateway'}\n`,
    );
  }
  if (!running.some(({ stops }) => stops)) return process.exit();
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  await desk.stopsEnded();
  for (const { title, state, text, mend, stops } of desk.activities) {
    if (!stops || !running.some((one) => one.title === title)) continue;
    terminal.err(`rovictl: ${title}: ${state}: ${text}\n${mend === '' ? '' : `  mend: ${mend}\n`}`);
  }
  process.exit();
}
