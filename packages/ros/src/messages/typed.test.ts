import { readdirSync, readFileSync } from 'node:fs';
import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import type { RosMessage } from '../ros-transport.js';
import { NOON, sampleNav, sampleOperation, sampleSnapshot, sampleStack } from './sample-snapshot.fixture.js';
import { getStateResponse, operationResponse, refusalResponse, stackStatesOf } from './typed.js';

const PACKAGE = new URL('../../rovi_interfaces/', import.meta.url);

/** Fields of a message or a response, by name, as the interface files of the package have them. */
type Fields = ReadonlyMap<string, string>;

function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    // Neither comments nor constants.
    const field = /^([A-Za-z][A-Za-z0-9_/]*(?:\[\])?) +([a-z][a-z0-9_]*) *$/.exec(line.replace(/#.*$/, ''));
    if (field !== null) fields.set(field[2] ?? '', field[1] ?? '');
  }
  return fields;
}

const messages = new Map(
  readdirSync(new URL('msg/', PACKAGE)).map((file) => [
    file.replace('.msg', ''),
    fieldsOf(readFileSync(new URL(`msg/${file}`, PACKAGE), 'utf8')),
  ]),
);
messages.set('builtin_interfaces/Time', new Map([['sec', 'int32'], ['nanosec', 'uint32']])); // prettier-ignore

const responseOf = (service: string): Fields =>
  fieldsOf(readFileSync(new URL(`srv/${service}.srv`, PACKAGE), 'utf8').split('\n---\n')[1] ?? '');

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/** rclnodejs publishes what lacks a field as zeros and drops what it does not know: here neither may happen. */
function expectFits(message: unknown, fields: Fields, path: string): void {
  expect(Object.keys(message as object).sort(), path).toEqual([...fields.keys()].sort());
  for (const [name, type] of fields) {
    const value = (message as RosMessage)[name];
    const all = type.endsWith('[]') ? (value as unknown[]) : [value];
    expect(Array.isArray(all), `${path}.${name}`).toBe(true);
    for (const one of all) expectValue(one, type.replace('[]', ''), `${path}.${name}`);
  }
}

function expectValue(value: unknown, type: string, path: string): void {
  const range = ranges[type];
  if (range !== undefined) {
    expect(Number.isInteger(value), path).toBe(true);
    expect(value as number, path).toBeGreaterThanOrEqual(range[0]);
    expect(value as number, path).toBeLessThanOrEqual(range[1]);
  } else if (type === 'string') expect(typeof value, path).toBe('string');
  else if (type === 'bool') expect(typeof value, path).toBe('boolean');
  else if (type === 'float64') expect(typeof value, path).toBe('number');
  else expectFits(value, messages.get(type) ?? new Map([['an unknown type', type]]), path);
}

const message = (name: string): Fields => messages.get(name) ?? new Map();

/** As much as can be said, and as little. */
const snapshots = {
  'a running stack': sampleSnapshot(),
  'nothing known yet': sampleSnapshot({
    gateway: null,
    active: null,
    known: false,
    stacks: [
      sampleStack('nav', {
        state: 'UNKNOWN',
        expected: [{ name: 'controller_server', present: null, pid: null }],
        as_of: null,
      }),
    ],
  }),
  'a failure with an operation': sampleSnapshot({
    stacks: [
      {
        ...sampleNav,
        unit: { ...sampleNav.unit, job: { id: 77, type: 'stop' } },
        failure: { result: 'signal', exit_status: null, signal: 'SIGKILL', text: 'killed by SIGKILL' },
      },
    ],
    operation: sampleOperation({ ended_at: null, duration_ms: null, outcome: 'running' }),
  }),
};

describe('the typed messages have the fields of rovi_interfaces, and no others', () => {
  it.each(Object.entries(snapshots))('StackStates: %s', (_, snapshot) => {
    expectFits(stackStatesOf(snapshot), message('StackStates'), 'StackStates');
  });

  it.each(Object.entries(snapshots))('GetState: %s', (_, snapshot) => {
    expectFits(getStateResponse(snapshot), responseOf('GetState'), 'GetState');
  });

  it.each(['StartStack', 'StopStack', 'SwitchStack', 'StopAll'])('%s', (service) => {
    const problem = { code: 'start-failed', message: 'no', mend: 'Look.', context: {} } as const;
    const fields = responseOf(service);
    expectFits(operationResponse(sampleOperation({ warnings: ['odd'] })), fields, service);
    expectFits(operationResponse(sampleOperation({ outcome: 'failed', problem })), fields, service);
    expectFits(refusalResponse(new RoviError('stack-busy', 'no')), fields, service);
  });
});

describe('the typed messages', () => {
  it('say the state of a stack as the snapshot does', () => {
    expect(stackStatesOf(sampleSnapshot())).toMatchObject({
      boot_id: sampleSnapshot().boot_id,
      seq: 7,
      stamp: { sec: Date.parse(NOON) / 1000 - 0.25, nanosec: 250_000_000 },
      known: true,
      active: 'nav',
      stacks: [
        { name: 'teleop', state: 'STOPPED', verdict: { level: 0 }, fixed_frame: '' },
        {
          name: 'nav',
          state: 'RUNNING',
          verdict: { level: 1, text: 'running, 1 of 2 processes, planner_server missing' },
          unit: { unit: 'rovi-nav.service', active_state: 'active', main_pid: 4242, job_id: 0, job_type: '' },
          expected: [
            { name: 'controller_server', presence: 2, pid: 4250 },
            { name: 'planner_server', presence: 1, pid: 0 },
          ],
          fixed_frame: 'map',
          failure: '',
        },
      ],
    });
  });

  it('say "unknown" as an empty word, and of a process as a value of its own', () => {
    const unit = { ...sampleNav.unit, active_state: 'unknown', sub_state: 'unknown', result: 'unknown' };
    const expected = [{ name: 'a', present: null, pid: null }];
    const { stacks } = stackStatesOf(sampleSnapshot({ stacks: [{ ...sampleNav, unit, expected }] })) as {
      stacks: unknown[];
    };
    expect(stacks[0]).toMatchObject({
      unit: { active_state: '', sub_state: '', result: '' },
      expected: [{ presence: 0 }],
    });
  });

  it('call a success only what succeeded, and count in seconds', () => {
    expect(operationResponse(sampleOperation())).toMatchObject({ success: true, code: '', duration: 5.5 });
    const problem = { code: 'start-failed', message: 'nav did not', mend: 'Look.', context: {} } as const;
    expect(operationResponse(sampleOperation({ outcome: 'failed', problem }))).toMatchObject({
      success: false,
      code: 'start-failed',
      message: 'nav did not',
      mend: 'Look.',
      operation_id: 'op-1',
    });
    expect(operationResponse(sampleOperation({ outcome: 'cancelled' })).success).toBe(false);
    expect(refusalResponse(new RoviError('stack-unknown', 'no nav'))).toMatchObject({
      success: false,
      changed: false,
      code: 'stack-unknown',
      operation_id: '',
    });
  });

  it('answer GetState with the whole snapshot as JSON too', () => {
    const snapshot = sampleSnapshot();
    expect(JSON.parse(getStateResponse(snapshot)['json'] as string)).toEqual(snapshot);
  });
});
