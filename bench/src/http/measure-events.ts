import { setTimeout as delay } from 'node:timers/promises';
import { PATHS } from '@rovi/contract';
import { settle } from '../bench-robot.js';
import { processCpuMs, pssMiB } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import { Crowd } from './crowd.js';
import type { EventProtocol } from './crowd.js';
import { COMMANDED, GATEWAY_PLACES } from './http-bench-robot.js';
import type { HttpBenchRobot } from './http-bench-robot.js';
import type { HttpPlan } from './http-plan.js';
import type { EventRecord } from './listeners.js';

/** What so many listeners wait for, and what they cost. Samples are milliseconds, one entry an event. */
export interface EventFigures {
  readonly protocol: EventProtocol;
  readonly subscribers: number;
  /** From the event's own `at` until the first of them, and until the last of them, has it. */
  readonly toFirst: readonly number[];
  readonly toLast: readonly number[];
  /** From right before the SIGKILL of a stack's main process until the last of them knows that it FAILED. */
  readonly crashToLast: readonly number[];
  /** Milliseconds until all were connected and had the snapshot. */
  readonly connectMs: number;
  /** The gateway while nothing changes: without them, and with them. Percent of one core. Null of a single one. */
  readonly idlePercent: { readonly without: number; readonly with: number } | null;
  /** The gateway's PSS in MiB: before them, with them, after all events, and when they were gone for a while. */
  readonly pssMiB: {
    readonly before: number;
    readonly with: number;
    readonly busy: number;
    readonly after: number;
  };
}

/** Milliseconds until nothing of a change goes on any more. */
const QUIET_MS = 4_000;

/** Starts a stack, kills it, starts it again, with so many listeners; over the unix socket, one process for all of them. */
export async function measureEvents(
  bench: HttpBenchRobot,
  protocol: EventProtocol,
  subscribers: number,
  { rounds, idleSeconds }: Pick<HttpPlan['events'], 'rounds' | 'idleSeconds'>,
): Promise<EventFigures> {
  const { robot, asker, hand, gateway } = bench;
  const stack = COMMANDED.trivial;
  const pss = (): Promise<number> => pssMiB(robot, gateway.pid);
  const idle = async (): Promise<number> => {
    await delay(QUIET_MS);
    const [cpu, begin] = [await processCpuMs(robot, gateway.pid), monotonicMs()];
    await delay(idleSeconds * 1000);
    return (100 * ((await processCpuMs(robot, gateway.pid)) - cpu)) / (monotonicMs() - begin);
  };
  const many = subscribers > 1;
  const idleWithout = many ? await idle() : 0;
  const before = await pss();
  const crowd = new Crowd(robot);
  const connectMs = await crowd.open(protocol, subscribers, PATHS.socket);
  const idleWith = many ? await idle() : 0;
  const withThem = await pss();

  const records: EventRecord[] = [];
  const crashToLast: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    const begin = monotonicMs();
    const path = `/api/stacks/${stack}/start`;
    const { status, body } = await asker.ask({ place: GATEWAY_PLACES.unix, method: 'POST', path });
    if (status !== 200) throw new Error(`start: ${status} ${body.slice(0, 500)}`);
    const up = await crowd.hear(stack, 'RUNNING', begin);
    await settle();
    const { pid } = await mainProcess(bench, stack);
    const killed = await hand.kill(pid);
    const down = await crowd.hear(stack, 'FAILED', killed);
    await settle();
    if (round < 0) continue;
    records.push(...up.records, ...down.records);
    crashToLast.push(down.reached.last - killed);
  }
  const busy = await pss();
  await crowd.close();
  if (many) await delay(QUIET_MS);
  return {
    protocol,
    subscribers,
    toFirst: records.map(({ at, first }) => first - at),
    toLast: records.map(({ at, last }) => last - at),
    crashToLast,
    connectMs,
    idlePercent: many ? { without: idleWithout, with: idleWith } : null,
    pssMiB: { before, with: withThem, busy, after: await pss() },
  };
}

async function mainProcess({ client }: HttpBenchRobot, stack: string): Promise<{ pid: number }> {
  const { main_pid: pid } = (await client.stack(stack)).stack.unit;
  if (pid === null) throw new Error(`${stack} is up and has no main process`);
  return { pid };
}
