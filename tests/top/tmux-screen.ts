import { OPERATOR, type InstalledRobot } from '../installed-robot.js';

/** A shell of the operator's in a terminal of its own on a robot: what is typed there, and what it shows. */
export class TmuxScreen {
  readonly #robot: InstalledRobot;
  readonly #socket: string;

  constructor(robot: InstalledRobot, socket: string) {
    this.#robot = robot;
    this.#socket = socket;
  }

  /** Opens a terminal of that size, and waits for its shell. */
  async open(columns: number, rows: number): Promise<void> {
    const size = ['-x', String(columns), '-y', String(rows)];
    await this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, 'PS1="ready> " exec bash --norc']);
    await this.until(/ready>/);
  }

  /** Types a text, and then keys by tmux's names for them. */
  async type(text: string, ...keys: string[]): Promise<void> {
    if (text !== '') await this.#tmux(['send-keys', '-l', text]);
    if (keys.length > 0) await this.#tmux(['send-keys', ...keys]);
  }

  /** All that it shows now, without trailing blanks. */
  async text(): Promise<string> {
    const lines = (await this.#tmux(['capture-pane', '-p'])).split('\n');
    return lines.map((line) => line.trimEnd()).join('\n');
  }

  /** The same with the codes of its colours. */
  styled(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-e']);
  }

  /** Resolves when it shows this, with all that it shows. */
  async until(what: RegExp): Promise<string> {
    let shown = '';
    try {
      return await this.#robot.robot.waitFor(
        `the screen to show ${String(what)}`,
        async () => {
          shown = await this.text();
          return what.test(shown) ? shown : null;
        },
        30_000,
      );
    } catch (error) {
      throw new Error(`not on the screen: ${String(what)}\n${shown}`, { cause: error });
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** Whether a program has the terminal's other screen, and whether the cursor is shown. */
  async modes(): Promise<{ other: boolean; cursor: boolean }> {
    const [other, cursor] = (await this.#tmux(['display-message', '-p', '#{alternate_on} #{cursor_flag}']))
      .trim()
      .split(' ');
    return { other: other === '1', cursor: cursor === '1' };
  }

  /** Sends a signal to the program that the shell has started. */
  async signal(name: string): Promise<void> {
    const shell = (await this.#tmux(['display-message', '-p', '#{pane_pid}'])).trim();
    await this.#robot.robot.exec(['pkill', `-${name}`, '--parent', shell]);
  }

  async #tmux(argv: readonly string[]): Promise<string> {
    const { stdout } = await this.#robot.robot.exec(
      ['env', 'LC_ALL=C.UTF-8', 'tmux', '-u', '-L', this.#socket, ...argv],
      { user: OPERATOR },
    );
    return stdout;
  }
}
