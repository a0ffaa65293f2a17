import { RoviError, type Problem } from '@rovi/contract';
import { AT_ONCE, eachAtOnce } from '../several/at-once.js';
import type { TargetClient } from './targets.js';

/** What came of asking one host. */
export interface HostTest {
  readonly host: string;
  /** Null of this machine. */
  readonly address: string | null;
  /** Null where it did not answer. */
  readonly answer: {
    readonly robot: string;
    readonly version: string;
    readonly active: string | null;
    /** Whether the gateway sees systemd. */
    readonly known: boolean;
    /** Milliseconds of one request on the open way, and of opening it. */
    readonly round_trip_ms: number;
    readonly connect_ms: number;
  } | null;
  readonly problem: Problem | null;
}

/** Milliseconds a robot has for its state. */
const ANSWER_MS = 10_000;
/** Asks these robots without a question to anybody: whoever is at the terminal looks at a table. */
export async function testHosts(clients: readonly TargetClient[]): Promise<HostTest[]> {
  return eachAtOnce(clients, AT_ONCE, test);
}

async function test({ target, client: open }: TargetClient): Promise<HostTest> {
  const { name, host } = target;
  const address = host?.entry.address ?? null;
  const begun = performance.now();
  try {
    const client = await open();
    const { robot, version, active, known } = await client.state({ timeout: ANSWER_MS });
    const opened = performance.now();
    await client.health({ timeout: ANSWER_MS });
    const answer = {
      ...{ robot, version, active, known },
      round_trip_ms: rounded(performance.now() - opened),
      connect_ms: rounded(opened - begun),
    };
    return { host: name, address, answer, problem: null };
  } catch (error) {
    return { host: name, address, answer: null, problem: RoviError.from(error).toProblem() };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
