import type { IncidentType, Operation, StackState, Timeline, ToldIncident, Transition } from '@rovi/contract';
import { commandText, durationText, sentence } from '../format/words.js';
import { isCrash } from './lanes.js';

/** One thing that happened: a command, a unit's change of state, or an incident of a service. */
export interface Happening {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The unit; null where it was all of them. */
  readonly unit: string | null;
  readonly what: string;
  /** Who commanded it; null where nobody did, `''` where that is not kept any more. */
  readonly who: string | null;
  /** Why: the reason that was given, or the cause of a failure. */
  readonly why: string;
  readonly kind: 'command' | 'change' | 'crash' | 'incident';
  readonly failed: boolean;
  /** The run it is about; null where there is none. */
  readonly run: string | null;
}

/** Everything on the timeline, newest first. `units` are those that there are: of a service with one instance, `name` alone. */
export function happenings(
  { transitions, operations, incidents }: Timeline,
  units: readonly string[] = [],
): Happening[] {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const all = [
    ...operations.map(commandHappening),
    ...transitions.map((transition) => changeHappening(transition, byId)),
    ...incidents.map((told) => incidentHappening(told, units)),
  ];
  return all.toSorted((a, b) => b.at - a.at);
}

/** Which happenings are listed. */
export interface HappeningFilter {
  /** Null lists those of all units. */
  readonly unit: string | null;
  /** Null lists those by everybody; `''` those that nobody commanded. */
  readonly who: string | null;
  readonly failuresOnly: boolean;
}

/** Those that the filter asks for. What was commanded of all units belongs to each of them. */
export function filtered(all: readonly Happening[], filter: HappeningFilter): Happening[] {
  return all.filter(
    ({ unit, who, failed }) =>
      (filter.unit === null || unit === null || unit === filter.unit || unit.startsWith(`${filter.unit}@`)) &&
      (filter.who === null || (who ?? '') === filter.who) &&
      (!filter.failuresOnly || failed),
  );
}

/** Everybody who commanded something, by name. */
export function commanders(all: readonly Happening[]): string[] {
  return [...new Set(all.flatMap(({ who }) => (who === null || who === '' ? [] : [who])))].sort();
}

const outcomes: Readonly<Record<Operation['outcome'], string>> = {
  running: 'under way',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** What came of a command: `done in 1.2 s`. */
export function outcomeText({ outcome, duration_ms: ms }: Operation): string {
  if (ms === null) return outcomes[outcome];
  const time = ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : durationText(ms);
  return `${outcomes[outcome]} ${outcome === 'succeeded' ? 'in' : 'after'} ${time}`;
}

function commandHappening(operation: Operation): Happening {
  const { id, kind, actor, reason, outcome, message } = operation;
  const unit = operation.stack ?? operation.service;
  const failed = outcome === 'failed';
  return {
    key: id,
    at: Date.parse(operation.started_at),
    unit,
    what: `${commandText(kind, unit)}: ${outcomeText(operation)}`,
    who: actor.name,
    why: [reason, failed || outcome === 'cancelled' ? message : ''].map(sentence).filter(Boolean).join(' '),
    kind: 'command',
    failed,
    run: null,
  };
}

function changeHappening(change: Transition, operations: ReadonlyMap<string, Operation>): Happening {
  const { seq, at, name, from, to, failure, operation } = change;
  const crash = isCrash(change);
  return {
    key: `${seq} ${name}`,
    at: Date.parse(at),
    unit: name,
    what: crash ? 'Crashed' : changeText(from, to),
    who: operation === null ? null : (operations.get(operation)?.actor.name ?? ''),
    why: failure === null ? '' : sentence(failure.text),
    kind: crash ? 'crash' : 'change',
    failed: to === 'FAILED',
    run: change.invocation_id,
  };
}

const failures: ReadonlySet<IncidentType> = new Set([
  'service_failed',
  'service_unhealthy',
  'crash_loop_detected',
  'crash_loop_gave_up',
  'orchestration_error',
]);

/** What an incident is called: `Crash loop detected`. */
export function incidentWord(type: IncidentType): string {
  const words = type.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** Whether an incident tells of something that is wrong. */
export function isFailure(type: IncidentType): boolean {
  return failures.has(type);
}

function incidentHappening({ seq, at, incident }: ToldIncident, units: readonly string[]): Happening {
  const { type, service, instance, text } = incident;
  const one = service === null || instance === null ? null : `${service}@${instance}`;
  return {
    key: `${seq} ${type}`,
    at: Date.parse(at),
    unit: one !== null && units.includes(one) ? one : service,
    what: incidentWord(type),
    who: null,
    why: sentence(text),
    kind: 'incident',
    failed: isFailure(type),
    run: null,
  };
}

const words: Readonly<Record<StackState, string>> = {
  RUNNING: 'running',
  STARTING: 'starting',
  STOPPING: 'stopping',
  STOPPED: 'stopped',
  FAILED: 'failed',
  MAINTENANCE: 'in maintenance',
  UNKNOWN: 'not known',
};

function changeText(from: StackState, to: StackState): string {
  if (from === to) return `Another run, unseen: ${words[to]}`;
  return `From ${words[from]} to ${words[to]}`;
}
