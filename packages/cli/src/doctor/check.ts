/**
 * What an examination found. `note`: a part that is off, which is no fault. `unknown`: it could not be found out,
 * usually for want of root.
 */
export type Finding = 'ok' | 'note' | 'fault' | 'unknown';

/** One thing that must be so for Rovi to work, and whether it is. */
export interface Check {
  /** Heading under which it is listed. */
  readonly group: string;
  /** What is examined, in a few words: `units`, `stack lock`. */
  readonly name: string;
  readonly finding: Finding;
  /** What was found, in one sentence. */
  readonly text: string;
  /** What to do about a fault or a note, or how to find out what is unknown; empty where all is well. */
  readonly mend: string;
}

/** Collects the checks of one group. */
export class CheckList {
  readonly #group: string;
  readonly #checks: Check[] = [];

  constructor(group: string) {
    this.#group = group;
  }

  get checks(): readonly Check[] {
    return this.#checks;
  }

  ok(name: string, text: string): void {
    this.#checks.push({ group: this.#group, name, finding: 'ok', text, mend: '' });
  }

  note(name: string, text: string, mend: string): void {
    this.#checks.push({ group: this.#group, name, finding: 'note', text, mend });
  }

  fault(name: string, text: string, mend: string): void {
    this.#checks.push({ group: this.#group, name, finding: 'fault', text, mend });
  }

  unknown(name: string, text: string, mend: string): void {
    this.#checks.push({ group: this.#group, name, finding: 'unknown', text, mend });
  }
}

/** How to find out what only root may see. */
export const AS_ROOT = 'run `sudo rovictl doctor`';
