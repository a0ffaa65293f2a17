import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Terminal } from './terminal.js';
import { UsageError } from './verb.js';

/** Whether somebody is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY;
}

/**
 * Asks on standard error; true for `y` or `yes` alone. Ctrl-C ends the program as ever: nothing has been sent by then.
 * Throws a UsageError where nobody is there to answer.
 */
export async function askYesOrNo(terminal: Terminal, question: string): Promise<boolean> {
  if (!canAsk()) throw new UsageError('--ask needs a terminal to ask on');
  terminal.err(`${question} [y/N] `);
  const lines = createInterface({ input: process.stdin });
  try {
    const [answer] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
    if (answer === undefined) terminal.err('\n');
    return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
  } finally {
    lines.close();
  }
}
