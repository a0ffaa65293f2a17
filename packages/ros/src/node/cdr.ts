import type { DiagnosticArray } from '../messages/diagnostics.js';
import type { StackStatesMessage } from '../messages/typed.js';
import type { Stamp } from '../messages/stamp.js';
import { CdrWriter } from './cdr-writer.js';

/**
 * The large messages as the middleware carries them: little-endian CDR (OMG DDSI-RTPS 10.2), with its four bytes of
 * encapsulation. rclnodejs takes 37 ms of its only thread for 30 units with 10 values each, and a second for a thousand:
 * too long for one that also serves stops.
 */

/** `diagnostic_msgs/msg/DiagnosticArray`. */
export function diagnosticArrayBytes({ header, status }: DiagnosticArray): Buffer {
  const out = new CdrWriter();
  out.uint32(header.stamp.sec);
  out.uint32(header.stamp.nanosec);
  out.string(header.frame_id);
  out.uint32(status.length);
  for (const { level, name, message, hardware_id, values } of status) {
    out.octet(level);
    out.string(name);
    out.string(message);
    out.string(hardware_id);
    out.uint32(values.length);
    for (const { key, value } of values) {
      out.string(key);
      out.string(value);
    }
  }
  return out.bytes();
}

/** `rovi_interfaces/msg/StackStates`. */
export function stackStatesBytes(message: StackStatesMessage): Buffer {
  const out = new CdrWriter();
  const time = ({ sec, nanosec }: Stamp): void => {
    out.int32(sec);
    out.uint32(nanosec);
  };
  out.string(message.boot_id);
  out.uint64(BigInt(message.seq));
  time(message.stamp);
  out.bool(message.known);
  out.string(message.active);
  out.sequence(message.stacks, (stack) => {
    out.string(stack.name);
    out.string(stack.description);
    out.string(stack.state);
    out.octet(stack.verdict.level);
    out.string(stack.verdict.text);
    const { unit } = stack;
    out.string(unit.unit);
    out.string(unit.load_state);
    out.string(unit.active_state);
    out.string(unit.sub_state);
    out.string(unit.result);
    out.string(unit.invocation_id);
    out.int32(unit.main_pid);
    time(unit.since);
    out.uint32(unit.restarts);
    out.uint32(unit.job_id);
    out.string(unit.job_type);
    out.sequence(stack.expected, ({ name, presence, pid }) => {
      out.string(name);
      out.octet(presence);
      out.int32(pid);
    });
    out.string(stack.fixed_frame);
    out.uint32(stack.crashes);
    out.string(stack.failure);
    time(stack.as_of);
  });
  return out.bytes();
}
