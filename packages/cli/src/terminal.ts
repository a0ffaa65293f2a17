import process from 'node:process';
import type { Colors } from 'picocolors/types.js';
import pc from 'picocolors';
import { presentable } from './control-codes.js';

/** Where a verb writes to, and what that place can show. Of control codes in a text only colours of this program get through. */
export interface Terminal {
  /** Results: standard output. */
  out(text: string): void;
  /** Progress and faults: standard error. */
  err(text: string): void;
  /** Cursor and screen codes of this program to standard output, with text that is {@link presentable} already. */
  outRaw(text: string): void;
  /** The same to standard error. */
  errRaw(text: string): void;
  /** Colours for standard output; every function returns its argument where colours are off. */
  readonly colour: Colors;
  /** Colours for standard error. */
  readonly errColour: Colors;
  /** Whether standard output is a terminal that can be redrawn. */
  readonly live: boolean;
  /** Whether standard error is such a terminal. */
  readonly errLive: boolean;
  /** Columns of standard output; where it is not a terminal, those of COLUMNS, else Infinity: nothing is cut. */
  width(): number;
  /** Lines of standard output; Infinity where it is not a terminal. */
  rows(): number;
  /** Columns of standard error; Infinity where it is not a terminal. */
  errWidth(): number;
  /** Lines of standard error; Infinity where it is not a terminal. */
  errRows(): number;
}

/** Whether a stream should be coloured: NO_COLOR and `--no-color` win, then FORCE_COLOR, then what the stream is. */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): boolean {
  const separator = argv.indexOf('--');
  const options = separator === -1 ? argv : argv.slice(0, separator);
  if (options.includes('--no-color') || (env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/**
 * The process's own terminal. A reader that went away (`rovictl logs | head`) ends the program quietly, as it does
 * `cat`; any other write error is fatal too, but is not hidden.
 */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : 1);
    });
  }
  const dumb = process.env['TERM'] === 'dumb';
  const coloured = wantsColour(process.stdout, process.env, process.argv);
  const errColoured = wantsColour(process.stderr, process.env, process.argv);
  return {
    out: (text) => void process.stdout.write(presentable(text, coloured)),
    err: (text) => void process.stderr.write(presentable(text, errColoured)),
    outRaw: (text) => void process.stdout.write(text),
    errRaw: (text) => void process.stderr.write(text),
    colour: pc.createColors(coloured),
    errColour: pc.createColors(errColoured),
    live: process.stdout.isTTY && !dumb,
    errLive: process.stderr.isTTY && !dumb,
    width: () =>
      process.stdout.isTTY ? sizeOf(process.stdout.columns) : sizeOf(Number(process.env['COLUMNS'])),
    rows: () => (process.stdout.isTTY ? sizeOf(process.stdout.rows) : Infinity),
    errWidth: () => (process.stderr.isTTY ? sizeOf(process.stderr.columns) : Infinity),
    errRows: () => (process.stderr.isTTY ? sizeOf(process.stderr.rows) : Infinity),
  };
}

/** A pseudo-terminal that nobody gave a size says 0. */
function sizeOf(columns: number | undefined): number {
  return columns !== undefined && columns > 0 ? columns : Infinity;
}
