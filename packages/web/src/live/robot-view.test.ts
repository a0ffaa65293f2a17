import type { Operation, RoviEvent, Snapshot, StackState, StackStatus } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { holderOf, seen } from './robot-view.js';
import type { RobotView } from './robot-view.js';

const AT = '2026-11-21T09:30:00.000Z';
const bus = { connected: true, since: AT, error: null };

function stack(
  name: string,
  state: StackState,
  part: { processes?: number; active?: string } = {},
): StackStatus {
  const active = part.active ?? (state === 'STOPPED' ? 'inactive' : state === 'FAILED' ? 'failed' : 'active');
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
    processes: Array.from({ length: part.processes ?? 0 }, (_, index) => ({ pid: index + 10, comm: 'x' })),
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
    operation: null,
    faces: [],
    ...part,
  };
}

function operation(id: string, outcome: Operation['outcome'], startedAt = AT): Operation {
  return {
    id,
    kind: 'start',
    stack: 'nav',
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

const first: RoviEvent = { type: 'snapshot', seq: 1, at: AT, snapshot: snapshot() };

describe('seen', () => {
  it('says nothing before the first snapshot', () => {
    expect(seen(null, { type: 'bus', seq: 2, at: AT, bus })).toBeNull();
  });

  it('a stack that starts is the active one, and one that has ended is not', () => {
    const starting = after(first, { type: 'stack', seq: 2, at: AT, stack: stack('nav', 'STARTING') });
    expect(starting.snapshot).toMatchObject({ active: 'nav', seq: 2 });
    const ended = seen(starting, { type: 'stack', seq: 3, at: AT, stack: stack('nav', 'STOPPED') });
    expect(ended?.snapshot.active).toBeNull();
  });

  it('knows nothing while the bus is lost, and again when every stack was read', () => {
    const lost = after(
      { ...first, snapshot: snapshot({ active: 'nav', stacks: [stack('nav', 'RUNNING')] }) },
      { type: 'bus', seq: 2, at: AT, bus: { ...bus, connected: false } },
    );
    expect(lost.snapshot).toMatchObject({ known: false, active: null });
    const half = [
      { type: 'stack', seq: 3, at: AT, stack: stack('nav', 'UNKNOWN') },
      { type: 'bus', seq: 4, at: AT, bus },
    ] as const satisfies RoviEvent[];
    const connected = half.reduce<RobotView | null>(seen, lost);
    expect(connected?.snapshot.known).toBe(false);
    const back = seen(connected, { type: 'stack', seq: 5, at: AT, stack: stack('nav', 'RUNNING') });
    expect(back?.snapshot).toMatchObject({ known: true, active: 'nav' });
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

  it('does not claim that an operation still runs which is gone from a new snapshot', () => {
    const running = after(first, { type: 'operation', seq: 2, at: AT, operation: operation('a', 'running') });
    expect(seen(running, first)?.operation).toBeNull();
  });

  it('another run of the gateway takes everything of the old one away', () => {
    const done = after(first, { type: 'operation', seq: 2, at: AT, operation: operation('a', 'failed') });
    const other = { ...first, snapshot: snapshot({ boot_id: 'two' }) };
    expect(seen(done, other)).toEqual({ snapshot: other.snapshot, operation: null });
  });
});

describe('holderOf', () => {
  it('is nobody while all are at rest', () => {
    expect(holderOf([stack('nav', 'FAILED'), stack('teleop', 'STOPPED')])).toBeNull();
  });

  it('is a failed stack of which processes are left', () => {
    expect(holderOf([stack('nav', 'FAILED', { processes: 1 })])).toBe('nav');
  });

  it('is the running one rather than the one that waits to start', () => {
    expect(holderOf([stack('nav', 'STARTING'), stack('teleop', 'RUNNING')])).toBe('teleop');
  });
});
