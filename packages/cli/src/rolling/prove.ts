import type { RoviClient } from '@rovi/client';
import { RoviError, type Rolling, type Snapshot } from '@rovi/contract';
import { findService } from '../find-service.js';
import { healthDecided } from '../health-decided.js';

/** Milliseconds for the checks of a service to come to a verdict: the next robot is not touched before. */
const HEALTH_MS = 90_000;

/** The runs that a restart is to end, by their invocation. */
export function runsOf({ kind, name }: Pick<Rolling, 'kind' | 'name'>, snapshot: Snapshot): string[] {
  const units =
    kind === 'service'
      ? findService(snapshot, name).instances.map(({ unit }) => unit)
      : snapshot.stacks.filter((stack) => stack.name === name).map(({ unit }) => unit);
  return units.flatMap(({ active_state: state, invocation_id: run }) =>
    run === null || state === 'inactive' || state === 'failed' ? [] : [run],
  );
}

/**
 * Resolves when what was restarted is proven to run anew and to be well: none of the runs from before is left, and its
 * checks have passed. Rejects with `not-ready` where not.
 */
export async function proveRestarted(
  client: RoviClient,
  about: Pick<Rolling, 'kind' | 'name'>,
  options: {
    readonly host: string;
    readonly before: readonly string[];
    readonly tell: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { kind, name } = about;
  const { host, before, tell, signal } = options;
  const rovictl = `rovictl --host ${host}`;
  tell(`restarted; how well ${name} is`);
  const decided =
    kind === 'service' ? await healthDecided(client, name, { patienceMs: HEALTH_MS, signal }) : null;
  const snapshot = await client.state({ signal });
  if (runsOf(about, snapshot).some((run) => before.includes(run))) {
    throw new RoviError('not-ready', `a run of ${name} from before the restart is still there`, {
      mend: `Look at it: \`${rovictl} status\`.`,
    });
  }
  if (kind === 'stack') return stackIsWell(name, rovictl, snapshot);
  if (decided === null) {
    throw new RoviError(
      'not-ready',
      `${name} runs anew, but its checks came to no verdict within ${String(HEALTH_MS / 1000)} s`,
      { mend: `See which: \`${rovictl} service health ${name}\`.` },
    );
  }
  // What was seen at the verdict counts: by now it may be restarted for it.
  const well = decided.health === 'healthy' || decided.health === 'none';
  if (decided.state === 'RUNNING' && well) return;
  const bad = decided.instances.find(({ health }) => health.text !== '' && health.status !== 'healthy');
  const seen = bad?.health.text ?? decided.text;
  throw new RoviError(
    'not-ready',
    `${name} was restarted, and is not well: ${decided.state.toLowerCase()}, ${decided.health === 'none' ? decided.text : `${decided.health} (${seen})`}`,
    {
      mend: `Why: \`${rovictl} service why ${name}\`.`,
      context: { state: decided.state, health: decided.health },
    },
  );
}

function stackIsWell(name: string, rovictl: string, { stacks }: Snapshot): void {
  const stack = stacks.find((one) => one.name === name);
  if (stack?.state === 'RUNNING' && stack.verdict.level === 'ok') return;
  throw new RoviError(
    'not-ready',
    `${name} was restarted, and is not well: ${stack?.verdict.text ?? 'gone'}`,
    {
      mend: `Why: \`${rovictl} stack why ${name}\`.`,
    },
  );
}
