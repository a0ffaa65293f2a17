import process from 'node:process';
import { blastRadius, isAway, runOutcome, standingOf, type BlastRadius, type RoviClient } from '@rovi/client';
import { RoviError, type FleetCommand, type FleetRun, type FleetTarget } from '@rovi/contract';
import { askYesOrNo, canAsk } from '../ask.js';
import { json } from '../control-codes.js';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.js';
import { endWith, type VerbContext } from '../verb.js';
import { orAborted } from '../several/send.js';
import { blastRadiusText } from '../views/blast-radius.js';
import { counted, robotsCounted } from '../views/fleet.js';
import { runText } from '../views/fleet-run.js';
import { seenNow, unknownRobots } from './now.js';
import { RunProgress } from './run-progress.js';
import { RunWatch } from './run-watch.js';
import { selectRobots, type Wanted } from './selection.js';

/** Robots of one run, as the API takes them. A stop of more is several runs. */
const MOST = 1_000;
/** What the API takes as a reason: a stop must not fail for having a longer one. */
const REASON_CHARACTERS = 500;

/** What the command line said. */
export interface FleetRunFlags {
  readonly wanted: Wanted;
  readonly yes: boolean;
  readonly json: boolean;
  readonly reason: string;
  readonly waitS: number;
  /** Undefined for the API's own. */
  readonly atOnce?: number;
  readonly stopAtFailure: boolean;
}

/** What is commanded, and who is not. */
interface Plan {
  readonly targets: BlastRadius['targets'];
  readonly saidNo: readonly FleetTarget[];
}

/**
 * Commands the robots that are meant: shows what it would hit, asks, and then how it goes on until every robot has ended.
 * `stop-all` and `estop` are sent at once: nothing is to be asked before them.
 */
export async function runOnFleet(
  context: VerbContext,
  command: FleetCommand,
  flags: FleetRunFlags,
): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const status = await client.fleet.status();
  const robots = seenNow(status);
  const stopsNow = command.kind === 'stop-all' || command.kind === 'estop';
  // Who does not hear a stop is told as one that did not stop.
  const wanted = stopsNow ? { ...flags.wanted, away: true } : flags.wanted;
  const { robots: names, leftOut, unknown } = selectRobots(robots, wanted);
  if (unknown.length > 0) throw unknownRobots(unknown);
  if (names.length === 0) throw noneMeant(leftOut.length);
  if (names.length > MOST && !stopsNow) throw tooMany(names.length);
  const away = new Set(robots.filter((robot) => isAway(standingOf(robot))).map(({ robot }) => robot));
  const plan = stopsNow
    ? { targets: names.map((robot) => ({ robot, confirm: null })), saidNo: [] }
    : await askFirst(context, { client, command, names, leftOut, away, flags });
  if (plan === null) {
    terminal.err('nothing was done\n');
    endWith(EXIT.refused);
    return;
  }
  const carried = { client, command, plan, flags, stopsNow };
  endWith(await (stopsNow ? stopAll(context, carried) : carryOut(context, carried)));
}

/** However many they are, all are told at once. */
async function stopAll(context: VerbContext, carried: Carried): Promise<ExitCode> {
  const { targets } = carried.plan;
  const parts = Array.from({ length: Math.ceil(targets.length / MOST) }, (_, part) =>
    targets.slice(part * MOST, (part + 1) * MOST),
  );
  const ends = await Promise.allSettled(
    parts.map((part) => carryOut(context, { ...carried, plan: { targets: part, saidNo: [] } })),
  );
  const codes = ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  return codes.every((code) => code === codes[0]) ? (codes[0] ?? EXIT.ok) : EXIT.partly;
}

interface Asked {
  readonly client: RoviClient;
  readonly command: FleetCommand;
  readonly names: readonly string[];
  readonly leftOut: readonly string[];
  /** Robots that are away. */
  readonly away: ReadonlySet<string>;
  readonly flags: FleetRunFlags;
}

/** What the robots say that it would hit, shown, and a yes to it. Null for a no. */
async function askFirst(context: VerbContext, asked: Asked): Promise<Plan | null> {
  const { client, command, names, leftOut, away, flags } = asked;
  const { terminal } = context;
  // Who is away cannot be asked what it would hit; whether it may come back in time is the person's to say.
  const waiting = flags.waitS > 0 ? names.filter((name) => away.has(name)) : [];
  const there = names.filter((name) => !waiting.includes(name));
  const answers = there.length === 0 ? [] : await client.fleet.ask(there, command);
  const radius = blastRadius(answers);
  terminal.err(
    blastRadiusText(radius, command, {
      colour: terminal.errColour,
      width: terminal.errWidth(),
      now: Date.now(),
      leftOut,
      waiting,
    }),
  );
  const saidNo = answers.flatMap(({ robot, problem }) =>
    problem === null ? [] : [{ robot, state: 'refused' as const, problem, operation: null }],
  );
  const targets = [...radius.targets, ...waiting.map((robot) => ({ robot, confirm: null }))];
  if (targets.length === 0) {
    const [first] = saidNo;
    throw first === undefined
      ? noneMeant(leftOut.length)
      : new RoviError(first.problem.code, `no robot would do it; nothing was done`, {
          mend: first.problem.mend,
        });
  }
  if (flags.yes) return { targets, saidNo };
  if (!canAsk()) throw unasked();
  const question = `${saidNo.length === 0 ? '' : `leave out ${counted(saidNo.length)}, and `}command ${robotsCounted(targets.length)}?`;
  return (await askYesOrNo(terminal, question)) ? { targets, saidNo } : null;
}

interface Carried {
  readonly client: RoviClient;
  readonly command: FleetCommand;
  readonly plan: Plan;
  readonly flags: FleetRunFlags;
  /** Nothing is waited for before it is sent, and no robot's part waits for another's. */
  readonly stopsNow: boolean;
}

async function carryOut(context: VerbContext, carried: Carried): Promise<ExitCode> {
  const { client, command, plan, flags, stopsNow } = carried;
  const atOnce = stopsNow ? MOST : flags.atOnce;
  const { terminal } = context;
  const watch = new RunWatch(client);
  const progress = new RunProgress(terminal);
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  let begun: FleetRun | null = null;
  try {
    const watched = watch.start(({ message }) => {
      if (begun === null) return;
      progress.say(`rovictl: link lost: ${message}; the run goes on in the gateway, which is waited for\n`);
    });
    // A gateway that has no stream left for this one still takes a stop.
    if (stopsNow) watched.catch(() => undefined);
    else await watched;
    begun = await client.fleet.run({
      command,
      targets: [...plan.targets],
      reason: flags.reason.slice(0, REASON_CHARACTERS),
      wait_s: flags.waitS,
      stop_at_failure: flags.stopAtFailure && !stopsNow,
      ...(atOnce === undefined ? {} : { at_once: atOnce }),
    });
    process.once('SIGINT', onInterrupt);
    progress.update(begun);
    await orAborted(watched, interrupted.signal);
    const run = await watch.untilOver(begun, {
      onStep: (step) => {
        progress.update(step);
      },
      signal: interrupted.signal,
    });
    progress.end();
    if (flags.json) terminal.out(json({ ...run, said_no: plan.saidNo }));
    else terminal.out(runText(run, plan.saidNo, { now: Date.now(), colour: terminal.colour }));
    return runExit([...run.targets, ...plan.saidNo]);
  } catch (error) {
    progress.end();
    if (!interrupted.signal.aborted || begun === null) throw error;
    terminal.err(
      `rovictl: no longer watching; the run goes on in the gateway\n  mend: see what becomes of it with \`rovictl fleet runs ${begun.id}\`\n`,
    );
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', onInterrupt);
    watch.stop();
  }
}

/** What a run exits with: 8 where some robots did it and some did not; where none did, what the first of them says. */
export function runExit(targets: readonly FleetTarget[]): ExitCode {
  switch (runOutcome({ targets: [...targets] })) {
    case 'done':
      return EXIT.ok;
    case 'partly':
      return EXIT.partly;
    case 'going':
    case 'failed': {
      const problem = targets.find((target) => target.problem !== null)?.problem ?? null;
      return problem === null ? EXIT.failed : exitCodeOf(problem.code);
    }
  }
}

function noneMeant(leftOut: number): RoviError {
  const away =
    leftOut === 0 ? '' : `; ${robotsCounted(leftOut)} would be, and ${leftOut === 1 ? 'is' : 'are'} away`;
  return new RoviError('robot-offline', `no robot that is there is meant${away}; nothing was done`, {
    mend: '`rovictl fleet status` shows them; --away means those too that are away.',
  });
}

function tooMany(robots: number): RoviError {
  return new RoviError(
    'bad-request',
    `${counted(robots)} robots are meant, and one run takes ${counted(MOST)}; nothing was done`,
    { mend: 'Name fewer with --on, --state or --active.' },
  );
}

function unasked(): RoviError {
  return new RoviError(
    'confirmation-required',
    'what it would hit is to be said yes to, and there is no terminal to ask on; nothing was done',
    { mend: 'Look at the list above; in a script say yes to it with --yes.' },
  );
}
