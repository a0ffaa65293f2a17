import { describe, expect, it } from 'vitest';
import { statusFieldFaults, statusFieldSchema, streamsSchema } from './status-fields.js';

const service = (name = 'rovi-nav') => ({ provider: 'system', type: 'service', service: name });
const process = (name: string, scope?: string) => ({
  provider: 'system',
  type: 'process',
  process: name,
  ...(scope === undefined ? {} : { service: scope }),
});

describe('a status field', () => {
  it('takes the shapes of a UI bridge’s configuration', () => {
    expect(statusFieldSchema.parse({ id: 'svc_nav', type: 'text', source: service() })).toEqual({
      id: 'svc_nav',
      type: 'text',
      source: service(),
    });
    expect(statusFieldSchema.parse({ id: 'up', unit: '', source: service() })).toMatchObject({
      type: 'float',
    });
    const whole = { id: 'up', type: 'float', unit: '%', min: 0, max: 1, target: 1, source: process('amcl') };
    expect(statusFieldSchema.parse(whole)).toEqual(whole);
  });

  it.each([
    ['no id', { type: 'text', source: service() }],
    ['an id of words', { id: 'a b', type: 'text', source: service() }],
    ['an id that begins with a digit', { id: '1a', type: 'text', source: service() }],
    ['a text field with a unit', { id: 'a', type: 'text', unit: 'm', source: service() }],
    ['a text field with a range', { id: 'a', type: 'text', min: 0, source: service() }],
    ['a float field without a unit', { id: 'a', source: service() }],
    ['another type', { id: 'a', type: 'bool', source: service() }],
    ['an endless range', { id: 'a', unit: '', max: Infinity, source: service() }],
    ['another provider', { id: 'a', type: 'text', source: { ...service(), provider: 'ros' } }],
    ['another source', { id: 'a', type: 'text', source: { provider: 'system', type: 'topic' } }],
    ['a unit with its ending', { id: 'a', type: 'text', source: service('rovi-nav.service') }],
    ['a foreign unit', { id: 'a', type: 'text', source: service('ssh') }],
    ['a hostile process', { id: 'a', type: 'text', source: process('a;b') }],
  ])('is refused with %s', (_, field) => {
    expect(statusFieldSchema.safeParse(field).success).toBe(false);
  });

  it('comes in numbers that a screen can hold', () => {
    const fields = (count: number) => ({
      status: {
        fields: Array.from({ length: count }, (_, n) => ({
          id: `f${String(n)}`,
          type: 'text',
          source: service(),
        })),
      },
    });
    expect(streamsSchema.safeParse(fields(500)).success).toBe(true);
    expect(streamsSchema.safeParse(fields(501)).success).toBe(false);
  });
});

const stacks = { nav: { processes: ['amcl', 'ekf_node'] }, mapping: { processes: ['ekf_node'] } };

/** What is wrong with these fields beside those stacks. */
const faults = (...fields: object[]) =>
  statusFieldFaults({ stacks, streams: streamsSchema.parse({ status: { fields } }) });

describe('the fields in their catalog', () => {
  it('are right where unit and process are there', () => {
    expect(
      faults(
        { id: 'a', type: 'text', source: service('rovi-nav') },
        { id: 'b', type: 'text', source: service('rovi-gateway') },
        { id: 'c', type: 'text', source: process('amcl') },
        { id: 'd', type: 'text', source: process('ekf_node', 'rovi-mapping') },
        { id: 'e', unit: '', min: 1, max: 1, source: service('rovi-nav') },
        { id: 'f', unit: '', min: 5, source: service('rovi-nav') },
      ),
    ).toEqual([]);
  });

  it.each([
    [
      'a unit that is not there',
      { source: service('rovi-video') },
      [['source', 'service'], 'expected a unit of this catalog, got "rovi-video"'],
    ],
    [
      'a stack of a name that every object has',
      { source: service('rovi-constructor') },
      [['source', 'service'], 'expected a unit of this catalog, got "rovi-constructor"'],
    ],
    [
      'a process of a unit that is not there',
      { source: process('amcl', 'rovi-video') },
      [['source', 'service'], 'expected a unit of this catalog, got "rovi-video"'],
    ],
    [
      'a process of the gateway',
      { source: process('amcl', 'rovi-gateway') },
      [['source', 'service'], "expected a stack's unit: the gateway's processes are not watched"],
    ],
    [
      'a process that its stack does not have',
      { source: process('amcl', 'rovi-mapping') },
      [['source', 'process'], 'expected one of the `processes` of stack mapping, got "amcl"'],
    ],
    [
      'a process that no stack has',
      { source: process('joy_node') },
      [['source', 'process'], 'expected one of the `processes` of a stack, got "joy_node"'],
    ],
  ] as const)('are refused: %s', (_, part, [path, message]) => {
    expect(faults({ id: 'a', type: 'text', ...part })).toEqual([[[0, ...path], message]]);
  });

  it('are refused where two have one id, or a range is upside down', () => {
    const field = { unit: '', source: service() };
    expect(faults({ id: 'a', ...field }, { id: 'b', ...field }, { id: 'a', ...field })).toEqual([
      [[2, 'id'], 'expected an id that no other field has, got "a" again'],
    ]);
    expect(faults({ id: 'a', ...field, min: 2, max: 1.5 })).toEqual([
      [[0, 'min'], 'expected at most max (1.5)'],
    ]);
  });
});
