import { setTimeout as delay } from 'node:timers/promises';

/** A piece of what was written, and when: milliseconds since the screen was made. */
export interface Frame {
  readonly at: number;
  readonly text: string;
}

/** How a screen looks. */
export interface ScreenOptions {
  readonly colour: boolean;
  /** 0: as fast as it goes. 1: commands are typed letter by letter, with a moment to read; more is slower. */
  readonly pace: number;
}

/** Where the demo is seen. */
export class Screen {
  /** All that was written. */
  readonly frames: Frame[] = [];
  private readonly begin = performance.now();
  private unfinished = false;
  private ended = false;

  constructor(
    private readonly write: (text: string) => void,
    private readonly options: ScreenOptions,
  ) {}

  get colour(): boolean {
    return this.options.colour;
  }

  /** Passes on output as it is. */
  raw(text: string): void {
    if (text === '' || this.ended) return;
    this.frames.push({ at: performance.now() - this.begin, text });
    this.unfinished = !text.endsWith('\n');
    this.write(text);
  }

  /** A remark of the demo itself. */
  note(text: string): void {
    this.finishLine();
    this.raw(`${this.paint('2', text)}\n`);
  }

  /** What the next scene shows. */
  title(number: number, text: string): void {
    this.finishLine();
    this.raw(`\n${this.paint('1;36', `${number}. ${text}`)}\n`);
  }

  /** A fault, in words for people. */
  fault(text: string): void {
    this.finishLine();
    this.raw(`${this.paint('1;31', text)}\n`);
  }

  /** A success, in words for people. */
  success(text: string): void {
    this.finishLine();
    this.raw(`${this.paint('1;32', text)}\n`);
  }

  /** Types a command behind its prompt. */
  async type(prompt: string, command: string): Promise<void> {
    this.finishLine();
    this.raw(`${this.paint(prompt.endsWith('#') ? '1;33' : '1;32', prompt)} `);
    if (this.options.pace > 0) {
      await this.rest(80);
      for (const letter of command) {
        this.raw(letter);
        await this.rest(Math.min(10, 240 / command.length));
      }
      await this.rest(60);
    } else {
      this.raw(command);
    }
    this.raw('\n');
  }

  /** Time to read, on a paced screen. */
  async rest(milliseconds: number): Promise<void> {
    if (this.options.pace > 0) await delay(milliseconds * this.options.pace);
  }

  /** A last remark: whatever comes after it is not shown. */
  end(text: string): void {
    this.note(text);
    this.ended = true;
  }

  private paint(style: string, text: string): string {
    return this.options.colour ? `\x1b[${style}m${text}\x1b[0m` : text;
  }

  private finishLine(): void {
    if (this.unfinished) this.raw('\n');
  }
}
