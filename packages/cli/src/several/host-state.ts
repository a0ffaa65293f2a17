import type { Problem } from '@rovi/contract';

/** One robot's answer. */
export interface HostState<Answer> {
  readonly host: string;
  /** What it calls itself; null where it did not answer. */
  readonly robot: string | null;
  readonly answer: Answer | null;
  readonly problem: Problem | null;
}
