import type { RoviClient } from '@rovi/client';
import { sampleRobot, sampleRun } from '@rovi/client/sample-fleet';
import type { FleetEvent, FleetStatus } from '@rovi/contract';
import { expect, it } from 'vitest';
import { saidLines } from '../top/said-lines.js';
import type { VerbContext } from '../verb.js';
import { runOnFleet } from './fleet-run.js';

const at = '2026-03-01T12:00:00.000Z';
const fleet: FleetStatus = {
  at,
  broker: { address: 'mqtt://office', connected: true, since: at, text: '' },
  key: 'ed25519:key',
  robots: [sampleRobot('r-1'), sampleRobot('r-2')],
};
const over = sampleRun([{ state: 'succeeded' }, { state: 'succeeded' }], {
  command: { kind: 'estop' },
  ended_at: at,
});

it('sends a stop of everything though the gateway has no stream left to tell of it', async () => {
  const bodies: object[] = [];
  let streams: () => void = () => undefined;
  const stream = new Promise<void>((resolve) => (streams = resolve));
  const client = {
    fleet: {
      status: () => Promise.resolve(fleet),
      async *events(): AsyncGenerator<FleetEvent> {
        await stream;
        yield { type: 'fleet', fleet, runs: [over] };
      },
      run: (body: object) => {
        bodies.push(body);
        streams();
        return Promise.resolve({ ...over, ended_at: null });
      },
      runs: () => Promise.resolve([over]),
    },
  };
  const said: string[] = [];
  const context = {
    terminal: saidLines((line) => said.push(line)),
    client: () => Promise.resolve(client as unknown as RoviClient),
  };
  await runOnFleet(
    context as VerbContext,
    { kind: 'estop' },
    {
      wanted: { on: null, states: null, active: null, away: false },
      yes: false,
      json: false,
      reason: '',
      waitS: 0,
      stopAtFailure: true,
    },
  );
  // And no robot's stop is withheld for the failure of another's.
  expect(bodies).toMatchObject([{ at_once: 1_000, stop_at_failure: false, targets: [{}, {}] }]);
  expect(said.join('\n')).toContain('done');
});
