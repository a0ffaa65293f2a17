import type { StatusFields } from '@rovi/contract';

/** A field as the wire has it: a number for a varint, bytes for what has a length, a double. */
type Wire = ReadonlyMap<number, (number | Buffer)[]>;

/** Reads one protobuf message without its description. */
function fieldsOf(bytes: Buffer): Wire {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const valueOf = (kind: number): number | Buffer => {
    if (kind === 0) return varint();
    const length = kind === 1 ? 8 : varint();
    at += length;
    const value = bytes.subarray(at - length, at);
    return kind === 1 ? value.readDoubleLE() : value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = valueOf(tag & 7);
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

/** Reads a `rovi.status.v1.StatusFields` by the numbers of packages/contract/proto/status.proto, as a reader would. */
export function readStatusFields(bytes: Buffer): StatusFields {
  const message = fieldsOf(bytes);
  const all = (number: number): Wire[] => (message.get(number) ?? []).map((part) => fieldsOf(part as Buffer));
  return {
    boot_id: textOf(message, 1) ?? '',
    seq: numberOf(message, 2) ?? 0,
    stamp: numberOf(message, 3) ?? 0,
    meta: all(4).map((meta) =>
      present({
        id: textOf(meta, 1) ?? '',
        type: textOf(meta, 2) as 'float' | 'text',
        unit: textOf(meta, 3),
        min: numberOf(meta, 4),
        max: numberOf(meta, 5),
        target: numberOf(meta, 6),
      }),
    ),
    values: all(5).map((value) =>
      present({ id: textOf(value, 1) ?? '', value: numberOf(value, 2), text: textOf(value, 3) }),
    ),
  };
}

const textOf = (message: Wire, number: number): string | undefined => message.get(number)?.[0]?.toString();
const numberOf = (message: Wire, number: number): number | undefined =>
  message.get(number)?.[0] as number | undefined;

/** Without what is not there. */
function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
