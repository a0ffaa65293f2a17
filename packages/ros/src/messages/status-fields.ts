import type { Snapshot, StackStatus, StatusField, StatusFields } from '@rovi/contract';
import { stackUnit } from '@rovi/contract';
import { gatewayUnitWord, stackUnitWord } from './unit-values.js';

type Meta = StatusFields['meta'][number];
type Value = StatusFields['values'][number];

/** The status stream's message for these fields of the catalog, in their order. */
export function statusFieldsOf(fields: readonly StatusField[], snapshot: Snapshot): StatusFields {
  return {
    boot_id: snapshot.boot_id,
    seq: snapshot.seq,
    stamp: Date.parse(snapshot.at) / 1000,
    meta: fields.map(metaOf),
    values: fields.map((field) => valueOf(field, snapshot)),
  };
}

function metaOf(field: StatusField): Meta {
  if (field.type === 'text') return { id: field.id, type: 'text' };
  const { id, type, unit, min, max, target } = field;
  return {
    id,
    type,
    unit,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(target === undefined ? {} : { target }),
  };
}

/** A text field always has a word; a float field has no value where the word would be `unknown`. */
function valueOf({ id, type, source }: StatusField, snapshot: Snapshot): Value {
  const word =
    source.type === 'service'
      ? serviceWord(source.service, snapshot)
      : processWord(source.process, source.service, snapshot.stacks);
  if (type === 'text') return { id, text: word };
  if (word === 'unknown') return { id };
  return { id, value: ['active', 'reloading', 'refreshing', 'running'].includes(word) ? 1 : 0 };
}

function serviceWord(service: string, snapshot: Snapshot): string {
  const stack = snapshot.stacks.find(({ name }) => stackUnit(name) === `${service}.service`);
  return stack === undefined
    ? gatewayUnitWord(snapshot.gateway, snapshot.bus.connected)
    : stackUnitWord(stack);
}

function processWord(name: string, service: string | undefined, stacks: readonly StackStatus[]): string {
  const found = stacks
    .filter((stack) => service === undefined || stackUnit(stack.name) === `${service}.service`)
    .flatMap(({ expected }) => expected.filter((process) => process.name === name));
  if (found.some(({ present }) => present === true)) return 'running';
  return found.every(({ present }) => present === false) && found.length > 0 ? 'missing' : 'unknown';
}
