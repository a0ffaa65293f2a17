import type { Snapshot, StackStatus, UnitStatus } from '@rovi/contract';
import { GATEWAY } from '../face-spec.js';
import type { TopicNames } from '../face-spec.js';
import type { RosMessage } from '../ros-transport.js';

/**
 * A stack's unit state in systemd's words, for tools that want one. It never says `inactive` while a process of the
 * stack lives or a start is on its way, and says `unknown` where systemd cannot be read.
 */
export function stackUnitWord({ state, unit }: StackStatus): string {
  if (state === 'UNKNOWN') return 'unknown';
  if (state === 'STARTING') return 'activating';
  return state === 'STOPPING' ? 'deactivating' : unit.active_state;
}

/** The gateway's unit state; `unknown` where there is none or systemd cannot be read. */
export function gatewayUnitWord(gateway: UnitStatus | null, busConnected: boolean): string {
  return gateway === null || !busConnected ? 'unknown' : gateway.active_state;
}

/** The single-value topics of one stack with their messages. A process's `true` means: proven to be in the unit's cgroup. */
export function stackValues(stack: StackStatus, names: TopicNames): Map<string, RosMessage> {
  const values = new Map<string, RosMessage>([[names.unitState(stack.name), { data: stackUnitWord(stack) }]]);
  for (const { name, present } of stack.expected) {
    values.set(names.process(stack.name, name), { data: present === true });
  }
  return values;
}

/** Every single-value topic with its message now. */
export function unitValues(snapshot: Snapshot, names: TopicNames): Map<string, RosMessage> {
  const gateway = { data: gatewayUnitWord(snapshot.gateway, snapshot.bus.connected) };
  const stacks = snapshot.stacks.flatMap((stack) => [...stackValues(stack, names)]);
  return new Map<string, RosMessage>([[names.unitState(GATEWAY), gateway], ...stacks]);
}
