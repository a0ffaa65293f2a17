import { monotonicMs } from '../monotonic.js';

/** Resolves when it holds, asked a hundred times a second. Throws after so many milliseconds. */
export async function waitUntil(what: string, ms: number, holds: () => Promise<boolean>): Promise<void> {
  const end = monotonicMs() + ms;
  while (!(await holds())) {
    if (monotonicMs() > end) throw new Error(`waited ${String(ms)} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
