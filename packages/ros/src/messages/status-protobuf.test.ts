import { readFileSync } from 'node:fs';
import { statusFieldMetaSchema, statusFieldsSchema, statusFieldValueSchema } from '@rovi/contract';
import type { StatusFields } from '@rovi/contract';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { encodeStatusFields, statusDescriptor } from './status-protobuf.js';

const FILE = new URL('../../../contract/proto/status.proto', import.meta.url);
const { root, package: name } = protobuf.parse(readFileSync(FILE, 'utf8'), new protobuf.Root(), {
  keepCase: true,
});
root.resolveAll();
const published = root.lookupType('rovi.status.v1.StatusFields');

/** Every field of every message: number, type, whether it repeats and whether its absence can be told from zero. */
function shapeOf(namespace: protobuf.Namespace): Record<string, Record<string, unknown>> {
  const types = namespace.nestedArray.filter((entry) => entry instanceof protobuf.Type);
  return Object.fromEntries(
    types.map((type) => [
      type.name,
      Object.fromEntries(
        type.fieldsArray.map((field) => [
          field.name,
          [field.id, field.type, field.repeated, Boolean(field.hasPresence)],
        ]),
      ),
    ]),
  );
}

const word = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => Buffer.from(text).toString());
const number = fc.double({ noNaN: true });
const message: fc.Arbitrary<StatusFields> = fc.record({
  boot_id: word,
  seq: fc.maxSafeNat(),
  stamp: number,
  meta: fc.array(
    fc.record(
      {
        id: word,
        type: fc.constantFrom('float', 'text'),
        unit: word,
        min: number,
        max: number,
        target: number,
      },
      { requiredKeys: ['id', 'type'] },
    ),
    { maxLength: 3 },
  ),
  values: fc.array(fc.record({ id: word, value: number, text: word }, { requiredKeys: ['id'] }), {
    maxLength: 3,
  }),
});

describe('the protobuf of the status stream', () => {
  it('is that of packages/contract/proto/status.proto', () => {
    expect(name).toBe('rovi.status.v1');
    const written = root.lookup('rovi.status.v1') as protobuf.Namespace;
    expect(Object.keys(shapeOf(written))).toHaveLength(3);
    expect(shapeOf(protobuf.Root.fromJSON(statusDescriptor))).toEqual(shapeOf(written));
  });

  it('has the fields of the JSON', () => {
    const fields = (of: string) => Object.keys(root.lookupType(`rovi.status.v1.${of}`).fields).sort();
    expect(fields('StatusFields')).toEqual(Object.keys(statusFieldsSchema.shape).sort());
    expect(fields('StatusFieldMeta')).toEqual(Object.keys(statusFieldMetaSchema.shape).sort());
    expect(fields('StatusFieldValue')).toEqual(Object.keys(statusFieldValueSchema.shape).sort());
  });

  it('reads back as what was encoded, and tells zero and "" from nothing', () => {
    const bytes = encodeStatusFields({
      boot_id: 'b',
      seq: 2 ** 40,
      stamp: 1.25,
      meta: [{ id: 'up', type: 'float', unit: '', min: 0, max: 1 }],
      values: [{ id: 'up', value: 0 }, { id: 'gone' }, { id: 'word', text: '' }],
    });
    const read = published.toObject(published.decode(bytes), { longs: Number });
    expect(read).toEqual({
      boot_id: 'b',
      seq: 2 ** 40,
      stamp: 1.25,
      meta: [{ id: 'up', type: 'float', unit: '', min: 0, max: 1 }],
      values: [{ id: 'up', value: 0 }, { id: 'gone' }, { id: 'word', text: '' }],
    });
  });

  it('reads back as what was encoded, whatever it was', () => {
    fc.assert(
      fc.property(message, (fields) => {
        const decoded = published.decode(encodeStatusFields(fields));
        const read = published.toObject(decoded, { longs: Number, arrays: true, defaults: false });
        const full = { boot_id: '', seq: 0, stamp: 0, ...read } as StatusFields;
        expect({
          ...full,
          meta: full.meta.map((meta) => ({ ...{ id: '' }, ...meta })),
          values: full.values.map((value) => ({ ...{ id: '' }, ...value })),
        }).toEqual(structuredClone(fields));
      }),
    );
  });
});
