import type { HealthWord, StackState, VerdictLevel } from '@rovi/contract';

/** The colour something is shown in; never alone: a word and an icon say the same. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'rest' | 'unknown';

/** The tone of a state and what it comes to. What is not known is never shown as anything else. */
export function toneOf(state: StackState, level: VerdictLevel): Tone {
  if (state === 'UNKNOWN' || (level === 'stale' && state !== 'STARTING')) return 'unknown';
  if (state === 'FAILED' || level === 'error') return 'bad';
  if (level === 'warn') return 'warn';
  switch (state) {
    case 'RUNNING':
      return 'good';
    case 'STARTING':
    case 'STOPPING':
      return 'busy';
    case 'STOPPED':
    case 'MAINTENANCE':
      return 'rest';
  }
}

/** The tone of a word for health; `none` has none. */
export const healthTones: Readonly<Record<HealthWord, Tone>> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  starting: 'busy',
  unknown: 'unknown',
  none: 'rest',
};

const words: Readonly<Record<StackState, string>> = {
  RUNNING: 'Running',
  STARTING: 'Starting',
  STOPPING: 'Stopping',
  STOPPED: 'Stopped',
  FAILED: 'Failed',
  MAINTENANCE: 'Maintenance',
  UNKNOWN: 'Unknown',
};

/** The state as one word for people; where it is not the present one, that it was. */
export function stateWord(state: StackState, live: boolean): string {
  const word = words[state];
  return live || state === 'UNKNOWN' ? word : `Was ${word.toLowerCase()}`;
}
