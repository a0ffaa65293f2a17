import type { StatusFields } from '@rovi/contract';
import protobuf from 'protobufjs/light.js';
import type { INamespace } from 'protobufjs/light.js';

/** packages/contract/proto/status.proto, as protobufjs reads it. A test holds the two together. */
export const statusDescriptor: INamespace = {
  nested: {
    StatusFieldMeta: {
      oneofs: presence('type', 'unit', 'min', 'max', 'target'),
      fields: {
        id: { type: 'string', id: 1 },
        type: optional('string', 2),
        unit: optional('string', 3),
        min: optional('double', 4),
        max: optional('double', 5),
        target: optional('double', 6),
      },
    },
    StatusFieldValue: {
      oneofs: presence('value', 'text'),
      fields: {
        id: { type: 'string', id: 1 },
        value: optional('double', 2),
        text: optional('string', 3),
      },
    },
    StatusFields: {
      fields: {
        boot_id: { type: 'string', id: 1 },
        seq: { type: 'uint64', id: 2 },
        stamp: { type: 'double', id: 3 },
        meta: { rule: 'repeated', type: 'StatusFieldMeta', id: 4 },
        values: { rule: 'repeated', type: 'StatusFieldValue', id: 5 },
      },
    },
  },
};

function optional(
  type: string,
  id: number,
): { type: string; id: number; options: { proto3_optional: true } } {
  return { type, id, options: { proto3_optional: true } };
}

/** Each in a oneof of its own, as `optional` of proto3 means: without it a value of 0 would be left out. */
function presence(...fields: string[]): Record<string, { oneof: string[] }> {
  return Object.fromEntries(fields.map((name) => [`_${name}`, { oneof: [name] }]));
}

const message = protobuf.Root.fromJSON(statusDescriptor).lookupType('StatusFields');

/** The bytes of one `rovi.status.v1.StatusFields`. */
export function encodeStatusFields(fields: StatusFields): Uint8Array {
  return message.encode(message.create(fields)).finish();
}
