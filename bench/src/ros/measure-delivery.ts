import { setTimeout as delay } from 'node:timers/promises';
import type { RosBenchRobot } from './ros-bench-robot.js';
import { RosEar } from './ros-ear.js';
import type { EarKind } from './ros-ear.js';

/** Milliseconds from systemd's own timestamp of a change to the message in the other process, one entry a change. */
export interface DeliverySamples {
  readonly started: number[];
  readonly stopped: number[];
  readonly crashed: number[];
  /** From right before the SIGKILL of the main process to the message that says `failed`. */
  readonly killed: number[];
}

/** How each kind of topic says where the stack is. */
const WORDS = {
  unit: { up: 'active', down: 'inactive', failed: 'failed' },
  snapshot: { up: 'RUNNING', down: 'STOPPED', failed: 'FAILED' },
  diagnostics: { up: 'RUNNING', down: 'STOPPED', failed: 'FAILED' },
} as const;

/**
 * Starts the measured stack by systemd's D-Bus API, kills it, starts it, stops it, again and again, behind the
 * conductor's back. Between two changes lie 30 ms and up to `restMs` more at random.
 */
export async function measureDelivery(
  bench: RosBenchRobot,
  kind: EarKind,
  topic: string,
  rounds: number,
  restMs: number,
): Promise<DeliverySamples> {
  const samples: DeliverySamples = { started: [], stopped: [], crashed: [], killed: [] };
  const words = WORDS[kind];
  const ear = await RosEar.open(bench, kind, topic);
  const rest = (): Promise<void> => delay(30 + Math.random() * restMs);
  const start = async (): Promise<number> => {
    await rest();
    const span = await bench.raw.command('start', bench.unit);
    const received = await ear.word(words.up, span.start);
    return received - (await facts(bench)).activeAt;
  };
  try {
    for (let round = -1; round < rounds; round += 1) {
      const started = [await start()];
      await rest();
      const { pid } = await facts(bench);
      const killed = await bench.hand.kill(pid);
      const failed = await ear.word(words.failed, killed);
      const crashed = failed - (await facts(bench)).inactiveAt;
      started.push(await start());
      await rest();
      const span = await bench.raw.command('stop', bench.unit);
      const down = await ear.word(words.down, span.start);
      const stopped = down - (await facts(bench)).inactiveAt;
      if (round < 0) continue;
      samples.started.push(...started);
      samples.crashed.push(crashed);
      samples.killed.push(failed - killed);
      samples.stopped.push(stopped);
    }
  } finally {
    await ear.close();
  }
  return samples;
}

/** What systemd says of the measured unit; moments are CLOCK_MONOTONIC in milliseconds. */
async function facts(bench: RosBenchRobot): Promise<{ pid: number; activeAt: number; inactiveAt: number }> {
  const names = ['MainPID', 'ActiveEnterTimestampMonotonic', 'InactiveEnterTimestampMonotonic'];
  const { output } = await bench.hand.run(['systemctl', 'show', '-p', names.join(','), bench.unit]);
  const value = (name: string): number => Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(output)?.[1]);
  return {
    pid: value('MainPID'),
    activeAt: value('ActiveEnterTimestampMonotonic') / 1000,
    inactiveAt: value('InactiveEnterTimestampMonotonic') / 1000,
  };
}
