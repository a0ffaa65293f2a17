import type { Operation, Rolling, Snapshot } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { Request } from '../command-request.js';
import { findService } from '../find-service.js';
import type { TargetClient } from '../hosts/targets.js';
import { askRobots, isAway, type Asked, type AskedRobot } from '../several/ask-robots.js';
import {
  confirmed,
  inOrder,
  leaveIfInterrupted,
  missingOutcomes,
  nothingDone,
  tellMissing,
  type SeveralFlags,
} from '../several/command-several.js';
import { consent, refuseSameRobot } from '../several/consent.js';
import { HostLines } from '../several/host-lines.js';
import type { HostOutcome } from '../several/host-outcome.js';
import { report } from '../several/report.js';
import { sendTo, type Sending } from '../several/send.js';
import { untilInterrupt } from '../several/until-interrupt.js';
import type { VerbContext } from '../verb.js';
import { clockText } from '../views/moment.js';
import { succeededEarlier } from './earlier-record.js';
import { proveRestarted, runsOf } from './prove.js';
import { removeRolling, writeRolling } from './rolling-file.js';
import { gone, leftOf, reasonOf, resumeWords } from './rolling-plan.js';

/** A host whose restart was in hand when the program ended, and which its robot says it carried out. */
interface Proven {
  readonly one: TargetClient;
  readonly operation: Operation;
  readonly robot: string;
}

/**
 * Restarts on one host after the other, each proven before the next is touched; ends at the first that fails or cannot be
 * reached. Its progress is in a file before and after each host, so that it can go on later. `clients`: of the hosts that
 * are not done, in their order. Resolves when all is told, with the exit code set.
 */
export async function roll(
  context: VerbContext,
  given: {
    readonly rolling: Rolling;
    readonly clients: readonly TargetClient[];
    readonly flags: SeveralFlags;
  },
): Promise<void> {
  const { rolling, clients, flags } = given;
  const done = await restartAll(context, given);
  if (done === null) return;
  const { outcomes, begun } = done;
  const state = outcomes.every(({ outcome }) => outcome === 'succeeded') ? 'ended' : 'open';
  const before = rolling.hosts.filter(({ state: was }) => was === 'done').map(doneBefore);
  const all = [...before, ...inOrder(clients, outcomes)];
  await report(context, all, {
    json: flags.json === true,
    more: { rolling: begun ? { id: rolling.id, state } : null },
    ...(rolling.kind === 'service' ? { service: { name: rolling.name, clients, started: true } } : {}),
    after: begun && state === 'open' ? leftText(rolling, outcomes) : '',
  });
  leaveIfInterrupted(outcomes);
}

interface Restarted {
  readonly outcomes: readonly HostOutcome[];
  /** Whether there is a file to go on with, or was. */
  readonly begun: boolean;
}

/** Where it ended, what it has not touched, and the words that go on with it. */
function leftText(rolling: Rolling, outcomes: readonly HostOutcome[]): string {
  const names = (which: (outcome: HostOutcome) => boolean): string =>
    outcomes
      .filter(which)
      .map(({ host }) => host)
      .join(', ');
  const untouched = names(({ outcome }) => outcome === 'untouched');
  const rest = untouched === '' ? '' : `; not touched: ${untouched}`;
  const at = names(({ outcome }) => outcome !== 'untouched' && outcome !== 'succeeded');
  return (
    `rovictl: the rolling restart ended at ${at}${rest}\n` +
    `  mend: When that is mended, go on with it: \`${resumeWords(rolling)}\`\n`
  );
}

/** Null for a no. Before anything is sent Ctrl-C ends the program as ever. */
async function restartAll(
  context: VerbContext,
  { rolling, clients, flags }: Parameters<typeof roll>[1],
): Promise<Restarted | null> {
  const proven = await provenOf(rolling, clients);
  const others = clients.filter((one) => !proven.some((done) => done.one === one));
  const asked = await askRobots(context.terminal, others, (snapshot) => requestFor(rolling, snapshot));
  refuseSameRobot(asked.ready);
  const goesOn = flags.skipUnreachable === true && asked.missing.every(isAway);
  const able = asked.ready.length + proven.length > 0;
  if (!able || (asked.missing.length > 0 && !goesOn)) {
    const outcomes = [...nothingDone(context, others, asked), ...proven.map(notLookedAt)];
    return { outcomes, begun: rolling.hosts.some(({ state }) => state !== 'waiting') };
  }
  tellMissing(context, asked);
  if (asked.ready.length > 0) {
    const words = `restart ${rolling.name}`;
    const names = asked.ready.map(({ target }) => target.name).join(', ');
    const note = `one after the other, and no further than the first that fails: ${names}\n`;
    if (!(await consent(context, asked.ready, { words, note, yes: flags.yes === true }))) return null;
  }
  const outcomes = await untilInterrupt((signal) =>
    new Roll({ context, rolling, asked, proven, signal }).run(),
  );
  return { outcomes, begun: true };
}

function notLookedAt({ one, robot, operation }: Proven): HostOutcome {
  return {
    ...{ host: one.target.name, robot, outcome: 'untouched', operation, problem: null },
    message: 'restarted before; how well it is was not looked at',
  };
}

/** One instance after the other where there are several, else as a restart is: what does not run is started by it. */
function requestFor(rolling: Rolling, snapshot: Snapshot): Request {
  const { kind, name } = rolling;
  const reason = reasonOf(rolling);
  if (kind === 'stack') return { kind: 'restart', stack: name, reason };
  const { instances } = findService(snapshot, name);
  const up = instances.filter(({ state }) => state !== 'STOPPED' && state !== 'FAILED').length;
  return { kind: up > 1 ? 'rolling-restart' : 'restart', stack: null, service: name, reason };
}

async function provenOf(rolling: Rolling, clients: readonly TargetClient[]): Promise<Proven[]> {
  const inHand = new Set(rolling.hosts.filter(({ state }) => state === 'begun').map(({ name }) => name));
  const proven: Proven[] = [];
  for (const one of clients.filter(({ target }) => inHand.has(target.name))) {
    try {
      const client = await one.client();
      const operation = await succeededEarlier(client, rolling);
      if (operation !== null) proven.push({ one, operation, robot: (await client.state()).robot });
    } catch {
      // Whoever cannot be asked now is asked once more, with all others, and told of then.
    }
  }
  return proven;
}

function doneBefore({ name, since }: Rolling['hosts'][number]): HostOutcome {
  return {
    ...{ host: name, robot: null, outcome: 'succeeded', operation: null, problem: null },
    message: `restarted before, at ${clockText(since, Date.now())}`,
  };
}

interface RollOptions {
  readonly context: VerbContext;
  readonly rolling: Rolling;
  readonly asked: Asked;
  readonly proven: readonly Proven[];
  readonly signal: AbortSignal;
}

/** The restarts themselves, and the file that keeps up with them. */
class Roll {
  readonly #options: RollOptions;
  #rolling: Rolling;

  constructor(options: RollOptions) {
    this.#options = options;
    this.#rolling = options.rolling;
  }

  async run(): Promise<readonly HostOutcome[]> {
    const { context, asked, proven, signal } = this.#options;
    const outcomes = missingOutcomes(asked);
    for (const { target, problem } of asked.missing) {
      this.#rolling = gone(this.#rolling, target.name, {
        state: 'failed',
        problem: problem.toProblem(),
        now: now(),
      });
    }
    await writeRolling(this.#rolling);
    const order = leftOf(this.#options.rolling).map(({ name }) => name);
    const lines = new HostLines(context.terminal, order);
    let stoppedAt: string | null = null;
    try {
      for (const name of order) {
        const robot = asked.ready.find(({ target }) => target.name === name);
        const earlier = proven.find(({ one }) => one.target.name === name);
        if (robot === undefined && earlier === undefined) continue;
        if (stoppedAt !== null) {
          outcomes.push(untouchedOutcome(name, robot?.snapshot.robot ?? earlier?.robot ?? null));
          continue;
        }
        const sending = earlier === undefined ? this.#sending(robot as AskedRobot) : this.#looking(earlier);
        const outcome = await this.#one(sending, lines, signal);
        outcomes.push(outcome);
        if (outcome.outcome !== 'succeeded') stoppedAt = name;
      }
    } finally {
      lines.close();
    }
    if (leftOf(this.#rolling).length === 0) await removeRolling(this.#rolling);
    return outcomes;
  }

  /** Written down before and after: whoever goes on later knows where this ended. */
  async #one(sending: Sending, lines: HostLines, signal: AbortSignal): Promise<HostOutcome> {
    const { name } = sending.target;
    await this.#write(name, 'begun');
    const outcome = await sendTo(sending, lines, signal);
    if (outcome.outcome === 'succeeded') await this.#write(name, 'done');
    if (outcome.outcome === 'failed') {
      const problem = outcome.problem ?? new RoviError('internal', outcome.message).toProblem();
      // Its facts stand in the robot's own record.
      this.#rolling = gone(this.#rolling, name, {
        state: 'failed',
        problem: { ...problem, context: {} },
        now: now(),
      });
      await writeRolling(this.#rolling);
    }
    return outcome;
  }

  async #write(name: string, state: 'begun' | 'done'): Promise<void> {
    this.#rolling = gone(this.#rolling, name, { state, now: now() });
    await writeRolling(this.#rolling);
  }

  #sending(robot: AskedRobot): Sending {
    const { signal, rolling } = this.#options;
    const before = runsOf(rolling, robot.snapshot);
    return {
      ...confirmed(robot),
      prove: (client, tell) =>
        proveRestarted(client, rolling, { host: robot.target.name, before, tell, signal }),
    };
  }

  /** Restarted already; whether it is well is not known. */
  #looking({ one, operation, robot }: Proven): Sending {
    const { signal, rolling } = this.#options;
    return {
      ...{ target: one.target, client: one.client, robot, already: operation },
      request: { kind: 'restart', stack: null, reason: '' },
      prove: (client, tell) =>
        proveRestarted(client, rolling, { host: one.target.name, before: [], tell, signal }),
    };
  }
}

function untouchedOutcome(host: string, robot: string | null): HostOutcome {
  return {
    ...{ host, robot, outcome: 'untouched', operation: null, problem: null },
    message: 'not touched: it runs as before',
  };
}

function now(): string {
  return new Date().toISOString();
}
