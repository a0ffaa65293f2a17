import type { Operation } from '@rovi/contract';
import { stateWord, toneOf } from '../format/tone.js';
import type { Tone } from '../format/tone.js';
import { commandText, durationText, momentText, sentence } from '../format/words.js';
import { outcomeText } from './happenings.js';
import type { Cluster, Lane, Span } from './lanes.js';
import { clustered, isCrash } from './lanes.js';

/** From and up to, in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Something in the picture that can be looked at more closely. Places are pixels from the left. */
export interface Item {
  readonly key: string;
  readonly kind: 'span' | 'crash' | 'commands';
  readonly x: number;
  readonly width: number;
  readonly tone: Tone;
  /** A word to write on it. */
  readonly word: string;
  /** All about it, for people; each one sentence or more. */
  readonly text: readonly string[];
  /** Where its lines are; null where that is nowhere. */
  readonly logs: { readonly unit: string; readonly run: string | null } | null;
  /** The units that commands are about: null for all. */
  readonly units: readonly (string | null)[];
}

/** One line of the picture. */
export interface Row {
  readonly name: string;
  readonly items: readonly Item[];
}

/** Closer than this, in pixels, commands are drawn as one. */
const APART = 26;

/** What is in the picture: the commands first, then one row a unit. */
export function rowsOf(
  { lanes, operations }: { readonly lanes: readonly Lane[]; readonly operations: readonly Operation[] },
  { from, to }: Window,
  place: (at: number) => number,
): Row[] {
  const started = ({ started_at }: Operation): number => Date.parse(started_at);
  const within = operations.filter((one) => started(one) >= from && started(one) <= to);
  const commands = clustered(within, (one) => place(started(one)), APART);
  const byId = new Map(operations.map((one) => [one.id, one]));
  return [
    { name: 'Commands', items: commands.map((cluster) => commandsItem(cluster, to)) },
    ...lanes.map(({ name, spans }) => ({
      name,
      items: spans
        .filter((span) => span.to >= from && span.from <= to)
        .flatMap((span) => spanItems(name, span, { window: { from, to }, place, byId })),
    })),
  ];
}

function commandsItem({ x, things }: Cluster<Operation>, now: number): Item {
  const worst = things.some(({ outcome }) => outcome === 'failed')
    ? 'bad'
    : things.some(({ outcome }) => outcome === 'cancelled')
      ? 'warn'
      : things.some(({ outcome }) => outcome === 'running')
        ? 'busy'
        : 'good';
  return {
    key: things.map(({ id }) => id).join(' '),
    kind: 'commands',
    x,
    width: 0,
    tone: worst,
    word: things.length === 1 ? (things[0]?.kind ?? '') : String(things.length),
    text: things.map((one) => operationText(one, now)),
    logs: null,
    units: things.map(({ stack, service }) => stack ?? service),
  };
}

function operationText(operation: Operation, now: number): string {
  const { kind, stack, service, actor, reason, outcome, message, started_at: at } = operation;
  const why = reason === '' ? 'no reason given' : `“${reason}”`;
  const came = outcome === 'failed' || outcome === 'cancelled' ? ` ${sentence(message)}` : '';
  return `${momentText(at, now)}: ${commandText(kind, stack ?? service)}, by ${actor.name}, ${why}: ${outcomeText(operation)}.${came}`;
}

interface Drawing {
  readonly window: Window;
  readonly place: (at: number) => number;
  readonly byId: ReadonlyMap<string, Operation>;
}

function spanItems(name: string, span: Span, { window, place, byId }: Drawing): Item[] {
  const { state, began } = span;
  const from = Math.max(span.from, window.from);
  const x = place(from);
  const failed = state === 'FAILED';
  const crash = began !== null && isCrash(began);
  const item: Item = {
    key: `${name} ${span.from} ${state}`,
    kind: 'span',
    x,
    width: place(Math.min(span.to, window.to)) - x,
    tone: toneOf(state, failed ? 'error' : 'ok'),
    word: stateWord(state, true),
    text: spanText(name, span, { now: window.to, byId }),
    logs: { unit: name, run: state === 'STOPPED' ? null : (began?.invocation_id ?? null) },
    units: [name],
  };
  if (!crash || span.from < window.from) return [item];
  return [item, { ...item, key: `${item.key} crash`, kind: 'crash', width: 0, tone: 'bad', word: 'Crash' }];
}

function spanText(
  name: string,
  { state, from, to, began }: Span,
  { now, byId }: { readonly now: number; readonly byId: ReadonlyMap<string, Operation> },
): string[] {
  const since = new Date(from).toISOString();
  const length = `for ${durationText(to - from)}`;
  if (began === null)
    return [`${name}: ${stateWord(state, true)} ${length}, since before ${momentText(since, now)}.`];
  const operation = began.operation === null ? null : byId.get(began.operation);
  const cause = began.failure === null ? '' : ` ${sentence(began.failure.text)}`;
  const by =
    operation === null
      ? 'Nobody commanded this over Rovi.'
      : operation === undefined
        ? 'The command is not kept any more.'
        : `By “${commandText(operation.kind, operation.stack ?? operation.service)}” of ${operation.actor.name}.`;
  const what = isCrash(began)
    ? `${name} crashed: ${stateWord(state, true)}`
    : `${name}: ${stateWord(state, true)}`;
  return [`${what}, ${momentText(since, now)}, ${length}.${cause} ${by}`];
}
