import type { Operation, StackCommandKind } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { requireBus, requireKnown } from './bus-needed.js';
import { inMaintenance } from './maintenance-refusal.js';
import {
  anotherRun,
  busy,
  inProgress,
  leftAlone,
  notSwitched,
  StartedAgain,
  stopFailure,
} from './operation-errors.js';
import { OperationRecord } from './operation-record.js';
import type { Command } from './ports/conductor-api.js';
import type { TransitionPorts } from './transition-ports.js';
import { Transitions } from './transitions.js';

/** How often a stop-all looks for what was started while it stopped the rest. */
const STOP_ROUNDS = 20;

/** A command on a stack, or on all. */
export type StackCommand = Command & { readonly kind: StackCommandKind };

/** The command as one on stacks. Throws `bad-request` for what only services have. */
export function stackCommandOf(command: Command): StackCommand {
  const { kind } = command;
  if (kind !== 'scale' && kind !== 'rolling-restart') return { ...command, kind };
  throw new RoviError('bad-request', `there is no ${kind} of a stack`);
}

interface Running {
  readonly record: OperationRecord;
  readonly command: StackCommand;
  /** The stacks whose units this operation may touch. */
  readonly stacks: ReadonlySet<string>;
  readonly abort: AbortController;
  finished: Promise<Operation>;
}

export interface Accepted {
  readonly operation: Operation;
  readonly finished: Promise<Operation>;
}

/**
 * The conductor's hand. One start, restart or switch at a time; a stop is never refused for being second: it cancels
 * the operation that has its stack in hand and is sent to systemd in the same turn.
 */
export class Executor {
  readonly #ports: TransitionPorts;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #tell: (operation: Operation) => void;
  #starting: Running | null = null;
  readonly #stopping = new Set<Running>();
  /** What runs, from before its first step. */
  readonly #inHand = new Map<OperationRecord, ReadonlySet<string>>();

  constructor(
    ports: TransitionPorts,
    environment: Readonly<Record<string, string | undefined>>,
    tell: (operation: Operation) => void,
  ) {
    this.#ports = ports;
    this.#environment = environment;
    this.#tell = tell;
  }

  /** The operation that runs: a stop before what it cancelled; null when none does. */
  get current(): Operation | null {
    const [stop] = this.#stopping;
    return (stop ?? this.#starting)?.record.operation ?? null;
  }

  /** The start, restart or switch under way, and the stacks it may touch; null where there is none. */
  get starting(): { readonly operation: Operation; readonly stacks: ReadonlySet<string> } | null {
    if (this.#starting === null) return null;
    return { operation: this.#starting.record.operation, stacks: this.#starting.stacks };
  }

  /** The operation that has the stack in hand, the latest where a stop took it from another; null where none has. */
  operationOn(stack: string): Operation | null {
    const found = [...this.#inHand].findLast(([, stacks]) => stacks.has(stack));
    return found?.[0].operation ?? null;
  }

  /** True where the same command, confirmed for the same situation, is under way: asking again joins it. */
  repeats({ kind, stack, confirm }: StackCommand): boolean {
    const same = this.#starting?.command;
    return same?.kind === kind && same.stack === stack && same.confirm === confirm;
  }

  /** Begins the command or throws why not. Asking again for what is already under way joins it. */
  command(command: StackCommand): Accepted {
    const { observer } = this.#ports;
    if (command.kind !== 'stop-all') observer.status(command.stack ?? '');
    requireBus(observer);
    return command.kind === 'stop' || command.kind === 'stop-all'
      ? this.#stop(command)
      : this.#begin(command);
  }

  /** Aborts whatever runs without touching a unit, and resolves when all of it has ended. For the daemon's own end. */
  async close(): Promise<void> {
    const running = [...this.#stopping, ...(this.#starting === null ? [] : [this.#starting])];
    for (const { abort } of running) {
      abort.abort(
        new RoviError('operation-cancelled', 'the conductor is ending; the unit itself goes on', {
          mend: 'Look at the state when it is back (`rovictl status`), then decide.',
        }),
      );
    }
    await Promise.all(running.map(({ finished }) => finished));
  }

  #begin(command: StackCommand): Accepted {
    const stack = command.stack ?? '';
    const same = this.#starting?.command;
    // What was confirmed is never taken for what somebody else asked for: that may stop another run.
    const joins = command.confirm === undefined || this.repeats(command);
    if (this.#starting !== null && joins && same?.kind === command.kind && same.stack === stack) {
      return { operation: this.#starting.record.operation, finished: this.#starting.finished };
    }
    const { observer, maintenance } = this.#ports;
    const held = maintenance.of(stack);
    if (held !== null) throw inMaintenance(stack, held);
    if (this.current !== null) throw inProgress(this.current);
    requireKnown(observer);
    const holder = observer.holder;
    const other = holder !== null && holder !== stack ? holder : null;
    if (other !== null && command.kind !== 'switch') throw busy(observer.status(other));
    const confirmed =
      command.confirm === undefined || other === null ? null : observer.status(other).unit.invocation_id;
    const running = this.#run(
      command,
      new Set(other === null ? [stack] : [stack, other]),
      other,
      (steps, record) => {
        for (const warning of this.#environmentWarnings(stack)) record.warn(warning);
        if (command.kind === 'start') return this.#start(stack, steps, record);
        if (command.kind === 'restart') return this.#restart(stack, steps, record);
        return this.#switch({ stack, from: other, confirmed, steps, record });
      },
    );
    this.#starting = running;
    void running.finished.then(() => {
      if (this.#starting === running) this.#starting = null;
    });
    return { operation: running.record.operation, finished: running.finished };
  }

  #stop(command: StackCommand): Accepted {
    // Never joined to a stop that is under way: what that one has looked at may have been started since.
    const cancelled = this.#starting;
    const targets = new Set(command.stack === undefined ? this.#ports.observer.restless : [command.stack]);
    const concerned =
      cancelled !== null && (command.kind === 'stop-all' || cancelled.stacks.has(command.stack ?? ''));
    if (concerned) for (const stack of cancelled.stacks) targets.add(stack);
    const running = this.#run(command, targets, null, async (steps, record) => {
      // Sent even for what looks at rest: a start may be on the bus that no signal has told of yet.
      const stopped = await Promise.allSettled([
        ...[...targets].map((stack) => this.#stopOne(stack, steps)),
        ...(command.stack === undefined ? [this.#stopUnseen(targets, steps)] : []),
      ]);
      const failures = stopped
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => reason as unknown)
        // What somebody started at the same time is stopped once more, by a stop-all.
        .filter((reason) => command.stack !== undefined || !(reason instanceof StartedAgain));
      if (failures.length > 0) throw stopFailure(failures);
      const late = command.stack === undefined ? await this.#stopUntilNone(steps) : [];
      if (concerned) await cancelled.finished;
      const seen = stopped.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      const names = [...new Set([...seen, ...late])].sort();
      if (names.length > 0) return `${names.join(', ')} stopped`;
      record.untouched();
      return command.stack === undefined ? 'no stack was running' : `${command.stack} was not running`;
    });
    this.#stopping.add(running);
    void running.finished.then(() => this.#stopping.delete(running));
    if (concerned) {
      const { id } = running.record.operation;
      cancelled.abort.abort(
        new RoviError('operation-cancelled', `cancelled by ${command.kind} ${id} of ${command.actor.name}`, {
          mend: 'Start again when the robot is meant to run.',
          context: { cancelled_by: id },
        }),
      );
    }
    return { operation: running.record.operation, finished: running.finished };
  }

  /** Stops one stack; answers with its name, or with none where it had been at rest. */
  async #stopOne(stack: string, steps: Transitions): Promise<string[]> {
    const { observer } = this.#ports;
    const wasRestless = observer.restless.includes(stack);
    try {
      await steps.stop(stack);
    } catch (error) {
      if (error instanceof RoviError && error.code === 'unit-missing' && !wasRestless) return [];
      throw error;
    }
    return wasRestless ? [stack] : [];
  }

  /** For stop-all: asks systemd afresh and stops what no signal has told of yet. */
  async #stopUnseen(seen: ReadonlySet<string>, steps: Transitions): Promise<string[]> {
    const unseen = (await steps.activeStacks()).filter((stack) => !seen.has(stack));
    await this.#stopMany(unseen, steps);
    return unseen;
  }

  /** For stop-all: stops what somebody started meanwhile, until systemd, asked afresh, calls nothing active. */
  async #stopUntilNone(steps: Transitions): Promise<string[]> {
    const stopped: string[] = [];
    for (let round = 0; round < STOP_ROUNDS; round += 1) {
      const active = await steps.activeStacks();
      if (active.length === 0) return stopped;
      await this.#stopMany(active, steps);
      stopped.push(...active);
    }
    throw new RoviError(
      'stop-failed',
      `stopped, but started again and again: ${[...new Set(stopped)].join(', ')}`,
      {
        mend: 'Somebody keeps starting stacks past the conductor. Use the e-stop if the robot moves, and find out who.',
        context: { stopped: [...new Set(stopped)] },
      },
    );
  }

  /** For stop-all: stops these stacks; who of them was started at the same time is left for the next look. */
  async #stopMany(stacks: readonly string[], steps: Transitions): Promise<void> {
    await Promise.all(
      stacks.map((stack) =>
        steps.stop(stack).catch((error: unknown) => {
          if (!(error instanceof StartedAgain)) throw error;
        }),
      ),
    );
  }

  /** Runs `work` as an operation. Its first step is sent in this very turn; its promise never rejects. */
  #run(
    command: StackCommand,
    stacks: ReadonlySet<string>,
    from: string | null,
    work: (steps: Transitions, record: OperationRecord) => Promise<string>,
  ): Running {
    const abort = new AbortController();
    const record = new OperationRecord(command, from, this.#ports.clock, this.#tell);
    this.#tell(record.operation);
    const steps = new Transitions(this.#ports, record, abort.signal);
    this.#inHand.set(record, stacks);
    const finished = work(steps, record)
      .then(
        (message) => record.succeed(message),
        (error: unknown) => record.fail(abort.signal.aborted ? abort.signal.reason : error),
      )
      .finally(() => this.#inHand.delete(record));
    return { record, command, stacks, abort, finished };
  }

  async #start(stack: string, steps: Transitions, record: OperationRecord): Promise<string> {
    const now = this.#ports.observer.status(stack);
    if (now.state === 'RUNNING' && (await steps.isActive(stack))) {
      if (now.verdict.level !== 'ok') record.warn(now.verdict.text);
      return `${stack} was already running`;
    }
    return `${stack} ${(await steps.start(stack)).verdict.text}`;
  }

  async #restart(stack: string, steps: Transitions, record: OperationRecord): Promise<string> {
    if (this.#ports.observer.restless.includes(stack)) {
      await steps.stop(stack);
      await steps.proveLockFree();
    } else {
      record.warn(`${stack} was not running`);
    }
    return `${stack} ${(await steps.start(stack)).verdict.text}`;
  }

  async #switch(plan: {
    stack: string;
    from: string | null;
    /** The run of `from` that was confirmed to be stopped; null where any may be. */
    confirmed: string | null;
    steps: Transitions;
    record: OperationRecord;
  }): Promise<string> {
    const { stack, from, confirmed, steps, record } = plan;
    if (from === null) return this.#start(stack, steps, record);
    await steps.preflight(stack, from);
    const now = this.#ports.observer.status(from).unit.invocation_id;
    // The stop below is sent in this very turn.
    if (confirmed !== null && now !== confirmed) throw anotherRun(from, { confirmed, now });
    await steps.stop(from).catch((thrown: unknown) => {
      throw notSwitched(RoviError.from(thrown), from, stack);
    });
    try {
      await steps.proveLockFree();
      return `switched from ${from} to ${stack}: ${(await steps.start(stack)).verdict.text}`;
    } catch (thrown) {
      const cause = RoviError.from(thrown);
      // Bad luck is rolled back; an operator's stop is not.
      if (cause.code === 'operation-cancelled') throw thrown;
      // Nor is a robot that another has taken, or has stopped past us, fought over.
      if (cause.code === 'lock-lost' || cause.code === 'start-cancelled') throw leftAlone(cause, from, stack);
      await this.#goBack({ ...plan, from, cause });
      throw new RoviError(
        'switch-rolled-back',
        `${cause.message}; went back to ${from}, which is running again`,
        {
          mend: cause.mend,
          context: { ...cause.context, from, to: stack, cause: cause.toProblem() },
          cause,
        },
      );
    }
  }

  /** Takes the robot back to the stack that ran before a failed switch; throws `switch-failed` where that fails too. */
  async #goBack(plan: { stack: string; from: string; steps: Transitions; cause: RoviError }): Promise<void> {
    const { stack, from, steps, cause } = plan;
    try {
      if (this.#ports.observer.restless.includes(stack)) await steps.stop(stack);
      await steps.proveLockFree();
      await steps.start(from);
    } catch (thrown) {
      const second = RoviError.from(thrown);
      if (second.code === 'operation-cancelled') throw thrown;
      throw new RoviError(
        'switch-failed',
        `${cause.message}; and going back to ${from} failed: ${second.message}`,
        {
          mend: `Look at the state (\`rovictl status\`), then start the stack you want. ${second.mend}`,
          context: { from, to: stack, cause: cause.toProblem(), rollback: second.toProblem() },
          cause: second,
        },
      );
    }
  }

  /** Where the running gateway's environment differs from what the stack expects (the odometry TF choice, for one). */
  #environmentWarnings(stack: string): string[] {
    const expected = this.#ports.policy.stacks[stack]?.expects_environment ?? {};
    return Object.entries(expected)
      .filter(([name, value]) => this.#environment[name] !== value)
      .map(
        ([name, value]) =>
          `${stack} expects the gateway to run with ${name}=${value}, but it has ${this.#environment[name] ?? 'none'}: set it in the env file and restart rovi-gateway.service`,
      );
  }
}
