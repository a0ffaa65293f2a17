import type { ProbeTarget } from '@rovi/conductor';

/** An instance that runs, for tests to vary. */
export function targetOf(change: Partial<ProbeTarget> = {}): ProbeTarget {
  return {
    service: 'video',
    instance: 1,
    unit: 'rovi-video.service',
    active: true,
    processes: [{ pid: 41, names: ['python3', 'video.py'] }],
    ports: {},
    container: null,
    isReady: () => null,
    ...change,
  };
}

/** A signal that aborts after so many milliseconds, as the monitor's does at the timeout. */
export function within(ms: number): AbortSignal {
  return AbortSignal.timeout(ms);
}
