import { discoveryEventSchema } from '@rovi/contract';
import type { DiscoveryEvent } from '@rovi/contract';

/** Bytes of the largest message that is looked at. */
export const LARGEST_DISCOVERY = 16_384;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** What a message of strangers says, or why it is not taken, in one phrase. Never throws. */
export function readDiscovery(payload: Buffer): DiscoveryEvent | string {
  if (payload.length > LARGEST_DISCOVERY)
    return `${String(payload.length)} bytes, more than ${String(LARGEST_DISCOVERY)}`;
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return 'not JSON';
  }
  const { success, data, error } = discoveryEventSchema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a discovery event'}`.slice(0, 200);
  }
  const { service_name: name, description, version, ...rest } = data.service_data;
  if (name.replace(CONTROL, '') !== name) return 'a service name with control characters';
  return {
    ...data,
    service_data: {
      ...rest,
      service_name: name,
      description: description.replace(CONTROL, ' '),
      version: version.replace(CONTROL, ' '),
    },
  };
}
