import process from 'node:process';
import { emitKeypressEvents, type Interface, type Key } from 'node:readline';
import { presentable } from '../control-codes.js';
import type { Terminal } from '../terminal.js';
import { shownLength } from '../views/lines.js';

/**
 * The terminal while the program has it whole: its other screen, no cursor, keys one by one. Whatever ends the program
 * gives it back as it was: an exception, a signal, Ctrl-Z (and takes it again after that).
 */

/** One line; `marked` ones are shown in reverse, and without other colours, where there are colours. */
export interface ScreenLine {
  readonly text: string;
  readonly marked?: boolean;
}

/** What the screen tells of. */
export interface ScreenListener {
  /** `text` is what was typed, where that is text; null for a key without one. */
  key(key: Key, text: string | null): void;
  resized(): void;
  /** The program should end: a signal, or a terminal that is gone. */
  ended(reason: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'closed'): void;
}

// The other screen, no cursor, no line wrap (a narrow window cuts, it does not scramble), pasted text marked as such.
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[2J';
const LEAVE = '\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Milliseconds within which the rest of a key's sequence comes, also over a network. */
const ESCAPE_MS = 100;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class FullScreen {
  readonly #terminal: Terminal;
  readonly #listener: ScreenListener;
  #shown: string[] = [];
  #entered = false;
  #pasting = false;
  readonly #leave = (): void => {
    this.#giveBack();
  };
  readonly #stop = (): void => {
    this.suspend();
  };
  readonly #continue = (): void => {
    process.off('SIGTSTP', this.#stop).on('SIGTSTP', this.#stop);
    this.#enter();
    this.#listener.resized();
  };
  readonly #resize = (): void => {
    this.#shown = [];
    if (this.#entered) this.#terminal.outRaw('\u001b[2J');
    this.#listener.resized();
  };
  readonly #closed = (): void => {
    this.#listener.ended('closed');
  };
  readonly #signalled = Object.fromEntries(
    SIGNALS.map((signal) => [
      signal,
      () => {
        this.#listener.ended(signal);
      },
    ]),
  );
  readonly #key = (text: string | undefined, key: Key): void => {
    if (key.name === 'paste-start') this.#pasting = true;
    else if (key.name === 'paste-end') this.#pasting = false;
    // A pasted text is nobody's commands.
    else if (!this.#pasting) for (const one of keysOf(text, key)) this.#listener.key(one.key, one.text);
  };

  constructor(terminal: Terminal, listener: ScreenListener) {
    this.#terminal = terminal;
    this.#listener = listener;
  }

  start(): void {
    process.on('exit', this.#leave);
    process.on('SIGTSTP', this.#stop);
    process.on('SIGCONT', this.#continue);
    for (const signal of SIGNALS) process.on(signal, this.#signalled[signal] as () => void);
    process.stdout.on('resize', this.#resize);
    // Node takes half a second for an Esc by itself: what is typed after it would be taken for its sequence.
    emitKeypressEvents(process.stdin, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
    process.stdin.on('keypress', this.#key).on('end', this.#closed).on('error', this.#closed);
    this.#enter();
  }

  /** Gives the terminal back. */
  end(): void {
    this.#giveBack();
    process.off('exit', this.#leave);
    process.off('SIGTSTP', this.#stop);
    process.off('SIGCONT', this.#continue);
    for (const signal of SIGNALS) process.off(signal, this.#signalled[signal] as () => void);
    process.stdout.off('resize', this.#resize);
    process.stdin.off('keypress', this.#key).off('end', this.#closed).off('error', this.#closed);
    process.stdin.pause();
  }

  /** Lets the shell go on until it says `fg`. */
  suspend(): void {
    this.#giveBack();
    process.off('SIGTSTP', this.#stop);
    // The whole job, as the terminal does it.
    process.kill(0, 'SIGTSTP');
  }

  /** Shows these lines from the top; writes only those that are others than before. */
  show(lines: readonly ScreenLine[]): void {
    if (!this.#entered) return;
    const coloured = this.#terminal.colour.isColorSupported;
    const rows = Math.min(this.#terminal.rows(), 500);
    const columns = Math.min(this.#terminal.width(), 500);
    let text = '';
    for (let row = 0; row < rows; row += 1) {
      const line = lines[row] ?? { text: '' };
      const given = `${line.marked === true ? '▸' : ' '}${line.text}`;
      if (this.#shown[row] === given) continue;
      this.#shown[row] = given;
      const safe = presentable(line.text, coloured && line.marked !== true);
      const blanks = ' '.repeat(Math.max(0, columns - shownLength(safe)));
      const painted = line.marked === true && coloured ? `\u001b[7m${safe}${blanks}` : safe;
      // Erased first: behind a text that fills the line the cursor stands on its last character.
      text += `\u001b[${String(row + 1)};1H\u001b[0m\u001b[2K${painted}`;
    }
    if (text !== '') this.#terminal.outRaw(`${text}\u001b[0m`);
  }

  #enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#shown = [];
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#terminal.outRaw(ENTER);
  }

  #giveBack(): void {
    if (!this.#entered) return;
    this.#entered = false;
    try {
      process.stdin.setRawMode(false);
    } catch {
      // The terminal is gone, and with it what was to be restored.
    }
    this.#terminal.outRaw(LEAVE);
  }
}

/** What was pressed. An Esc and a letter right after it look like one key, and are two: nobody here has use for Alt. */
function keysOf(text: string | undefined, key: Key): readonly { key: Key; text: string | null }[] {
  const letter = key.meta === true ? (key.sequence ?? '').slice(1) : '';
  if ([...letter].length === 1 && letter >= ' ') {
    return [
      { key: { name: 'escape', sequence: '\u001b' }, text: null },
      { key: { sequence: letter }, text: letter },
    ];
  }
  const typed = text !== undefined && key.ctrl !== true && /^[^\p{Cc}]+$/u.test(text);
  return [{ key, text: typed ? text : null }];
}
