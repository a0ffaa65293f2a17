import { setTimeout as delay } from 'node:timers/promises';
import { stackUnit } from '@rovi/contract';
import { MORTALS, STACKS } from './bench-catalog.js';
import { settle } from './bench-robot.js';
import type { BenchRobot } from './bench-robot.js';

/** Milliseconds from right before the SIGKILL of the main process, one entry a crash. */
export interface CrashSamples {
  /** Until an event said that the stack no longer runs, with the unit's `result` that tells why. */
  readonly first: number[];
  /** Until an event said FAILED. */
  readonly failed: number[];
  /** Until a raw D-Bus client had systemd's signal that the unit is `failed`: systemd's own part. */
  readonly systemd: number[];
  /** From there to our event with FAILED; negative where ours was first. */
  readonly after: number[];
}

/** Kills the main process of a running stack, again and again. */
export async function measureCrash(
  bench: BenchRobot,
  kind: 'generated' | 'trivial',
  crashes: number,
): Promise<CrashSamples> {
  const { stack } = STACKS[kind];
  const unit = stackUnit(stack);
  const samples: CrashSamples = { first: [], failed: [], systemd: [], after: [] };
  for (let crash = -1; crash < crashes; crash += 1) {
    await bench.client.start(stack);
    const status = await bench.settleUp(stack, kind === 'generated' ? 3 : 1);
    const pid = status.unit.main_pid;
    if (pid === null) throw new Error(`${unit} is up and has no main process`);
    const first = bench.ear.next(
      stack,
      'a sign of the crash',
      (seen) => seen.state !== 'RUNNING' && seen.unit.result !== 'success',
    );
    const failed = bench.ear.next(stack, 'FAILED', ({ state }) => state === 'FAILED');
    const killed = await bench.hand.kill(pid);
    const [sign, end, signal] = [await first, await failed, await bench.raw.seen(unit, 'failed', killed)];
    await bench.settleDown(stack);
    if (crash < 0) continue;
    samples.first.push(sign.at - killed);
    samples.failed.push(end.at - killed);
    samples.systemd.push(signal - killed);
    samples.after.push(end.at - signal);
  }
  return samples;
}

/** Milliseconds after the last change in which a stack counts as at rest, with as much again at random. */
const REST_MS = { least: 2_200, more: 400 };

/**
 * Milliseconds from the SIGKILL of an expected process, its launch living on, to the event that says it is missing:
 * of nodes of a stack that has been at rest for two seconds, or of one in which something has just changed.
 */
export async function measureNodeDeath(
  bench: BenchRobot,
  when: 'at rest' | 'just changed',
  deaths: number,
): Promise<number[]> {
  const { stack } = STACKS.mortal;
  const samples: number[] = [];
  while (samples.length < deaths) {
    await bench.client.start(stack);
    await bench.settleUp(stack, MORTALS.length + 1);
    for (const name of MORTALS.slice(0, Math.min(MORTALS.length - 1, deaths - samples.length))) {
      if (when === 'at rest') await delay(REST_MS.least + Math.random() * REST_MS.more);
      const node = bench.ear.last(stack).status.expected.find((expected) => expected.name === name);
      if (node?.pid == null) throw new Error(`${name} is not there`);
      const missed = bench.ear.next(stack, `${name} missing`, ({ expected }) =>
        expected.some((one) => one.name === name && one.present === false),
      );
      const killed = await bench.hand.kill(node.pid);
      samples.push((await missed).at - killed);
      await settle();
    }
    await bench.client.stop(stack);
    await bench.settleDown(stack);
  }
  return samples;
}
