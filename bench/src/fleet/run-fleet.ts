import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { busyPercent, machineFacts } from '../machine.js';
import { monotonicMs } from '../monotonic.js';
import type { Progress } from '../run.js';
import type { FleetPlan } from './fleet-plan.js';
import type { FleetResults, FleetSizeResults, OutageSamples } from './fleet-results.js';
import { FleetRig } from './fleet-rig.js';
import { isOnline } from './follower.js';
import { measureArrivals } from './measure-arrivals.js';
import { measureAsks } from './measure-asks.js';
import { measureChanges } from './measure-changes.js';
import { measureCommands } from './measure-commands.js';
import { measureOutage, startPersistence } from './measure-outages.js';
import { measureIdle, memoryTrio } from './process-figures.js';

/** Milliseconds after which what has just begun is taken to be at rest. */
const REST_MS = 5_000;
/** Milliseconds after which a robot that loses its connection takes that for the first failure. */
const LASTING_MS = 12_000;
/** Seconds between reports where there are to be none. */
const NO_HEARTBEAT_S = 3_600;

/** Measures fleets on a broker of their own each, one size after the other. */
export async function runFleet(plan: FleetPlan, command: string, progress: Progress): Promise<FleetResults> {
  const begin = monotonicMs();
  const busyBefore = await busyPercent();
  const sizes: FleetSizeResults[] = [];
  for (const robots of plan.sizes) {
    const tell = (text: string): void => progress(`fleet of ${String(robots)}: ${text}`);
    tell('changes without heartbeats');
    const quiet = await withRig(plan, robots, (rig) => measureQuiet(rig, plan));
    sizes.push(await withRig(plan, robots, (rig) => measureSize(rig, { plan, quiet, tell })));
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    minutes: (monotonicMs() - begin) / 60_000,
    machine: await machineFacts([busyBefore, await busyPercent()]),
    plan,
    broker: await brokerVersion(),
    sizes,
  };
}

/** Lets nothing be left behind, however it ends. */
async function withRig<T>(plan: FleetPlan, robots: number, work: (rig: FleetRig) => Promise<T>): Promise<T> {
  const rig = await FleetRig.start(robots, plan.processes);
  const stop = (): never => {
    // Its processes end with this one.
    rig.clear();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(rig);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await rig.end();
  }
}

async function measureQuiet(rig: FleetRig, { changes }: FleetPlan): Promise<number[]> {
  const follower = rig.follow();
  await rig.startRobots(NO_HEARTBEAT_S);
  await follower.until('all to be online', () => follower.count(isOnline) === rig.names.length);
  await delay(REST_MS);
  const took = await measureChanges(rig, follower, { count: changes, before: 0 });
  await follower.end();
  return took;
}

async function measureSize(
  rig: FleetRig,
  { plan, quiet, tell }: { plan: FleetPlan; quiet: readonly number[]; tell: (text: string) => void },
): Promise<FleetSizeResults> {
  const count = rig.names.length;
  const changes = (before: number): Promise<number[]> =>
    measureChanges(rig, follower, { count: plan.changes, before });
  await rig.crowd.took();
  await delay(REST_MS);
  const empty = await memoryTrio(rig);
  const { retained: own } = await rig.broker.figures();
  tell('start of all');
  let follower = rig.follow();
  const begin = monotonicMs();
  await rig.startRobots(plan.heartbeatS);
  const start = await follower.milestones('all to be online', { begin, count, holds: isOnline });
  await follower.end();
  await delay(REST_MS);
  tell('nobody does anything');
  const alone = await measureIdle(rig, plan.windowMs, null);
  const full = await memoryTrio(rig);
  const { retained } = await rig.broker.figures();
  tell('asks');
  const asks = await measureAsks(rig, plan);
  follower = rig.follow();
  await follower.until('the fleet', () => follower.count(isOnline) === count);
  const followed = await measureIdle(rig, plan.windowMs, follower);
  tell('changes');
  const heartbeats = await changes(0);
  const burst = await changes(2);
  tell('commands');
  const commands = await measureCommands(rig, plan);
  const afterRuns = await measureIdle(rig, plan.windowMs, follower);
  const end = await memoryTrio(rig);
  await follower.end();
  tell('arrivals');
  const arrivals = await measureArrivals(rig, plan);
  follower = rig.follow();
  await follower.until('the fleet', () => follower.count(isOnline) === count);
  const outages: OutageSamples[] = [];
  for (const downMs of plan.outagesMs) {
    tell(`the broker is gone for ${String(downMs / 1_000)} s`);
    outages.push(await measureOutage(rig, follower, { persistence: false, downMs }));
    await delay(LASTING_MS);
  }
  tell('the broker is gone, with persistence');
  await startPersistence(rig, follower);
  await delay(LASTING_MS);
  const downMs = plan.outagesMs[0] ?? REST_MS;
  outages.push(await measureOutage(rig, follower, { persistence: true, downMs }));
  await follower.end();
  return {
    robots: count,
    memory: { empty, full, end },
    start,
    retained: retained - own,
    idle: { alone, followed, afterRuns },
    asks,
    changes: { quiet, heartbeats, burst },
    commands,
    arrivals,
    outages,
  };
}

/** `mosquitto version 2.0.11`. */
async function brokerVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)('mosquitto', ['-h']).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.split('\n')[0] ?? 'unknown';
}
