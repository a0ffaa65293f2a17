import type { RoviClient } from '@rovi/client';
import { RoviError, type Impact, type Snapshot } from '@rovi/contract';
import type { Request } from '../command-request.js';
import { exitCodeOf, EXIT } from '../exit-codes.js';
import type { Target } from '../hosts/target-expression.js';
import type { TargetClient } from '../hosts/targets.js';
import type { Terminal } from '../terminal.js';
import { AT_ONCE, eachAtOnce } from './at-once.js';
import { HostLines } from './host-lines.js';

/** Milliseconds a robot has for each of its answers. */
const ANSWER_MS = 10_000;

/** A robot that has said how it is, and what the command would hit there. */
export interface AskedRobot {
  readonly target: Target;
  readonly client: RoviClient;
  readonly snapshot: Snapshot;
  readonly request: Request;
  readonly impact: Impact;
}

/** A robot that could not be asked. */
export interface MissingRobot {
  readonly target: Target;
  readonly problem: RoviError;
}

/** What came of asking, in the order of the targets. */
export interface Asked {
  readonly ready: readonly AskedRobot[];
  readonly missing: readonly MissingRobot[];
}

/** Asks each robot how it is and what the command would hit there. `requestFor` may depend on how it is. */
export async function askRobots(
  terminal: Terminal,
  clients: readonly TargetClient[],
  requestFor: (snapshot: Snapshot) => Request,
): Promise<Asked> {
  const lines = new HostLines(
    terminal.errLive ? terminal : silent(terminal),
    clients.map(({ target }) => target.name),
  );
  const ready: AskedRobot[] = [];
  const missing: MissingRobot[] = [];
  try {
    const answers = await eachAtOnce(clients, AT_ONCE, async (one): Promise<AskedRobot | MissingRobot> => {
      const { target, client: open } = one;
      lines.begin(target.name, 'is asked what it would hit');
      try {
        const client = await open();
        const snapshot = await client.state({ timeout: ANSWER_MS });
        const request = requestFor(snapshot);
        const impact = await impactOf(client, request);
        lines.end(target.name, 'done', 'has answered');
        return { target, client, snapshot, request, impact };
      } catch (error) {
        const problem = RoviError.from(error);
        lines.end(target.name, 'failed', problem.code);
        return { target, problem };
      }
    });
    for (const answer of answers) {
      if ('problem' in answer) missing.push(answer);
      else ready.push(answer);
    }
  } finally {
    lines.close();
  }
  return { ready, missing };
}

/** A line a host that has answered is worth nothing in a script's log. */
function silent(terminal: Terminal): Terminal {
  return { ...terminal, err: () => undefined };
}

function impactOf(client: RoviClient, request: Request): Promise<Impact> {
  const { kind, stack, service, cascade, instances } = request;
  const options = { timeout: ANSWER_MS };
  if (service === undefined || kind === 'stop-all' || kind === 'switch') {
    return client.impact({ command: kind, ...(stack === null ? {} : { stack }) }, options);
  }
  const more = {
    ...(cascade === undefined ? {} : { cascade }),
    ...(instances === undefined ? {} : { instances }),
  };
  return client.serviceImpact({ command: kind, service, ...more }, options);
}

/** Whether it could not be asked for want of a way to it, or leave: `--skip-unreachable` goes on without such robots, and without no others. */
export function isAway({ problem }: MissingRobot): boolean {
  const code = exitCodeOf(problem.code);
  return code === EXIT.unreachable || code === EXIT.denied;
}

/** Two of the robots that are one: their gateways are the same run. Null where each is another. */
export function sameRobot(ready: readonly AskedRobot[]): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const { target, snapshot } of ready) {
    const other = seen.get(snapshot.boot_id);
    if (other !== undefined) return [other, target.name];
    seen.set(snapshot.boot_id, target.name);
  }
  return null;
}
