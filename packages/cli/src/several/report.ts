import { RoviError, type SupervisedService } from '@rovi/contract';
import { json, printable } from '../control-codes.js';
import { EXIT } from '../exit-codes.js';
import { findService } from '../find-service.js';
import { healthDecided } from '../health-decided.js';
import type { TargetClient } from '../hosts/targets.js';
import { endWith, type VerbContext } from '../verb.js';
import { hostOutcomesText } from '../views/host-outcomes.js';
import { serviceBlock } from '../views/service-block.js';
import { exitCodeOfAll, type HostOutcome } from './host-outcome.js';

/** Milliseconds for the state that is shown at the end. */
const STATE_MS = 5_000;

/** The service whose state is shown at the end. */
export interface ReportedService {
  readonly name: string;
  readonly clients: readonly TargetClient[];
  /** Whether its checks have something to say about it now. */
  readonly started: boolean;
}

/** Prints what came of a command on several hosts, and sets the exit code. */
export async function report(
  context: VerbContext,
  outcomes: readonly HostOutcome[],
  options: {
    readonly json: boolean;
    readonly service?: ReportedService;
    /** What stands beside the hosts in the JSON. */
    readonly more?: object;
    /** What is said on standard error below the table. */
    readonly after?: string;
  },
): Promise<void> {
  const { terminal } = context;
  endWith(exitCodeOfAll(outcomes));
  if (options.json) {
    const hosts = outcomes.map(({ host, robot, outcome, operation, problem }) => ({
      ...{ host, robot, outcome, operation, problem },
    }));
    terminal.out(json({ ...options.more, hosts }));
    terminal.err(options.after ?? '');
    return;
  }
  const { colour } = terminal;
  terminal.out(hostOutcomesText(outcomes, { colour, width: terminal.width() }));
  terminal.err(options.after ?? '');
  if (options.service === undefined || exitCodeOfAll(outcomes) === EXIT.interrupted) return;
  const { name, clients, started } = options.service;
  const done = outcomes.filter(({ outcome }) => outcome === 'succeeded').map(({ host }) => host);
  const blocks = clients
    .filter(({ target }) => done.includes(target.name))
    .map(async ({ target, client: open }) => {
      try {
        const client = await open();
        if (started) await healthDecided(client, name);
        const snapshot = await client.state({ timeout: STATE_MS });
        const service: SupervisedService = findService(snapshot, name);
        return serviceBlock(service, target.name, Date.parse(snapshot.at));
      } catch (error) {
        return `\n${printable(target.name)}: how it is now cannot be shown: ${printable(RoviError.from(error).message)}\n`;
      }
    });
  for (const block of blocks) terminal.out(await block);
}
