import type { Impact, Operation, Problem, ServiceEntry } from '@rovi/contract';
import { RoviError, startWaves } from '@rovi/contract';
import { digest } from '../digest.js';
import type { ServiceIntent } from '../ports/conductor-api.js';
import { stackStateOf, unitStatusOf, unitVerdictOf } from '../stack-status.js';
import type { InstanceFacts } from './service-observer.js';
import { isUpNow, planOf } from './service-plan.js';
import type { PlanSources, ServicePlan } from './service-plan.js';

type ImpactOn = Impact['affects'][number];
type Wave = Impact['waves'][number];
import { serviceBusy } from './service-refusals.js';

/** All that decides what a command on a service would hit. Only to be asked while every service's state is known. */
export interface ServiceSituation extends PlanSources {
  readonly bootId: string;
  /** RFC 3339. */
  readonly at: string;
  /** Operations that a stop of the service would cancel. */
  readonly cancels: readonly Operation[];
  /** Services that a stop under way has in hand: that they stop is settled already. */
  readonly stopping: ReadonlySet<string>;
  /** The operation that the command would be refused for, or would join; null where it would begin. */
  readonly busy: { readonly operation: Operation; readonly shared: string; readonly joins: boolean } | null;
}

/** Whether its end alone is worth a question: what the rest of the robot lives on nobody but the admin knows. */
function isVital({ external, critical }: ServiceEntry): boolean {
  return external !== undefined && critical;
}

interface Hit {
  readonly affects: readonly ImpactOn[];
  readonly waves: readonly Wave[];
  readonly beyond: readonly string[];
  readonly refusal: Problem | null;
  readonly text: string;
  readonly basis: string;
}

/** Errors that say that nothing would be done, and why. */
const refusals: readonly string[] = [
  'in-maintenance',
  'service-conflict',
  'command-not-allowed',
  'unit-missing',
  'unit-masked',
];

/**
 * What a command on a service would hit now, as the executor would carry it out. Its token is the same for as long as
 * the same command would do the same to the same runs. Throws `service-unknown` or `scale-refused`.
 */
export function impactOfService(intent: ServiceIntent, situation: ServiceSituation): Impact {
  const { kind, service, cascade = false, instances = null } = intent;
  const { affects, waves, beyond, refusal, text, basis } = hitBy(intent, situation);
  const about = [situation.bootId, kind, service, String(cascade), String(instances), basis];
  return {
    command: kind,
    stack: null,
    service,
    at: situation.at,
    affects: [...affects],
    waves: [...waves],
    confirm: affects.some(
      ({ name, effect }) =>
        effect !== 'starts' &&
        !situation.stopping.has(name) &&
        (name !== service || isVital(situation.observer.entry(name))),
    ),
    beyond: [...beyond],
    refusal,
    text,
    token: digest([...about, ...affects.map(identityOf)].join('\n')),
  };
}

function hitBy(intent: ServiceIntent, situation: ServiceSituation): Hit {
  const { busy, cancels } = situation;
  if (busy !== null) {
    const { operation, shared, joins } = busy;
    const what = `the ${operation.kind} of ${operation.service ?? ''} that ${operation.actor.name} asked for is under way`;
    const basis = `after ${operation.id}`;
    if (joins) return nothing(`nothing more: ${what}`, basis);
    return nothing(`nothing: refused while ${what}`, basis, serviceBusy(operation, shared).toProblem());
  }
  let plan: ServicePlan;
  try {
    plan = planOf(intent, situation);
  } catch (error) {
    const refused = error instanceof RoviError && refusals.includes(error.code);
    if (!refused) throw error;
    return nothing(`nothing: refused, for ${error.message}`, error.code, error.toProblem());
  }
  const starting = startsOf(plan, situation);
  const started = new Set(starting.map(({ unit }) => unit));
  const stopping = plan.ends.map((facts) => on(facts, started.has(facts.unit) ? 'restarts' : 'stops'));
  const ended = new Set(plan.ends.map(({ unit }) => unit));
  const affects = [
    ...stopping,
    ...starting.filter(({ unit }) => !ended.has(unit)).map((facts) => on(facts, 'starts')),
  ];
  const texts = [
    effectText('stops', affects),
    effectText('restarts', affects),
    effectText('starts', affects),
    cancels.length === 0
      ? ''
      : `cancels the ${cancels.map((one) => `${one.kind} of ${one.service ?? ''}`).join(', ')}`,
  ].filter((text) => text !== '');
  const beyond = affectedBy(stopping, situation);
  const idle =
    intent.kind === 'start' || intent.kind === 'scale' ? 'as it is meant to be already' : 'not running';
  return {
    affects,
    waves: wavesOf(intent, plan, starting, situation),
    beyond,
    refusal: null,
    text:
      texts.length === 0
        ? `${intent.service} is ${idle}: nothing changes`
        : `${listed(texts)}${beyond.length === 0 ? '' : `; affects ${beyond.join(', ')}`}`,
    basis: `cancels ${cancels.map(({ id }) => id).join(' ')}`,
  };
}

/** What ends with units of the system that Rovi does not know of, as the catalog says. */
function affectedBy(stopping: readonly ImpactOn[], { observer }: PlanSources): string[] {
  const said = stopping.flatMap(({ name }) => observer.entry(name).external?.affects ?? []);
  return said.filter((text) => text !== '');
}

function nothing(text: string, basis: string, refusal: Problem | null = null): Hit {
  return { affects: [], waves: [], beyond: [], refusal, text, basis };
}

/** The instances that are sent a start, needed ones first. */
function startsOf({ starts, ends }: ServicePlan, { observer }: PlanSources): InstanceFacts[] {
  return [...starts].flatMap(([name, ids]) =>
    ids.map((id) => observer.instance(name, id)).filter((facts) => !isUpNow(facts) || ends.includes(facts)),
  );
}

function wavesOf(
  { kind }: ServiceIntent,
  plan: ServicePlan,
  starting: readonly InstanceFacts[],
  situation: ServiceSituation,
): Wave[] {
  const { services } = situation.observer;
  const grouped = (effect: Wave['effect'], all: readonly InstanceFacts[]): Wave[] => {
    const names = new Set(all.map(({ service }) => service));
    const waves = startWaves(services, names, (name) => services[name]?.priority ?? 0);
    const ordered = effect === 'stops' ? waves.reverse() : waves;
    return ordered.map((wave) => ({
      effect,
      units: wave.flatMap((name) => all.filter(({ service }) => service === name).map(({ unit }) => unit)),
    }));
  };
  if (kind !== 'rolling-restart') return [...grouped('stops', plan.ends), ...grouped('starts', starting)];
  const own = plan.stops.map(({ unit }) => unit);
  const others = (all: readonly InstanceFacts[]): InstanceFacts[] =>
    all.filter(({ unit }) => !own.includes(unit));
  return [
    ...grouped('stops', others(plan.ends)),
    ...own.flatMap((unit): Wave[] => [
      { effect: 'stops', units: [unit] },
      { effect: 'starts', units: [unit] },
    ]),
    ...grouped('starts', others(starting)),
  ];
}

function on({ service, unit, knowledge }: InstanceFacts, effect: ImpactOn['effect']): ImpactOn {
  const status = unitStatusOf(unit, knowledge?.reading ?? null);
  const state = knowledge === null ? 'UNKNOWN' : stackStateOf(knowledge);
  const ends = effect !== 'starts';
  return {
    name: service,
    unit,
    effect,
    state,
    ...shown(state),
    invocation_id: ends ? status.invocation_id : null,
    since: status.since,
    processes: ends ? (knowledge?.processes?.length ?? 0) : 0,
  };
}

function shown(state: ImpactOn['state']): Pick<ImpactOn, 'level' | 'text'> {
  if (state === 'STOPPED') return { level: 'ok', text: 'stopped' };
  return unitVerdictOf(state);
}

/** What of a unit must stay as it is. That one at rest had failed makes no difference to what is done to it. */
function identityOf({ unit, effect, state, invocation_id }: ImpactOn): string {
  const rests = state === 'STOPPED' || state === 'FAILED';
  return [effect, unit, rests ? 'rests' : state, invocation_id ?? ''].join(' ');
}

function effectText(effect: ImpactOn['effect'], affects: readonly ImpactOn[]): string {
  const units = affects.filter((one) => one.effect === effect);
  if (units.length === 0) return '';
  return `${effect} ${units.map(({ unit, text }) => (effect === 'starts' ? unit : `${unit} (${text})`)).join(', ')}`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}
