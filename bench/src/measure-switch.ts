import { STACKS } from './bench-catalog.js';
import type { BenchRobot } from './bench-robot.js';
import { command } from './contenders.js';
import { monotonicMs } from './monotonic.js';
import { shuffled } from './statistics.js';

/** Milliseconds, one entry a change from one stack to the other. */
export interface SwitchSamples {
  /** The conductor's switch, whole. */
  readonly conductor: number[];
  /** Stop and start by hand, each a program, the time between them not counted. */
  readonly systemctl: number[];
  /** StopUnit and job, StartUnit and job. */
  readonly raw: number[];
  /** Of the switches: milliseconds per step, by what the step does. */
  readonly steps: Record<string, number[]>;
}

/** Changes from one stack to another of the same make and back, by each contender in random order. */
export async function measureSwitch(
  bench: BenchRobot,
  kind: 'generated' | 'trivial',
  rounds: number,
): Promise<SwitchSamples> {
  const { stack, other } = STACKS[kind];
  const processes = kind === 'generated' ? 3 : 1;
  const samples: SwitchSamples = { conductor: [], systemctl: [], raw: [], steps: {} };
  let [from, to]: [string, string] = [stack, other];
  await bench.client.start(from);
  await bench.settleUp(from, processes);
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of shuffled(['conductor', 'systemctl', 'raw'] as const)) {
      let ms: number;
      if (contender === 'conductor') {
        const begin = monotonicMs();
        const { steps } = await bench.client.switchTo(to);
        ms = monotonicMs() - begin;
        for (const { text, duration_ms } of round < 0 ? [] : steps) {
          const name = text.replace(/rovi-\S+\.service/, 'UNIT');
          if (duration_ms !== null) (samples.steps[name] ??= []).push(duration_ms);
        }
      } else {
        ms = (await command(bench, contender, 'stop', from)).ms;
        ms += (await command(bench, contender, 'start', to)).ms;
      }
      await bench.ear.until(from, 'its end', ({ state }) => state === 'STOPPED');
      await bench.settleUp(to, processes);
      if (round >= 0) samples[contender].push(ms);
      [from, to] = [to, from];
    }
  }
  await bench.client.stop(from);
  await bench.settleDown(from);
  return samples;
}
