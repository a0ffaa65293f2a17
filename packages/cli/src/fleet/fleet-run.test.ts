import type { RoviClient } from '@rovi/client';
import { sampleRobot, sampleRun } from '@rovi/client/sample-fleet';
import type { FleetEvent, FleetRun, FleetRunBody, FleetStatus } from '@rovi/contract';
import { expect, it } from 'vitest';
import { saidLines } from '../top/said-lines.js';
import type { VerbContext } from '../verb.js';
import { runOnFleet } from './fleet-run.js';

const at = '2026-03-01T12:00:00.000Z';
const fleetOf = (robots: FleetStatus['robots']): FleetStatus => ({
  at,
  broker: { address: 'mqtt://office', connected: true, since: at, text: '' },
  key: 'ed25519:key',
  robots,
});

/** What stopping everything on these robots sends and says, at a gateway that has no stream left until the first is sent. */
async function eStopped(robots: FleetStatus['robots']): Promise<{ bodies: FleetRunBody[]; said: string }> {
  const bodies: FleetRunBody[] = [];
  let streams: () => void = () => undefined;
  const stream = new Promise<void>((resolve) => (streams = resolve));
  const runs = (): FleetRun[] =>
    bodies.map(({ targets }, index) => ({
      ...sampleRun(
        targets.map(() => ({ state: 'succeeded' })),
        { command: { kind: 'estop' }, ended_at: at },
      ),
      id: `run-${String(index)}`,
    }));
  const client = {
    fleet: {
      status: () => Promise.resolve(fleetOf(robots)),
      async *events(): AsyncGenerator<FleetEvent> {
        await stream;
        yield { type: 'fleet', fleet: fleetOf(robots), runs: runs() };
      },
      run: (body: FleetRunBody) => {
        bodies.push(body);
        streams();
        return Promise.resolve({ ...runs().at(-1), ended_at: null });
      },
      runs: () => Promise.resolve(runs()),
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
  return { bodies, said: said.join('\n') };
}

it('sends a stop of everything though the gateway has no stream left to tell of it', async () => {
  const { bodies, said } = await eStopped([sampleRobot('r-1'), sampleRobot('r-2')]);
  // And no robot's stop is withheld for the failure of another's.
  expect(bodies).toMatchObject([{ at_once: 1_000, stop_at_failure: false, targets: [{}, {}] }]);
  expect(said).toContain('done');
});

it('means robots too that are away: who does not hear a stop has not stopped', async () => {
  const { bodies } = await eStopped([sampleRobot('r-1'), sampleRobot('r-2', {}, 'offline')]);
  expect(bodies[0]?.targets.map(({ robot }) => robot).sort()).toEqual(['r-1', 'r-2']);
});

it('stops more robots than one run takes', async () => {
  const robots = Array.from({ length: 2_100 }, (_, index) => sampleRobot(`r-${String(index)}`));
  const { bodies } = await eStopped(robots);
  expect(bodies.map(({ targets }) => targets.length)).toEqual([1_000, 1_000, 100]);
  const told = new Set(bodies.flatMap(({ targets }) => targets.map(({ robot }) => robot)));
  expect(told.size).toBe(2_100);
});
