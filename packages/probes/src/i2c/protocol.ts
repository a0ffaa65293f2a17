import type { Seen } from '../probe.js';

/** What the gateway asks of its I2C process: one JSON object a line, on that process's stdin. */
export interface I2cQuestion {
  readonly id: number;
  readonly bus: number;
  readonly address?: number;
}

/** What it answers, in any order: one JSON object a line, on its stdout. */
export interface I2cAnswer {
  readonly id: number;
  readonly seen: Seen;
}

/** The answer that the line is; null where it is none. */
export function answerOf(line: string): I2cAnswer | null {
  try {
    const answer = JSON.parse(line) as Partial<I2cAnswer> | null;
    const { id, seen } = answer ?? {};
    return typeof id === 'number' && typeof seen?.text === 'string' ? { id, seen } : null;
  } catch {
    return null;
  }
}
