import { readFile } from 'node:fs/promises';
import { processCpuMs, pssMiB } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import type { BrokerFigures } from './broker.js';
import type { CpuTimes, IdleFigures, Memory, MemoryTrio } from './fleet-results.js';
import type { FleetRig } from './fleet-rig.js';
import type { FleetFollower } from './follower.js';

/** This machine, where a testbed robot is else. */
const here = { path: (path: string): string => path };

async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const rss = Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
  return { pss: await pssMiB(here, pid), rss };
}

/** Memory as it is, whatever the collector of garbage has left, and what is left when it has been at work. */
export async function memoryTrio(rig: FleetRig): Promise<MemoryTrio> {
  const [console, broker] = [await memoryOf(rig.consolePid), await memoryOf(rig.broker.pid)];
  return { console, broker, held: await rig.collect() };
}

interface Reading {
  readonly at: number;
  readonly cpu: CpuTimes;
  readonly broker: BrokerFigures;
}

async function read(rig: FleetRig): Promise<Reading> {
  const figures = await rig.broker.figures();
  return { at: monotonicMs(), cpu: await cpuTimes(rig), broker: figures };
}

/** Since each process began. */
export async function cpuTimes({ consolePid, broker, crowd }: FleetRig): Promise<CpuTimes> {
  const robots = await Promise.all(crowd.pids.map((pid) => processCpuMs(here, pid)));
  return {
    console: await processCpuMs(here, consolePid),
    broker: await processCpuMs(here, broker.pid),
    robots: robots.reduce((sum, one) => sum + one, 0),
  };
}

/** What all of it uses over so many milliseconds in which nobody does anything. */
export async function measureIdle(
  rig: FleetRig,
  ms: number,
  follower: FleetFollower | null,
): Promise<IdleFigures> {
  const heard = (): { robots: number; runs: number } => follower?.heard ?? { robots: 0, runs: 0 };
  const [before, had] = [await read(rig), { ...heard() }];
  await new Promise((resolve) => setTimeout(resolve, ms));
  const [after, has] = [await read(rig), heard()];
  const took = after.at - before.at;
  const percent = (name: keyof Reading['cpu']): number => (100 * (after.cpu[name] - before.cpu[name])) / took;
  const rate = (name: keyof BrokerFigures): number =>
    (1_000 * (after.broker[name] - before.broker[name])) / took;
  return {
    console: percent('console'),
    broker: percent('broker'),
    robots: percent('robots'),
    received: rate('receivedPackets'),
    sent: rate('sentPackets'),
    receivedBytes: rate('receivedBytes'),
    sentBytes: rate('sentBytes'),
    events: {
      robots: (1_000 * (has.robots - had.robots)) / took,
      runs: (1_000 * (has.runs - had.runs)) / took,
    },
  };
}
