import type { Operation, RoviEvent, Snapshot, StackState, StackStatus } from '@rovi/contract';
import { sampleService } from '@rovi/contract/sample-service';
import { describe, expect, it } from 'vitest';
import { sampleDesk, sampleTicket } from '../tickets/sample-ticket.fixture.js';
import { seen } from '@rovi/client/browser';
import type { RobotView } from '@rovi/client/browser';

const AT = '2026-11-21T09:30:00.000Z';
const bus = { connected: true, since: AT, error: null };

function stack(name: string, state: StackState): StackStatus {
  const active = state === 'STOPPED' ? 'inactive' : state === 'FAILED' ? 'failed' : 'active';
  return {
    name,
    description: name,
    fixed_frame: null,
    state,
    verdict: { level: 'ok', text: state },
    unit: {
      unit: `rovi-${name}.service`,
      load_state: 'loaded',
      active_state: active,
      sub_state: '',
      result: '',
      invocation_id: null,
      main_pid: null,
      since: AT,
      restarts: 0,
      job: null,
    },
    expected: [],
    processes: [],
    failure: null,
    crashes: 0,
    as_of: AT,
  };
}

function snapshot(part: Partial<Snapshot> = {}): Snapshot {
  return {
    robot: 'r2',
    boot_id: 'one',
    seq: 1,
    at: AT,
    version: '1',
    bus,
    gateway: null,
    active: null,
    known: true,
    stacks: [stack('nav', 'STOPPED'), stack('teleop', 'STOPPED')],
    services: [],
    external: [],
    maintenance: [],
    operation: null,
    service_operations: [],
    tickets: null,
    faces: [],
    ...part,
  };
}

function operation(id: string, outcome: Operation['outcome'], startedAt = AT): Operation {
  return {
    id,
    kind: 'start',
    stack: 'nav',
    service: null,
    from: null,
    actor: { name: 'ann', face: 'web', verified: false },
    reason: '',
    outcome,
    changed: true,
    message: id,
    problem: null,
    warnings: [],
    steps: [],
    started_at: startedAt,
    ended_at: null,
    duration_ms: null,
  };
}

function after(...events: RoviEvent[]): RobotView {
  const view = events.reduce<RobotView | null>(seen, null);
  if (view === null) throw new Error('nothing is known');
  return view;
}

const nobody = { active: null, known: true };
const first: RoviEvent = { type: 'snapshot', seq: 1, at: AT, snapshot: snapshot() };

describe('seen', () => {
  it('says nothing before the first snapshot', () => {
    expect(seen(null, { type: 'bus', seq: 2, at: AT, ...nobody, bus })).toBeNull();
  });

  it('takes from the gateway which stack holds the robot, and whether that is known', () => {
    const starting = after(first, {
      type: 'stack',
      ...{ seq: 2, at: AT, active: 'nav', known: true },
      stack: stack('nav', 'STARTING'),
    });
    expect(starting.snapshot).toMatchObject({ active: 'nav', known: true, seq: 2 });
    expect(starting.snapshot.stacks[0]?.state).toBe('STARTING');
    const lost = seen(starting, {
      type: 'bus',
      ...{ seq: 3, at: AT, active: null, known: false },
      bus: { ...bus, connected: false },
    });
    expect(lost?.snapshot).toMatchObject({ active: null, known: false, bus: { connected: false } });
  });

  it('keeps what came of the last operation, until another begins', () => {
    const done = after(
      first,
      { type: 'operation', seq: 2, at: AT, operation: operation('a', 'running') },
      { type: 'operation', seq: 3, at: AT, operation: operation('a', 'failed') },
    );
    expect(done.snapshot.operation).toBeNull();
    expect(done.operation).toMatchObject({ id: 'a', outcome: 'failed' });
    expect(seen(done, first)?.operation).toMatchObject({ id: 'a' });
  });

  it('the late end of a cancelled operation does not hide the stop that cancelled it', () => {
    const view = after(
      first,
      {
        type: 'operation',
        seq: 2,
        at: AT,
        operation: operation('start', 'running', '2026-11-21T09:30:01.000Z'),
      },
      {
        type: 'operation',
        seq: 3,
        at: AT,
        operation: operation('stop', 'running', '2026-11-21T09:30:02.000Z'),
      },
      {
        type: 'operation',
        seq: 4,
        at: AT,
        operation: operation('start', 'cancelled', '2026-11-21T09:30:01.000Z'),
      },
    );
    expect(view.operation?.id).toBe('stop');
    expect(view.snapshot.operation?.id).toBe('stop');
  });

  it('keeps what runs on services apart from what runs on stacks, and shows the newest', () => {
    const onService = (id: string, outcome: Operation['outcome'], second: number): Operation => ({
      ...operation(id, outcome, `2026-11-21T09:30:0${second}.000Z`),
      stack: null,
      service: id,
    });
    const switching = operation('switch', 'running', '2026-11-21T09:30:01.000Z');
    const both = after(
      first,
      { type: 'operation', seq: 2, at: AT, operation: switching },
      { type: 'operation', seq: 3, at: AT, operation: onService('video', 'running', 2) },
      { type: 'operation', seq: 4, at: AT, operation: onService('api', 'running', 3) },
    );
    expect(both.snapshot.operation?.id).toBe('switch');
    expect(both.snapshot.service_operations.map(({ id }) => id)).toEqual(['video', 'api']);
    expect(both.operation?.id).toBe('api');
    const end = onService('api', 'failed', 3);
    const ended = seen(both, { type: 'operation', seq: 5, at: AT, operation: end }) ?? both;
    expect(ended.snapshot.service_operations.map(({ id }) => id)).toEqual(['video']);
    expect(ended.snapshot.operation?.id).toBe('switch');
    expect(ended.operation).toMatchObject({ id: 'api', outcome: 'failed' });
    // A page that is opened meanwhile shows the newest that runs.
    const again = seen(null, { type: 'snapshot', seq: 5, at: AT, snapshot: ended.snapshot });
    expect(again?.operation?.id).toBe('video');
  });

  it('does not claim that an operation still runs which is gone from a new snapshot', () => {
    const running = after(first, { type: 'operation', seq: 2, at: AT, operation: operation('a', 'running') });
    expect(seen(running, first)?.operation).toBeNull();
  });

  it('takes over services, maintenance and external ones, and counts what happened to them', () => {
    const camera = sampleService('camera');
    const begun = { ...first, snapshot: snapshot({ services: [sampleService('bus'), camera] }) };
    const incident = { type: 'service_failed', service: 'camera', instance: 1, text: 'x', data: {} } as const;
    const view = after(
      begun,
      { type: 'service', seq: 2, at: AT, service: { ...camera, state: 'FAILED' } },
      { type: 'incident', seq: 3, at: AT, incident },
    );
    expect(view.snapshot.services.map(({ name, state }) => [name, state])).toEqual([
      ['bus', 'RUNNING'],
      ['camera', 'FAILED'],
    ]);
    expect(view.incidentSeq).toBe(3);
  });

  it('takes over how tickets are, and which one was told of last', () => {
    const ticket = sampleTicket('tick-20261121-00000001');
    const desk = sampleDesk({ text: 'one' });
    const stopped = sampleDesk({ text: 'stopped' });
    const told = after(first, { type: 'ticket', seq: 2, at: AT, ticket, desk });
    expect(told).toMatchObject({ told: ticket, beginnings: 1, snapshot: { seq: 2, tickets: desk } });
    const later = seen(told, { type: 'ticket', seq: 3, at: AT, ticket: null, desk: stopped });
    expect(later).toMatchObject({ told: ticket, snapshot: { tickets: stopped } });
    expect(later?.told).toBe(told.told);
    expect(seen(later, first)).toMatchObject({ told: null, beginnings: 2 });
  });

  it('another run of the gateway takes everything of the old one away', () => {
    const done = after(first, { type: 'operation', seq: 2, at: AT, operation: operation('a', 'failed') });
    const other = { ...first, snapshot: snapshot({ boot_id: 'two' }) };
    expect(seen(done, other)).toEqual({
      snapshot: other.snapshot,
      operation: null,
      incidentSeq: 0,
      told: null,
      beginnings: 2,
    });
  });
});
