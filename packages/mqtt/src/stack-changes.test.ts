import type { StackState, StackStatus } from '@rovi/contract';
import { expect, it } from 'vitest';
import { StackChanges } from './stack-changes.js';

const stack = (state: StackState): StackStatus => ({
  name: 'nav',
  description: '',
  fixed_frame: null,
  state,
  verdict: { level: 'ok', text: state.toLowerCase() },
  unit: {
    unit: 'rovi-nav.service',
    load_state: 'loaded',
    active_state: 'active',
    sub_state: 'running',
    result: 'success',
    invocation_id: null,
    main_pid: null,
    since: null,
    restarts: 0,
    job: null,
  },
  expected: [],
  processes: [],
  failure: null,
  crashes: 0,
  as_of: null,
});

const told = (...states: StackState[]) => {
  const changes = new StackChanges();
  return states.flatMap((state) => changes.observe(stack(state))?.type ?? []);
};

it.each<[string, StackState[], string[]]>([
  [
    'a start and a stop',
    ['STOPPED', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED'],
    ['stack_started', 'stack_stopped'],
  ],
  ['a stack that ran before the gateway', ['RUNNING', 'STOPPING', 'STOPPED'], ['stack_stopped']],
  ['nothing of a stack that is at rest', ['UNKNOWN', 'STOPPED', 'MAINTENANCE', 'STOPPED'], []],
  ['nothing of a lost bus', ['RUNNING', 'UNKNOWN', 'RUNNING'], []],
  ['what happened while the bus was lost', ['RUNNING', 'UNKNOWN', 'FAILED'], ['stack_failed']],
  ['a start that fails', ['STOPPED', 'STARTING', 'FAILED'], ['stack_failed']],
  ['nothing of a failure that is reset', ['FAILED', 'STOPPED'], []],
  ['a start that is taken back', ['STOPPED', 'STARTING', 'STOPPING', 'STOPPED'], ['stack_stopped']],
  ['a restart', ['RUNNING', 'STOPPING', 'STARTING', 'RUNNING'], ['stack_started']],
])('tells %s', (_, states, events) => {
  expect(told(...states)).toEqual(events);
});

it('begins anew with a stack that was out of the catalog', () => {
  const changes = new StackChanges();
  changes.observe(stack('STOPPED'));
  changes.keep(new Set());
  expect(changes.observe(stack('RUNNING'))).toBeNull();
});
