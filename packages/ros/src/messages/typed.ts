import type {
  ExpectedProcess,
  Operation,
  Snapshot,
  StackStatus,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { RosMessage } from '../ros-transport.js';
import type { Stamp } from './stamp.js';
import { stampOf } from './stamp.js';

/**
 * The messages of rovi_interfaces (packages/ros/rovi_interfaces). ROS has no null: what is not known is empty, zero or a
 * word of its own, as each message file says.
 */

/** Verdict.OK, WARN, ERROR, STALE. */
const levels: Readonly<Record<VerdictLevel, number>> = { ok: 0, warn: 1, error: 2, stale: 3 };
/** ProcessPresence.UNKNOWN, ABSENT, PRESENT. */
const presence = { unknown: 0, absent: 1, present: 2 } as const;

/** `rovi_interfaces/msg/UnitState`. */
export interface UnitStateMessage {
  readonly unit: string;
  readonly load_state: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly result: string;
  readonly invocation_id: string;
  readonly main_pid: number;
  readonly since: Stamp;
  readonly restarts: number;
  readonly job_id: number;
  readonly job_type: string;
}

/** `rovi_interfaces/msg/StackState`. */
export interface StackStateMessage {
  readonly name: string;
  readonly description: string;
  readonly state: string;
  readonly verdict: { readonly level: number; readonly text: string };
  readonly unit: UnitStateMessage;
  readonly expected: readonly { readonly name: string; readonly presence: number; readonly pid: number }[];
  readonly fixed_frame: string;
  readonly crashes: number;
  readonly failure: string;
  readonly as_of: Stamp;
}

/** `rovi_interfaces/msg/StackStates`. */
export interface StackStatesMessage {
  readonly boot_id: string;
  readonly seq: number;
  readonly stamp: Stamp;
  readonly known: boolean;
  readonly active: string;
  readonly stacks: StackStateMessage[];
}

export function stackStatesOf(snapshot: Snapshot): StackStatesMessage {
  return {
    boot_id: snapshot.boot_id,
    seq: snapshot.seq,
    stamp: stampOf(snapshot.at),
    known: snapshot.known,
    active: snapshot.active ?? '',
    stacks: snapshot.stacks.map(stackStateOf),
  };
}

function stackStateOf(stack: StackStatus): StackStateMessage {
  return {
    name: stack.name,
    description: stack.description,
    state: stack.state,
    verdict: { level: levels[stack.verdict.level], text: stack.verdict.text },
    unit: unitStateOf(stack.unit),
    expected: stack.expected.map(processOf),
    fixed_frame: stack.fixed_frame ?? '',
    crashes: stack.crashes,
    failure: stack.failure?.text ?? '',
    as_of: stampOf(stack.as_of),
  };
}

function processOf({ name, present, pid }: ExpectedProcess): StackStateMessage['expected'][number] {
  const word = present === null ? 'unknown' : present ? 'present' : 'absent';
  return { name, presence: presence[word], pid: pid ?? 0 };
}

function unitStateOf(unit: UnitStatus | null): UnitStateMessage {
  const word = (text: string | undefined): string => (text === undefined || text === 'unknown' ? '' : text);
  return {
    unit: unit?.unit ?? '',
    load_state: word(unit?.load_state),
    active_state: word(unit?.active_state),
    sub_state: word(unit?.sub_state),
    result: word(unit?.result),
    invocation_id: unit?.invocation_id ?? '',
    main_pid: unit?.main_pid ?? 0,
    since: stampOf(unit?.since ?? null),
    restarts: unit?.restarts ?? 0,
    job_id: unit?.job?.id ?? 0,
    job_type: unit?.job?.type ?? '',
  };
}

/** Response of `StartStack`, `StopStack`, `SwitchStack`, `StopAll` for an operation that has ended. */
export function operationResponse(operation: Operation): RosMessage {
  const { problem } = operation;
  return {
    success: operation.outcome === 'succeeded',
    changed: operation.changed,
    code: problem?.code ?? '',
    message: problem?.message ?? operation.message,
    mend: problem?.mend ?? '',
    operation_id: operation.id,
    warnings: operation.warnings,
    duration: (operation.duration_ms ?? 0) / 1000,
  };
}

/** The same for a command that was not begun. */
export function refusalResponse(error: unknown): RosMessage {
  const { code, message, mend } = RoviError.from(error);
  return { success: false, changed: false, code, message, mend, operation_id: '', warnings: [], duration: 0 };
}

/** Response of `GetState`. */
export function getStateResponse(snapshot: Snapshot): RosMessage {
  return {
    state: stackStatesOf(snapshot),
    gateway: unitStateOf(snapshot.gateway),
    operation: operationOf(snapshot.operation),
    json: JSON.stringify(snapshot),
  };
}

function operationOf(operation: Operation | null): RosMessage {
  return {
    id: operation?.id ?? '',
    kind: operation?.kind ?? '',
    stack: operation?.stack ?? '',
    from_stack: operation?.from ?? '',
    actor: operation?.actor.name ?? '',
    face: operation?.actor.face ?? '',
    verified: operation?.actor.verified ?? false,
    reason: operation?.reason ?? '',
    outcome: operation?.outcome ?? '',
    changed: operation?.changed ?? false,
    code: operation?.problem?.code ?? '',
    message: operation?.message ?? '',
    mend: operation?.problem?.mend ?? '',
    warnings: operation?.warnings ?? [],
    started_at: stampOf(operation?.started_at ?? null),
    ended_at: stampOf(operation?.ended_at ?? null),
    duration: (operation?.duration_ms ?? 0) / 1000,
  };
}
