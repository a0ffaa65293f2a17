import { RoviError, type Estop } from '@rovi/contract';
import { json, printable } from '../control-codes.js';
import { openTargets, type TargetClient } from '../hosts/targets.js';
import { REASON_CHARACTERS, STOP_MS, withMachineEstop } from '../machine-estop.js';
import { endWith, type VerbContext } from '../verb.js';
import { hostOutcomesText } from '../views/host-outcomes.js';
import { leaveIfInterrupted, tellTargets } from './command-several.js';
import { HostLines } from './host-lines.js';
import { exitCodeOfAll, failedOutcome, type HostOutcome } from './host-outcome.js';
import { orAborted } from './send.js';
import { untilInterrupt } from './until-interrupt.js';

/** What came of an e-stop on one robot. */
interface EstopOutcome extends HostOutcome {
  readonly estop: Estop | null;
}

/** Stops what tickets move on every robot that is meant, each as soon as there is a way to it. */
export async function estopSeveral(
  context: VerbContext,
  flags: { readonly reason?: string; readonly json?: true },
): Promise<void> {
  const { terminal } = context;
  const clients = await openTargets(context, { mayAsk: false });
  tellTargets(context, clients);
  const lines = new HostLines(
    terminal,
    clients.map(({ target }) => target.name),
  );
  const reason = (flags.reason ?? '').slice(0, REASON_CHARACTERS);
  const outcomes = await untilInterrupt(async (signal) => {
    try {
      return await Promise.all(clients.map((one) => estop(one, { lines, reason, signal })));
    } finally {
      lines.close();
    }
  });
  endWith(exitCodeOfAll(outcomes));
  if (flags.json) {
    const hosts = outcomes.map(({ host, robot, outcome, estop: state, problem }) => ({
      ...{ host, robot, outcome, estop: state, problem },
    }));
    terminal.out(json({ hosts }));
  } else {
    terminal.out(hostOutcomesText(outcomes, { colour: terminal.colour, width: terminal.width() }));
  }
  leaveIfInterrupted(outcomes);
}

async function estop(
  { target, client }: TargetClient,
  way: { readonly lines: HostLines; readonly reason: string; readonly signal: AbortSignal },
): Promise<EstopOutcome> {
  const { lines, reason, signal } = way;
  const { name, host } = target;
  lines.begin(name, 'is sent the e-stop');
  const about = { host: name, robot: null, operation: null };
  try {
    const pulled = client().then((open) => open.tickets.estop({ reason, timeout: STOP_MS, signal }));
    const state = await orAborted(pulled, signal);
    const by = printable(state.actor?.name ?? 'somebody');
    const kept = state.stored ? '' : '; not written down: a restart of the gateway forgets it';
    const message = `■ E-STOP by ${by}: no ticket moves it until \`rovictl estop reset\`${kept}`;
    lines.end(name, 'done', message);
    return { ...about, outcome: 'succeeded', message, problem: null, estop: state };
  } catch (error) {
    if (signal.aborted) {
      const message = 'no longer watched: whether it got through is not known';
      lines.end(name, 'open', message);
      return { ...about, outcome: 'watched-no-more', message, problem: null, estop: null };
    }
    const problem = RoviError.from(withMachineEstop(error, host)).toProblem();
    lines.end(name, 'failed', problem.code);
    return { ...failedOutcome(name, null, problem), estop: null };
  }
}
