import { setTimeout as delay } from 'node:timers/promises';
import type { FleetRun } from '@rovi/contract';
import type { FleetPlan } from './fleet-plan.js';
import type { CommandSamples, CpuTimes } from './fleet-results.js';
import type { FleetRig } from './fleet-rig.js';
import { cpuTimes } from './process-figures.js';
import { CHANGING } from './simulated-robot.js';
import { waitUntil } from './wait-until.js';

/** Milliseconds that a run may take. */
const RUN_MS = 180_000;
/** Milliseconds in which the robots tell what has changed, and all comes to rest. */
const REST_MS = 3_000;

/** Starts and stops a stack on all robots, by turns, so many robots at a time. */
export async function measureCommands(
  rig: FleetRig,
  { atOnce: widths, commandRounds }: FleetPlan,
): Promise<CommandSamples[]> {
  const samples: CommandSamples[] = [];
  let starts = true;
  for (const atOnce of widths) {
    await rig.crowd.took();
    const total: number[] = [];
    const robot: number[] = [];
    const failures: Record<string, number> = {};
    const before = await rig.broker.figures();
    const spent = await cpuTimes(rig);
    for (let round = 0; round < commandRounds; round += 1) {
      const run = await runOnAll(rig, starts ? 'start' : 'stop', atOnce);
      starts = !starts;
      total.push(Date.parse(run.ended_at ?? '') - Date.parse(run.started_at));
      for (const { state, problem } of run.targets) {
        if (state === 'succeeded') continue;
        const what = problem === null ? state : `${state}: ${problem.code}`;
        failures[what] = (failures[what] ?? 0) + 1;
      }
      robot.push(...(await rig.crowd.took()));
      await delay(REST_MS);
    }
    const end = await cpuTimes(rig);
    const each = (name: keyof CpuTimes): number =>
      (end[name] - spent[name]) / (commandRounds * rig.names.length);
    const cpu = { console: each('console'), broker: each('broker'), robots: each('robots') };
    const { droppedMessages } = await rig.broker.figures();
    samples.push({ atOnce, total, robot, failures, cpu, dropped: droppedMessages - before.droppedMessages });
  }
  return samples;
}

/** Resolves with the run when it has ended. */
async function runOnAll(
  { client, names }: FleetRig,
  kind: 'start' | 'stop',
  atOnce: number,
): Promise<FleetRun> {
  let run = await client.fleet.run({
    command: { kind, stack: CHANGING },
    targets: names.map((robot) => ({ robot })),
    reason: 'bench',
    at_once: atOnce,
  });
  await waitUntil('the run to end', RUN_MS, async () => {
    await delay(500);
    run = await client.fleet.runOf(run.id);
    return run.ended_at !== null;
  });
  return run;
}
