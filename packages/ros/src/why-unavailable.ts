import type { MotionTransport } from './ros-transport.js';

/** Why no message of this type can be sent or read now, and what to do about it; null where it can. */
export function whyUnavailable(
  transport: Pick<MotionTransport, 'status' | 'speaks'>,
  type: string,
): { readonly text: string; readonly mend: string } | null {
  const { state, text, mend } = transport.status;
  if (state !== 'on') {
    const wait = 'Wait until `rovictl ros status` says that it is on.';
    return { text: `the ROS face is ${state}: ${text}`, mend: mend === '' ? wait : mend };
  }
  if (transport.speaks(type)) return null;
  return {
    text: `the interface ${type} is missing in the ROS that is sourced, or rclnodejs was built without it`,
    mend: `Install ${type.split('/')[0] ?? type} for this ROS, then: \`sudo ./install.sh --ros\`.`,
  };
}
