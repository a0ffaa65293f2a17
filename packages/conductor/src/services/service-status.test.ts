import { expect, it } from 'vitest';
import { serviceRig } from './service-rig.fixture.js';
import { supervisedServiceOf } from './service-status.js';

it('says of several instances what was seen last while the bus is lost, and claims nothing of now', async () => {
  const { through, observer, executor, model } = await serviceRig({
    pool: { instances: { min: 1, max: 4 } },
  });
  await through({ kind: 'scale', service: 'pool', instances: 3 });
  const shown = () =>
    supervisedServiceOf('pool', {
      observer,
      health: {
        health: () => ({ status: 'none', text: '', since: null, ready: true, checks: [] }),
        history: (name) => ({ name, instances: [] }),
      },
      supervision: {
        supervision: () => ({
          supervision: {
            phase: 'watching',
            text: '',
            tries: 0,
            tries_max: 3,
            next_at: null,
            starts_left: 5,
            cause: null,
            lines: [],
          },
          crashes: 0,
          restarts: 0,
        }),
      },
      maintenance: { of: () => null, all: [] },
      scale: executor,
      now: '2026-03-01T12:00:00.000Z',
      lostSince: '2026-03-01T11:00:00.000Z',
    });
  expect(shown()).toMatchObject({ state: 'RUNNING', text: '3 of 3 instances running' });
  model.loseBus();
  expect(shown()).toMatchObject({
    state: 'UNKNOWN',
    level: 'stale',
    text: 'unknown: no connection to systemd, last seen 3 of 3 instances running',
    wanted: 3,
    as_of: '2026-03-01T11:00:00.000Z',
  });
});
