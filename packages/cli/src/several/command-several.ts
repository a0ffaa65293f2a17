import process from 'node:process';
import type { Request } from '../command-request.js';
import { isStop } from '../command-request.js';
import { EXIT } from '../exit-codes.js';
import { findService } from '../find-service.js';
import { openTargets, type TargetClient } from '../hosts/targets.js';
import type { VerbContext } from '../verb.js';
import { askRobots, isAway, type Asked, type AskedRobot } from './ask-robots.js';
import { consent, refuseSameAddress, refuseSameRobot } from './consent.js';
import { HostLines } from './host-lines.js';
import { failedOutcome, type HostOutcome } from './host-outcome.js';
import { report } from './report.js';
import { sendTo, type Sending } from './send.js';
import { untilInterrupt } from './until-interrupt.js';

/** What the command line said besides the command itself. */
export interface SeveralFlags {
  reason?: string;
  json?: true;
  yes?: true;
  skipUnreachable?: true;
}

/**
 * Sends a command to every robot that the command line means. All are asked first what it would hit; it is shown, and
 * asked about once; then each is sent the command with the token of its own impact. Where one cannot be asked nothing is
 * done anywhere, unless `--skip-unreachable` was given. A stop is not held up by that: a service's is sent to whoever
 * answers, and a stack's and `stop-all` are not asked about at all. Resolves when all is told, with the exit code set.
 */
export async function commandSeveral(
  context: VerbContext,
  request: Request,
  flags: SeveralFlags,
): Promise<void> {
  const clients = await openTargets(context, { mayAsk: false });
  const { service } = request;
  const outcomes =
    isStop(request) && service === undefined
      ? await stopAtOnce(context, clients, request)
      : await askedCommand(context, { clients, request, flags });
  if (outcomes === null) return;
  await report(context, outcomes, {
    json: flags.json === true,
    ...(service === undefined ? {} : { service: { name: service, clients, started: !isStop(request) } }),
  });
  leaveIfInterrupted(outcomes);
}

/** To every robot as soon as there is a way to it: none waits for another, and none for a question. */
function stopAtOnce(
  context: VerbContext,
  clients: readonly TargetClient[],
  request: Request,
): Promise<HostOutcome[]> {
  tellTargets(context, clients);
  return sendAll(
    context,
    clients.map(({ target, client }) => ({ target, client, request, robot: null })),
  );
}

/** Null for a no. */
async function askedCommand(
  context: VerbContext,
  given: {
    readonly clients: readonly TargetClient[];
    readonly request: Request;
    readonly flags: SeveralFlags;
  },
): Promise<readonly HostOutcome[] | null> {
  const { clients, request, flags } = given;
  const { service } = request;
  if (!isStop(request)) refuseSameAddress(clients);
  tellTargets(context, clients);
  const asked = await askRobots(context.terminal, clients, (snapshot) => {
    // The API takes names of stacks as well, and would start one.
    if (service !== undefined) findService(snapshot, service);
    return request;
  });
  if (!isStop(request)) refuseSameRobot(asked.ready);
  const goesOn =
    isStop(request) || (flags.skipUnreachable === true && asked.missing.every((one) => isAway(one)));
  if (asked.ready.length === 0 || (asked.missing.length > 0 && !goesOn))
    return nothingDone(context, clients, asked);
  tellMissing(context, asked);
  const words = `${request.kind} ${request.stack ?? service ?? ''}`.trim();
  if (!(await consent(context, asked.ready, { words, yes: flags.yes === true }))) return null;
  const done = await sendAll(context, asked.ready.map(confirmed));
  return inOrder(clients, [...done, ...missingOutcomes(asked)]);
}

/** The command with the token of what was shown for this robot. */
export function confirmed({ target, client, request, snapshot, impact }: AskedRobot): Sending {
  return {
    ...{ target, robot: snapshot.robot },
    client: () => Promise.resolve(client),
    request: { ...request, confirm: impact.token },
  };
}

function sendAll(context: VerbContext, sendings: readonly Sending[]): Promise<HostOutcome[]> {
  const lines = new HostLines(
    context.terminal,
    sendings.map(({ target }) => target.name),
  );
  return untilInterrupt(async (signal) => {
    try {
      return await Promise.all(sendings.map((sending) => sendTo(sending, lines, signal)));
    } finally {
      lines.close();
    }
  });
}

/** Says on standard error which robots are meant, as for one host. */
export function tellTargets({ terminal }: VerbContext, clients: readonly TargetClient[]): void {
  const { bold, yellow } = terminal.errColour;
  const names = clients.map(({ target }) => bold(target.name)).join(', ');
  terminal.err(
    `${yellow('▶')} on ${clients.length === 1 ? 'host' : `${String(clients.length)} hosts:`} ${names}\n`,
  );
}

/** The outcomes where a robot could not be asked and nothing is done for that. */
export function nothingDone(
  { terminal }: VerbContext,
  clients: readonly TargetClient[],
  asked: Asked,
): HostOutcome[] {
  if (asked.ready.length > 0) {
    const { missing } = asked;
    const names = missing.map(({ target }) => target.name).join(', ');
    const mend = missing.every(isAway)
      ? '  mend: `--skip-unreachable` goes on with the others, and counts these as failed.\n'
      : '';
    terminal.err(`rovictl: nothing was done anywhere: ${names} cannot be asked what it would hit\n${mend}`);
  }
  const untouched = asked.ready.map(({ target, snapshot }): HostOutcome => ({
    ...{ host: target.name, robot: snapshot.robot, operation: null, problem: null },
    outcome: 'untouched',
    message: 'nothing was sent to it',
  }));
  return inOrder(clients, [...untouched, ...missingOutcomes(asked)]);
}

/** Before the question: who is not there for it. */
export function tellMissing({ terminal }: VerbContext, { missing }: Asked): void {
  for (const { target, problem } of missing) {
    terminal.err(
      `${terminal.errColour.red('✗')} ${terminal.errColour.bold(target.name)} is left out, and counts as failed: ${problem.code}\n`,
    );
  }
}

/** What is reported of robots that could not be asked. */
export function missingOutcomes({ missing }: Asked): HostOutcome[] {
  return missing.map(({ target, problem }) => failedOutcome(target.name, null, problem.toProblem()));
}

/** As the command line has them. */
export function inOrder(clients: readonly TargetClient[], outcomes: readonly HostOutcome[]): HostOutcome[] {
  return clients.flatMap(({ target }) => outcomes.filter(({ host }) => host === target.name));
}

/** Ends the program where Ctrl-C has left ways half open: nobody waits for them. */
export function leaveIfInterrupted(outcomes: readonly HostOutcome[]): void {
  if (outcomes.some(({ outcome }) => outcome === 'watched-no-more')) process.exit(EXIT.interrupted);
}
