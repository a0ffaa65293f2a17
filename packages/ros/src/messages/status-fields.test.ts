import type { StatusField } from '@rovi/contract';
import { statusFieldSchema, statusFieldsSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { lastWords } from './last-words.js';
import { NOON, sampleNav, sampleSnapshot, sampleStack } from './sample-snapshot.fixture.js';
import { statusFieldsOf } from './status-fields.js';

const service = (name: string) => ({ provider: 'system', type: 'service', service: name });
const process = (name: string, scope?: string) => ({
  provider: 'system',
  type: 'process',
  process: name,
  ...(scope === undefined ? {} : { service: scope }),
});
const text = (source: object): StatusField => statusFieldSchema.parse({ id: 'f', type: 'text', source });
const float = (source: object, part: object = {}): StatusField =>
  statusFieldSchema.parse({ id: 'f', unit: '', source, ...part });

/** The one value of this one field. */
function valueOf(field: StatusField, snapshot = sampleSnapshot()) {
  const { values } = statusFieldsOf([field], snapshot);
  expect(values).toHaveLength(1);
  return values[0];
}

/** A robot of which nothing is known. */
const unknown = lastWords(sampleSnapshot());

describe('the status stream', () => {
  it('is one message with metadata, in the catalog’s order, that the contract takes', () => {
    const fields = [
      statusFieldSchema.parse({ id: 'svc_nav', type: 'text', source: service('rovi-nav') }),
      statusFieldSchema.parse({
        id: 'nav_up',
        unit: 'on/off',
        min: 0,
        max: 1,
        target: 1,
        source: service('rovi-nav'),
      }),
      statusFieldSchema.parse({ id: 'planner', unit: '', source: process('planner_server') }),
    ];
    const message = statusFieldsOf(fields, sampleSnapshot());
    expect(message).toEqual({
      boot_id: sampleSnapshot().boot_id,
      seq: 7,
      stamp: Date.parse(NOON) / 1000,
      meta: [
        { id: 'svc_nav', type: 'text' },
        { id: 'nav_up', type: 'float', unit: 'on/off', min: 0, max: 1, target: 1 },
        { id: 'planner', type: 'float', unit: '' },
      ],
      values: [
        { id: 'svc_nav', text: 'active' },
        { id: 'nav_up', value: 1 },
        { id: 'planner', value: 0 },
      ],
    });
    expect(statusFieldsSchema.parse(message)).toEqual(message);
  });

  it.each([
    ['a running stack', service('rovi-nav'), 'active', 1],
    ['a stack at rest', service('rovi-teleop'), 'inactive', 0],
    ['the gateway', service('rovi-gateway'), 'active', 1],
    ['a process that is there', process('controller_server', 'rovi-nav'), 'running', 1],
    ['a process that is not', process('planner_server', 'rovi-nav'), 'missing', 0],
    ['a process of any stack', process('controller_server'), 'running', 1],
    ['a process of another stack', process('controller_server', 'rovi-teleop'), 'unknown', undefined],
  ])('%s', (_, source, word, number) => {
    expect(valueOf(text(source))).toEqual({ id: 'f', text: word });
    expect(valueOf(float(source))).toEqual(number === undefined ? { id: 'f' } : { id: 'f', value: number });
  });

  it.each([
    ['a service', service('rovi-nav')],
    ['the gateway', service('rovi-gateway')],
    ['a process', process('controller_server')],
  ])('%s that is not known has the word, and no number', (_, source) => {
    expect(valueOf(text(source), unknown)).toEqual({ id: 'f', text: 'unknown' });
    expect(valueOf(float(source), unknown)).toEqual({ id: 'f' });
  });

  it.each([
    ['STARTING', 'activating', 0],
    ['STOPPING', 'deactivating', 0],
    ['FAILED', 'failed', 0],
  ] as const)('a stack that is %s', (state, word, number) => {
    const unit = { ...sampleNav.unit, active_state: word };
    const snapshot = sampleSnapshot({ stacks: [{ ...sampleNav, state, unit }] });
    expect(valueOf(text(service('rovi-nav')), snapshot)).toEqual({ id: 'f', text: word });
    expect(valueOf(float(service('rovi-nav')), snapshot)).toEqual({ id: 'f', value: number });
  });

  it('a process that two stacks expect is missing only where it is known to run in neither', () => {
    const expecting = (name: string, present: boolean | null) =>
      sampleStack(name, { expected: [{ name: 'ekf_node', present, pid: null }] });
    const seen = (first: boolean | null, second: boolean | null) =>
      valueOf(
        text(process('ekf_node')),
        sampleSnapshot({ stacks: [expecting('mapping', first), expecting('nav', second)] }),
      )?.text;
    expect(seen(false, true)).toBe('running');
    expect(seen(null, true)).toBe('running');
    expect(seen(false, false)).toBe('missing');
    expect(seen(false, null)).toBe('unknown');
  });
});
