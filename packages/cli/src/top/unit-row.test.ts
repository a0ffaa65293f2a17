import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { sampleCrashing, sampleMaintenance, sampleService } from '../views/sample-service.js';
import { before, NOON, sampleOperation, sampleStack } from '../views/sample-state.js';
import { unheardHost, withFigures } from './host-state.js';
import { sampleHost } from './sample-host.js';
import { rowsOf, type UnitRow } from './unit-row.js';

const lost = {
  link: {
    state: 'lost',
    since: NOON,
    problem: new RoviError('gateway-unreachable', 'gone', { mend: '' }),
    retryAt: NOON + 1_000,
  },
  heardAt: NOON - 40_000,
} as const;

const named = (rows: readonly UnitRow[], name: string): UnitRow => {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new Error(`there is no row ${name}`);
  return row;
};

describe('a host that is reached', () => {
  it('has the gateway, the stacks and the services, in its own order', () => {
    const rows = rowsOf(sampleHost('yard', { services: [sampleService('web'), sampleCrashing] }));
    expect(rows.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'gateway gateway',
      'stack teleop',
      'stack nav',
      'service web',
      'service video',
    ]);
    expect(rows.every(({ host, seenAt }) => host === 'yard' && seenAt === null)).toBe(true);
    expect(named(rows, 'nav')).toMatchObject({ state: 'RUNNING', level: 'warn', active: true });
    expect(named(rows, 'video')).toMatchObject({ state: 'FAILED', level: 'error', restarts: 2 });
  });

  it('has uptimes by its own clock', () => {
    const ahead = 3_600_000;
    const rows = rowsOf(sampleHost('yard', {}, { clockAhead: ahead }));
    expect(named(rows, 'nav').runningSince).toBe(NOON - 90_000 - ahead);
  });

  it('does not claim to know what its gateway has lost', () => {
    const bus = { connected: false, since: before(9), error: 'the bus went away' };
    const rows = rowsOf(sampleHost('yard', { bus, known: false, services: [sampleService('web')] }));
    expect(rows.map(({ state }) => new Set([state]))).toEqual(rows.map(() => new Set(['UNKNOWN'])));
    expect(named(rows, 'gateway').note).toContain('the bus went away');
    expect(named(rows, 'web').seenAt).toBe(NOON);
    expect(named(rows, 'nav')).toMatchObject({ cpuPercent: null, runningSince: null, restarts: null });
  });

  it('says what is done with a unit now, and who has it in maintenance', () => {
    const running = { ...sampleOperation, outcome: 'running' as const, ended_at: null, duration_ms: null };
    const step = { text: 'wait for controller_server', started_at: before(1), duration_ms: null };
    const rows = rowsOf(
      sampleHost('yard', {
        operation: { ...running, steps: [...running.steps, step] },
        services: [sampleService('camera', { maintenance: sampleMaintenance, text: 'running' })],
      }),
    );
    expect(named(rows, 'nav')).toMatchObject({
      busy: true,
      note: 'switch teleop → nav by olga: wait for controller_server',
    });
    expect(named(rows, 'teleop').busy).toBe(true);
    expect(named(rows, 'camera').note).toBe('running · maintenance: a new lens');
  });

  it('shows figures of the present run alone', () => {
    const figures = (run: string | null) =>
      new Map([['nav', { cpuPercent: 12.5, memoryBytes: 4_096, run, readAt: NOON }]]);
    const run = '0123456789abcdef0123456789abcdef';
    expect(named(rowsOf(sampleHost('yard', {}, { figures: figures(run) })), 'nav').cpuPercent).toBe(12.5);
    expect(
      named(rowsOf(sampleHost('yard', {}, { figures: figures('f'.repeat(32)) })), 'nav').cpuPercent,
    ).toBeNull();
    expect(withFigures(figures(run), [], NOON).get('nav')?.cpuPercent).toBe(12.5);
  });

  it('can be called anything without a control code getting through', () => {
    const evil = '\u001b[2Jnav\u0007\n';
    const rows = rowsOf(
      sampleHost('yard', {
        stacks: [sampleStack(evil, { verdict: { level: 'error', text: '\u001b]0;owned\u0007' } })],
        services: [sampleService(evil, { text: 'a\nb\u009b2J' })],
      }),
    );
    for (const { label, note } of rows) {
      // eslint-disable-next-line no-control-regex
      expect(`${label}${note}`).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
    // The API is still asked for what it is called.
    expect(rows[1]?.name).toBe(evil);
  });
});

describe('a host that is lost', () => {
  it('shows nothing as current, and when it was seen', () => {
    const rows = rowsOf(sampleHost('yard', { services: [sampleService('web')] }, lost));
    for (const row of rows) {
      expect(row).toMatchObject({ seenAt: NOON - 40_000, cpuPercent: null, memoryBytes: null, busy: false });
    }
  });

  it('keeps the older moment of what its gateway did not know even then', () => {
    const stack = sampleStack('nav', { state: 'UNKNOWN', as_of: before(500) });
    expect(named(rowsOf(sampleHost('yard', { stacks: [stack] }, lost)), 'nav').seenAt).toBe(NOON - 500_000);
  });

  it('has one row where it was never reached', () => {
    const [row, ...more] = rowsOf({ ...unheardHost('yard'), link: lost.link });
    expect(more).toEqual([]);
    expect(row).toMatchObject({ kind: 'host', name: 'yard', state: 'UNKNOWN', note: 'gone', seenAt: 0 });
    expect(rowsOf(unheardHost('yard'))[0]).toMatchObject({ note: 'connecting …', seenAt: null });
  });
});
