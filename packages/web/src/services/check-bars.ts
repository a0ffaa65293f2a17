import type { ProbeResult } from '@rovi/contract';
import type { Tone } from '../format/tone.js';
import { shortDurationText } from '../format/words.js';

/** One look as a bar. Heights are shares of the longest look, from 0.12 to 1: a quick one is still to be seen. */
export interface CheckBar {
  readonly key: string;
  readonly height: number;
  readonly tone: Tone;
}

/** The looks as bars, the oldest first; a failed one is always of full height, to be seen without its colour. */
export function checkBars(results: readonly ProbeResult[]): CheckBar[] {
  const longest = Math.max(...results.map(({ duration_ms: ms }) => ms), 1);
  return results.map(({ at, ok, duration_ms: ms }, index) => ({
    key: `${index} ${at}`,
    height: ok === true ? Math.max(0.12, (0.7 * ms) / longest) : 1,
    tone: ok === null ? 'unknown' : ok ? 'good' : 'bad',
  }));
}

/** The same in words: `last 30 looks: 28 passed, 2 failed, 4 to 80 ms`. */
export function checkBarsText(results: readonly ProbeResult[]): string {
  if (results.length === 0) return 'no look yet';
  const counted = (wanted: boolean | null, word: string): string[] => {
    const count = results.filter(({ ok }) => ok === wanted).length;
    return count === 0 ? [] : [`${count} ${word}`];
  };
  const ms = results.map(({ duration_ms: each }) => each);
  const [least, most] = [Math.min(...ms), Math.max(...ms)].map(shortDurationText);
  const took = least === most ? `each ${least}` : `${least} to ${most}`;
  const parts = [
    ...counted(true, 'passed'),
    ...counted(false, 'failed'),
    ...counted(null, 'without a result'),
    took,
  ];
  return `last ${results.length === 1 ? 'look' : `${results.length} looks`}: ${parts.join(', ')}`;
}
