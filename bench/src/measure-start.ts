import { STACKS } from './bench-catalog.js';
import type { BenchRobot } from './bench-robot.js';
import { command } from './contenders.js';
import type { Contender } from './contenders.js';
import { cgroupCpuMs, daemonPlace } from './daemon-figures.js';
import { shuffled } from './statistics.js';

/** Milliseconds of each start and stop, by contender. */
export interface StartSamples {
  readonly start: Partial<Record<Contender, number[]>>;
  readonly stop: Partial<Record<Contender, number[]>>;
  /** Of the conductor's own operations: milliseconds per step, by what the step does. */
  readonly steps: Record<string, number[]>;
  /** CPU of the gateway per start and stop, whoever commanded: it observes all of them. */
  readonly cpuMsPerCycle: number;
}

/** Processes in the cgroup of a stack that is up: the launch and its nodes, or the one `sleep`. */
const PROCESSES = { generated: 3, whole: 3, trivial: 1, watched: 1 } as const;

/**
 * Rounds in which every contender, in a new random order each time, starts the same stack and stops it again. What
 * drifts on the machine hits all of them alike.
 */
export async function measureStart(
  bench: BenchRobot,
  kind: keyof typeof PROCESSES,
  contenders: readonly Contender[],
  rounds: number,
): Promise<StartSamples> {
  const { stack } = STACKS[kind];
  const samples: StartSamples = { start: {}, stop: {}, steps: {}, cpuMsPerCycle: 0 };
  const place = await daemonPlace(bench.robot);
  let cpu = 0;
  // The first round pays for caches and the compiler's warming; it is not counted.
  for (let round = -1; round < rounds; round += 1) {
    if (round === 0) cpu = await cgroupCpuMs(bench.robot, place);
    for (const contender of shuffled(contenders)) {
      const started = await command(bench, contender, 'start', stack);
      await bench.settleUp(stack, PROCESSES[kind]);
      const stopped = await command(bench, contender, 'stop', stack);
      await bench.settleDown(stack);
      if (round < 0) continue;
      (samples.start[contender] ??= []).push(started.ms);
      (samples.stop[contender] ??= []).push(stopped.ms);
      for (const { text, duration_ms } of [
        ...(started.operation?.steps ?? []),
        ...(stopped.operation?.steps ?? []),
      ]) {
        const name = text.replace(/rovi-\S+\.service/, 'UNIT').replace(/^wait for .*/, 'wait for processes');
        if (duration_ms !== null) (samples.steps[name] ??= []).push(duration_ms);
      }
    }
  }
  const used = (await cgroupCpuMs(bench.robot, place)) - cpu;
  return { ...samples, cpuMsPerCycle: used / (rounds * contenders.length) };
}
