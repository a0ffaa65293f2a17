/** The words of `--state`; `not-well` stands for all that a robot which is there can be but well. */
export const STATE_WORDS = ['well', 'not-well', 'warn', 'error', 'unknown', 'stale', 'offline'] as const;
export type StateWord = (typeof STATE_WORDS)[number];
