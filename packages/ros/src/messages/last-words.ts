import type { Snapshot } from '@rovi/contract';

/**
 * The snapshot that a conductor leaves behind when it goes: nobody watches from here on, so nothing is known. What runs
 * goes on.
 */
export function lastWords(snapshot: Snapshot): Snapshot {
  const verdict = { level: 'stale', text: 'the conductor has stopped: nobody watches' } as const;
  return {
    ...snapshot,
    active: null,
    known: false,
    bus: { ...snapshot.bus, connected: false, error: 'the conductor has stopped' },
    stacks: snapshot.stacks.map((stack) => ({
      ...stack,
      state: 'UNKNOWN',
      verdict,
      expected: stack.expected.map(({ name }) => ({ name, present: null, pid: null })),
    })),
  };
}
