import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { readArguments, USAGE, type Arguments } from './arguments.js';
import { recordingSvg } from './recording.js';
import { Screen } from './screen.js';
import { openShell } from './shell.js';
import { COLUMNS, Stage } from './stage.js';
import { playTour, SCENES } from './tour.js';

const { stdin, stdout } = process;

/** What must be removed, whoever ends the demo and when. */
let stage: Promise<Stage> | undefined;
let shell: ChildProcess | undefined;
let leavingSince: number | undefined;

/** Removes the robot, also one that is still booting, then exits with this code. */
async function leave(screen: Screen, code: number): Promise<void> {
  if (leavingSince !== undefined) {
    // Whoever insists need not wait: the robot goes when this process is gone. (npm doubles a Ctrl-C: that is not insisting.)
    if (performance.now() - leavingSince > 1000) process.exit(code);
    return;
  }
  leavingSince = performance.now();
  screen.end('removing what was set up');
  // Ends `script` in order: it gives the terminal back as it was.
  shell?.kill('SIGTERM');
  await (await stage?.catch(() => undefined))?.strike();
  process.exit(code);
}

async function main({ once, record }: Arguments): Promise<number> {
  const interactive = !once && stdin.isTTY && stdout.isTTY;
  const forced = process.env['FORCE_COLOR'] ?? '';
  const plain = (process.env['NO_COLOR'] ?? '') !== '' || forced === '0';
  const pace = record !== undefined ? 3 : stdout.isTTY ? 1 : 0;
  const colour = record !== undefined || (!plain && (stdout.isTTY || forced !== ''));
  const screen = new Screen((text) => void stdout.write(text), { colour, pace });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void leave(screen, 128 + constants.signals[signal]));
  }
  // A reader that went away, as in `npm run demo | head`.
  stdout.on('error', () => void leave(screen, 128 + constants.signals.SIGPIPE));

  try {
    stage = Stage.raise(screen);
    const raised = await stage;
    await raised.installRovi();
    if (interactive) {
      await openShell(raised, (child) => (shell = child));
    } else {
      const failed = await playTour(raised, screen);
      await finish(raised, screen, failed);
      if (record !== undefined) await writeFile(record, recordingSvg(screen.frames, COLUMNS));
      return failed === 0 ? 0 : 1;
    }
    await raised.strike();
    screen.note(`robot ${raised.robot.name} is removed, and all that was on it`);
    return 0;
  } catch (error) {
    // What fails while the robot is removed fails for that reason.
    if (leavingSince === undefined) {
      screen.fault(`demo: ${error instanceof Error ? error.message : String(error)}`);
      await leave(screen, 1);
    }
    return new Promise(() => undefined);
  }
}

async function finish(raised: Stage, screen: Screen, failed: number): Promise<void> {
  await raised.strike();
  screen.raw('\n');
  if (failed === 0) screen.success(`✓ all ${SCENES.length} scenes came out as told`);
  else screen.fault(`✗ ${failed} of ${SCENES.length} scenes did not come out as told`);
  screen.note(`robot ${raised.robot.name} is removed, and all that was on it`);
}

function begin(): Arguments | undefined {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

const asked = begin();
if (asked === undefined) process.exitCode = 2;
else if (asked.help) stdout.write(USAGE);
else process.exitCode = await main(asked);
