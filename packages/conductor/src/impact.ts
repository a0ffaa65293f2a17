import type { Impact, Maintenance, Operation, Problem, StackCommandKind, StackStatus } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { digest } from './digest.js';
import { inMaintenance } from './maintenance-refusal.js';
import { busy, inProgress } from './operation-errors.js';

type ImpactOn = Impact['affects'][number];

/** What is meant to be done; `stack` is null for `stop-all` only. */
export interface Intent {
  readonly kind: StackCommandKind;
  readonly stack: string | null;
}

/** All that decides what a command would hit. Only to be asked while every stack's state is known. */
export interface Situation {
  readonly bootId: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stacks: readonly StackStatus[];
  /** The stack that holds the robot. */
  readonly holder: string | null;
  /** Stacks of which something is left. */
  readonly restless: readonly string[];
  /** The start, restart or switch under way, and the stacks it may touch. */
  readonly starting: { readonly operation: Operation; readonly stacks: ReadonlySet<string> } | null;
  /** Any operation under way: while there is one, nothing but a stop begins. */
  readonly current: Operation | null;
  /** What keeps a stack from being started; null where nobody works on it. */
  readonly maintenanceOf: (stack: string) => Maintenance | null;
}

interface Hit {
  readonly affects: readonly ImpactOn[];
  /** Null where it would not be refused. */
  readonly refusal?: Problem | null;
  readonly text: string;
  /** What else must be as it is for the same command to do the same: who refuses it, what it cancels. */
  readonly basis: string;
}

/**
 * What a command would hit now, as the executor would carry it out. Its token is the same for as long as the same
 * command would do the same to the same runs. Throws `stack-unknown`.
 */
export function impactOf(intent: Intent, situation: Situation): Impact {
  const { kind, stack } = intent;
  const { affects, refusal = null, text, basis } = hitBy(intent, situation);
  return {
    command: kind,
    stack,
    service: null,
    at: situation.at,
    affects: [...affects],
    waves: [],
    confirm: kind !== 'stop-all' && affects.some(({ name, effect }) => name !== stack && effect !== 'starts'),
    beyond: [],
    refusal,
    text,
    token: digest(
      [situation.bootId, kind, stack ?? '', basis, ...affects.map((one) => identityOf(one))].join('\n'),
    ),
  };
}

function hitBy({ kind, stack }: Intent, situation: Situation): Hit {
  if (kind === 'stop-all' || stack === null) return stopHit(null, situation);
  statusIn(situation, stack);
  return kind === 'stop' ? stopHit(stack, situation) : startHit(kind, stack, situation);
}

/** A stop also ends what the operation that it cancels has in hand: a half-done switch is stopped on both sides. */
function stopHit(stack: string | null, situation: Situation): Hit {
  const { starting, restless } = situation;
  const cancelled = starting !== null && (stack === null || starting.stacks.has(stack)) ? starting : null;
  const wanted = (name: string): boolean =>
    stack === null || name === stack || (cancelled?.stacks.has(name) ?? false);
  const stopped = restless.filter(wanted).map((name) => statusIn(situation, name));
  const ends = stopped.length === 0 ? '' : `stops ${listed(stopped.map(described))}`;
  const cancels = cancelled === null ? '' : `cancels the ${commandText(cancelled.operation)}`;
  const idle = stack === null ? 'no stack is running' : `${stack} is not running`;
  return {
    affects: stopped.map((status) => on(status, 'stops')),
    text: [ends, cancels].filter((text) => text !== '').join(' and ') || `${idle}: nothing changes`,
    basis: `cancels ${cancelled?.operation.id ?? 'nothing'}`,
  };
}

function startHit(kind: 'start' | 'restart' | 'switch', stack: string, situation: Situation): Hit {
  const { starting, current, holder, restless } = situation;
  const target = statusIn(situation, stack);
  const nothing = (text: string, basis: string): Hit => ({ affects: [], text, basis });
  const refused = (why: RoviError, how: string, basis: string): Hit => ({
    affects: [],
    refusal: why.toProblem(),
    text: `nothing: refused${how}`,
    basis,
  });
  const under = (operation: Operation): string =>
    `the ${commandText(operation)} that ${operation.actor.name} asked for is under way`;
  if (current !== null && starting?.operation.kind === kind && starting.operation.stack === stack)
    return nothing(`nothing more: ${under(current)}`, `after ${current.id}`);
  const held = situation.maintenanceOf(stack);
  if (held !== null) {
    const why = inMaintenance(stack, held);
    return refused(why, `, for ${why.message}`, `maintained since ${held.since}`);
  }
  if (current !== null)
    return refused(inProgress(current), ` while ${under(current)}`, `after ${current.id}`);
  if (holder !== null && holder !== stack) {
    const other = statusIn(situation, holder);
    if (kind === 'switch') {
      return {
        affects: [on(other, 'stops'), on(target, 'starts')],
        text: `stops ${described(other)}, then starts ${stack}`,
        basis: 'replaces',
      };
    }
    const text = ` while ${described(other)} holds the robot; a switch would replace it`;
    return refused(busy(other), text, `held by ${holder} ${other.unit.invocation_id ?? ''}`);
  }
  const running = restless.includes(stack);
  if (kind === 'restart' && running) {
    const text = `stops ${described(target)} and starts it again`;
    return { affects: [on(target, 'restarts')], text, basis: 'anew' };
  }
  if (target.state === 'RUNNING') {
    const run = target.unit.invocation_id ?? '';
    return nothing(`${described(target)} runs already: nothing changes`, `runs ${run}`);
  }
  const ending = target.state === 'STOPPING' ? ' when what is left of it has ended' : '';
  return { affects: [on(target, 'starts')], text: `starts ${stack}${ending}`, basis: 'starts' };
}

function statusIn({ stacks }: Situation, name: string): StackStatus {
  const found = stacks.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new RoviError('stack-unknown', `there is no stack "${name}" in the catalog`, {
    mend: `The catalog's stacks are: ${stacks.map((one) => one.name).join(', ')}.`,
  });
}

function on({ name, unit, state, verdict, processes }: StackStatus, effect: ImpactOn['effect']): ImpactOn {
  const ends = effect !== 'starts';
  return {
    name,
    unit: unit.unit,
    effect,
    state,
    level: verdict.level,
    text: verdict.text,
    invocation_id: ends ? unit.invocation_id : null,
    since: unit.since,
    processes: ends ? processes.length : 0,
  };
}

/** What of a unit must stay as it is. That a stack at rest had failed makes no difference to what is done to it. */
function identityOf({ unit, effect, state, invocation_id }: ImpactOn): string {
  const rests = state === 'STOPPED' || state === 'MAINTENANCE' || state === 'FAILED';
  return [effect, unit, rests ? 'rests' : state, invocation_id ?? ''].join(' ');
}

function described({ name, verdict }: StackStatus): string {
  return `${name} (${verdict.text})`;
}

function commandText({ kind, stack, from }: Operation): string {
  if (stack === null) return kind;
  return from === null ? `${kind} of ${stack}` : `${kind} from ${from} to ${stack}`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}
