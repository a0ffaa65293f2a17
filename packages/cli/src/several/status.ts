import { RoviError, type Problem, type Snapshot, type SupervisedService } from '@rovi/contract';
import { json } from '../control-codes.js';
import { findService } from '../find-service.js';
import { openTargets } from '../hosts/targets.js';
import { endWith, type VerbContext } from '../verb.js';
import { hostFaultsText } from '../views/hosts.js';
import { hostStatesText } from '../views/host-states.js';
import { serviceBlock } from '../views/service-block.js';
import { AT_ONCE, eachAtOnce } from './at-once.js';
import { exitCodeOfAll } from './host-outcome.js';
import type { HostState } from './host-state.js';

/** Milliseconds a robot has for its state. */
const ANSWER_MS = 10_000;

/** Prints the state of each robot that the command line means, one a line. */
export async function statusOfSeveral(context: VerbContext, asJson: boolean): Promise<void> {
  const states = await ask(context, (snapshot) => snapshot);
  const { terminal } = context;
  if (asJson) terminal.out(json({ hosts: states.map(entry('snapshot')) }));
  else terminal.out(hostStatesText(states, { colour: terminal.colour, width: terminal.width() }));
}

/** Prints how a service is on each of them. */
export async function serviceStatusOfSeveral(
  context: VerbContext,
  name: string,
  asJson: boolean,
): Promise<void> {
  const states = await ask(context, (snapshot) => ({
    service: findService(snapshot, name),
    at: snapshot.at,
  }));
  const { terminal } = context;
  if (asJson) {
    const services = states.map(({ answer, ...rest }) => ({ ...rest, answer: answer?.service ?? null }));
    terminal.out(json({ hosts: services.map(entry<SupervisedService>('service')) }));
    return;
  }
  for (const { host, answer } of states) {
    if (answer !== null) terminal.out(serviceBlock(answer.service, host, Date.parse(answer.at)));
  }
  const faults = hostFaultsText(states, terminal.colour);
  if (faults !== '') terminal.out(`\n${faults}`);
}

async function ask<Answer>(
  context: VerbContext,
  answerOf: (snapshot: Snapshot) => Answer,
): Promise<HostState<Answer>[]> {
  const clients = await openTargets(context, { mayAsk: false });
  const states = await eachAtOnce(
    clients,
    AT_ONCE,
    async ({ target, client }): Promise<HostState<Answer>> => {
      let robot: string | null = null;
      try {
        const snapshot = await (await client()).state({ timeout: ANSWER_MS });
        ({ robot } = snapshot);
        return { host: target.name, robot, answer: answerOf(snapshot), problem: null };
      } catch (error) {
        return { host: target.name, robot, answer: null, problem: RoviError.from(error).toProblem() };
      }
    },
  );
  endWith(exitCodeOfAll(states.map(withOutcome)));
  return states;
}

function entry<Answer>(what: string): (state: HostState<Answer>) => object {
  return (state) => ({
    host: state.host,
    robot: state.robot,
    outcome: withOutcome(state).outcome,
    [what]: state.answer,
    problem: state.problem,
  });
}

function withOutcome({ problem }: { readonly problem: Problem | null }): {
  readonly problem: Problem | null;
  readonly outcome: 'succeeded' | 'failed';
} {
  return { problem, outcome: problem === null ? 'succeeded' : 'failed' };
}
