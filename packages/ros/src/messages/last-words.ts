import type { Snapshot } from '@rovi/contract';

/**
 * The snapshot that a conductor leaves behind when it goes: nobody watches from here on, so nothing is known. What runs
 * goes on.
 */
export function lastWords(snapshot: Snapshot): Snapshot {
  const verdict = { level: 'stale', text: 'the conductor has stopped: nobody watches' } as const;
  const unknown = { state: 'UNKNOWN', ...verdict } as const;
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
    services: snapshot.services.map((service) => ({
      ...service,
      ...unknown,
      health: 'unknown',
      instances: service.instances.map((instance) => ({
        ...instance,
        ...unknown,
        health: {
          ...instance.health,
          status: 'unknown',
          text: verdict.text,
          ready: false,
          checks: instance.health.checks.map((check) => ({ ...check, passing: null })),
        },
        started_at: null,
      })),
    })),
  };
}
