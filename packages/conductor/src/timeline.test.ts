import type { ServiceInstance, StackState, StackCommandKind, SupervisedService } from '@rovi/contract';
import { sampleInstance, sampleService } from '@rovi/contract/sample-service';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';
import { unitStatusOf } from './stack-status.js';
import { Timeline } from './timeline.js';
import { reading } from './unit-reading.fixture.js';

const names = ['teleop', 'mapping', 'nav'] as const;
const robot = () => modelConductor(names);

/** `RUNNING→FAILED`, oldest first. */
const changes = ({ conductor }: Awaited<ReturnType<typeof robot>>, name: string): string[] =>
  conductor
    .timeline()
    .transitions.filter((one) => one.name === name)
    .map(({ from, to }) => `${from}→${to}`)
    .reverse();

describe('the timeline', () => {
  it('begins with what is found, which is no change', async () => {
    const { conductor } = await robot();
    expect(conductor.timeline()).toMatchObject({ transitions: [], operations: [] });
  });

  it('has each change of a stack with the operation that had it in hand', async () => {
    const made = await robot();
    const started = await made.through('start', 'nav');
    const stopped = await made.through('stop', 'nav');
    const { transitions, operations } = made.conductor.timeline();
    expect(changes(made, 'nav')).toEqual([
      'STOPPED→STARTING',
      'STARTING→RUNNING',
      'RUNNING→STOPPING',
      'STOPPING→STOPPED',
    ]);
    expect(transitions.map(({ operation }) => operation)).toEqual([
      stopped.id,
      stopped.id,
      started.id,
      started.id,
    ]);
    expect(operations.map(({ id }) => id)).toEqual([stopped.id, started.id]);
  });

  it('gives what happens after a stop to the stop, not to the start that it cancelled', async () => {
    const made = await robot();
    made.model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 50 });
    made.run('start', 'nav');
    await made.clock.advance(500);
    const stop = made.run('stop', 'nav').operation.id;
    await made.clock.advance(60_000);
    const { transitions } = made.conductor.timeline();
    expect(transitions.slice(0, 2).map(({ to, operation }) => [to, operation])).toEqual([
      ['STOPPED', stop],
      ['STOPPING', stop],
    ]);
  });

  it('has a crash with its cause, which nobody commanded', async () => {
    const made = await robot();
    await made.through('start', 'nav');
    made.model.crash('rovi-nav.service');
    await made.clock.advance(1000);
    const [failed, ending] = made.conductor.timeline().transitions;
    expect(ending).toMatchObject({ from: 'RUNNING', to: 'STOPPING', operation: null });
    expect(failed).toMatchObject({
      to: 'FAILED',
      operation: null,
      level: 'error',
      failure: { signal: 'SIGKILL' },
      text: 'failed: killed by SIGKILL',
    });
  });

  it('numbers a change as the event that tells of it', async () => {
    const made = await robot();
    const seen = new Map<number, string>();
    made.conductor.subscribe((event) => {
      if (event.type === 'stack') seen.set(event.seq, event.stack.state);
    });
    await made.through('start', 'nav');
    await made.through('stop', 'nav');
    const { transitions } = made.conductor.timeline();
    expect(transitions.map(({ seq }) => seen.get(seq))).toEqual(transitions.map(({ to }) => to));
  });

  it('does not take losing sight of a stack for a change of it, but compares before with after', async () => {
    const made = await robot();
    await made.through('start', 'nav');
    const before = changes(made, 'nav');
    made.model.loseBus();
    made.model.findBus();
    expect(changes(made, 'nav')).toEqual(before);
    made.model.loseBus();
    made.model.crash('rovi-nav.service');
    await made.clock.advance(1000);
    made.model.findBus();
    expect(changes(made, 'nav')).toEqual([...before, 'RUNNING→FAILED']);
    await made.through('start', 'nav');
    made.model.loseBus();
    void made.model
      .systemctlStop('rovi-nav.service')
      .then(() => made.model.systemctlStart('rovi-nav.service'));
    await made.clock.advance(1000);
    made.model.findBus();
    expect(changes(made, 'nav').at(-1)).toBe('RUNNING→RUNNING');
  });

  it('keeps the last so many', () => {
    const timeline = new Timeline(3);
    const states = ['inactive', 'activating', 'active', 'deactivating', 'inactive', 'activating'];
    for (const [seq, activeState] of states.entries()) {
      const gateway = unitStatusOf('rovi-gateway.service', reading({ activeState }));
      timeline.observe(
        { kind: 'gateway', gateway },
        { seq, at: '2026-01-01T00:00:00.000Z', operation: null },
      );
    }
    expect(timeline.transitions.map(({ seq, to }) => [seq, to])).toEqual([
      [5, 'STARTING'],
      [4, 'STOPPED'],
      [3, 'STOPPING'],
    ]);
  });
});

/** A service of up to three instances in these states, of which, as the conductor does, those beyond the first at rest are not shown. */
function bridge(states: readonly StackState[], invocation = 'a'): SupervisedService {
  const instances = states.flatMap((state, index): ServiceInstance[] => {
    if (index > 0 && state === 'STOPPED') return [];
    const id = index + 1;
    const run = state === 'RUNNING' ? invocation : null;
    return [
      sampleInstance(`rovi-bridge@${id}.service`, {
        id,
        state,
        unit: { invocation_id: run },
        health: { status: 'none', text: '', since: null, ready: true, checks: [] },
      }),
    ];
  });
  return sampleService('bridge', { max: 3, instances });
}

/** A timeline, and how it is told of a service. */
function told() {
  const timeline = new Timeline(1_000);
  let seq = 0;
  const tell = (service: SupervisedService): void => {
    seq += 1;
    const at = new Date(1_700_000_000_000 + seq * 1_000).toISOString();
    timeline.observe({ kind: 'service', service }, { seq, at, operation: null });
  };
  const lines = (): string[] =>
    timeline.transitions.map(({ name, from, to }) => `${name} ${from}→${to}`).reverse();
  return { timeline, tell, lines };
}

describe('the timeline of services', () => {
  it('has changes under the name of the service, where it has one instance', () => {
    const { timeline, tell, lines } = told();
    const failure = { result: 'exit-code', exit_status: 3, signal: null, text: 'exit code 3' };
    const camera = (state: StackState, part = {}): SupervisedService =>
      sampleService('camera', { instances: [sampleInstance('rovi-camera.service', { state, ...part })] });
    tell(camera('STOPPED'));
    tell(camera('RUNNING'));
    tell(camera('FAILED', { level: 'error', text: 'failed: exit code 3', failure }));
    expect(lines()).toEqual(['camera STOPPED→RUNNING', 'camera RUNNING→FAILED']);
    expect(timeline.transitions[0]).toMatchObject({
      unit: 'rovi-camera.service',
      level: 'error',
      text: 'failed: exit code 3',
      failure,
    });
  });

  it('has those of each instance apart, also of those that are not shown while they are at rest', () => {
    const { timeline, tell, lines } = told();
    tell(bridge(['RUNNING', 'STOPPED', 'STOPPED']));
    tell(bridge(['RUNNING', 'STARTING', 'STOPPED']));
    tell(bridge(['RUNNING', 'RUNNING', 'STOPPED']));
    tell(bridge(['RUNNING', 'STOPPED', 'STOPPED']));
    expect(lines()).toEqual([
      'bridge@2 STOPPED→STARTING',
      'bridge@2 STARTING→RUNNING',
      'bridge@2 RUNNING→STOPPED',
    ]);
    expect(new Set(timeline.transitions.map(({ unit }) => unit))).toEqual(new Set(['rovi-bridge@2.service']));
  });

  it('takes the last restart of any instance for that of the service', () => {
    const { timeline, tell } = told();
    tell(bridge(['RUNNING', 'RUNNING', 'STOPPED'], 'a'));
    expect(timeline.lastRestart('bridge')).toBeNull();
    tell(bridge(['RUNNING', 'STARTING', 'STOPPED'], 'a'));
    tell(bridge(['RUNNING', 'RUNNING', 'STOPPED'], 'a'));
    expect(timeline.lastRestart('bridge@2')).not.toBeNull();
    expect(timeline.lastRestart('bridge')).toBe(timeline.lastRestart('bridge@2'));
    expect(timeline.lastRestart('bridge@1')).toBeNull();
  });

  it('takes automatic restarts for restarts, and not that checks are looked at anew in the same run', () => {
    const { timeline, tell } = told();
    const web = (state: StackState, run: string, restarts = 0): void => {
      const unit = { invocation_id: run, restarts };
      const one = sampleInstance('rovi-web.service', { state, unit, restarts });
      tell(sampleService('web', { instances: [one] }));
    };
    web('RUNNING', 'a');
    web('STARTING', 'a');
    web('RUNNING', 'a');
    expect(timeline.lastRestart('web')).toBeNull();
    // Before systemd restarts a unit it is failed for a moment, and counted before it is started.
    for (const state of ['FAILED', 'STARTING'] as const) web(state, 'a');
    web('STARTING', 'a', 1);
    web('STARTING', 'b', 1);
    web('RUNNING', 'b', 1);
    const restarted = timeline.lastRestart('web');
    expect(restarted).not.toBeNull();
    // A restart that systemd refuses is counted too; what is started the next day is no restart.
    for (const state of ['FAILED', 'STARTING'] as const) web(state, 'b', 1);
    web('STOPPED', 'b', 2);
    for (const state of ['FAILED', 'STARTING'] as const) web(state, 'b', 2);
    web('RUNNING', 'c', 2);
    expect(timeline.lastRestart('web')).toBe(restarted);
  });

  it('is told without a gap, whatever happens: each change begins where the last one of its instance ended', () => {
    const state = fc.constantFrom<StackState>(
      'STOPPED',
      'STARTING',
      'RUNNING',
      'STOPPING',
      'FAILED',
      'MAINTENANCE',
      'UNKNOWN',
    );
    const step = fc.record({ states: fc.tuple(state, state, state), run: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const { timeline, tell } = told();
        const last = new Map<string, StackState>();
        for (const { states, run } of steps) {
          tell(bridge(states, run));
          for (const [index, now] of states.entries())
            if (now !== 'UNKNOWN') last.set(`bridge@${index + 1}`, now);
        }
        const ends = new Map<string, StackState>();
        for (const { name, from, to } of timeline.transitions.toReversed()) {
          const before = ends.get(name);
          if (before !== undefined) expect(from).toBe(before);
          ends.set(name, to);
        }
        for (const [name, to] of ends) expect(to).toBe(last.get(name));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the last restart', () => {
  it('is that of a restart, by whomever, and not of a start', async () => {
    const { conductor, through, model, clock } = await robot();
    await through('start', 'nav');
    await through('stop', 'nav');
    await through('start', 'nav');
    expect(conductor.lastRestart('nav')).toBeNull();
    await through('restart', 'nav');
    const first = conductor.lastRestart('nav');
    expect(first).not.toBeNull();
    void model.systemctlStop('rovi-nav.service');
    void model.systemctlStart('rovi-nav.service');
    await clock.advance(1000);
    expect(Date.parse(conductor.lastRestart('nav') ?? '')).toBeGreaterThan(Date.parse(first ?? ''));
    expect(conductor.lastRestart('teleop')).toBeNull();
  });

  it('is none where a restart found the stack at rest', async () => {
    const { conductor, through } = await robot();
    await through('restart', 'nav');
    expect(conductor.lastRestart('nav')).toBeNull();
  });
});

describe('whatever happens', () => {
  it('is told without a gap: each change begins where the last one of its unit ended', async () => {
    const deed = fc.record({
      do: fc.oneof(
        fc.constantFrom<StackCommandKind>('start', 'stop', 'restart', 'switch', 'stop-all'),
        fc.constantFrom('systemctl-start', 'systemctl-stop', 'crash', 'lose', 'find'),
      ),
      stack: fc.constantFrom(...names),
      wait: fc.constantFrom(0, 1, 5, 20, 500),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 30 }), async (deeds) => {
        const { conductor, model, clock, run } = await robot();
        for (const { do: action, stack, wait } of deeds) {
          const unit = `rovi-${stack}.service`;
          if (action === 'systemctl-start') void model.systemctlStart(unit);
          else if (action === 'systemctl-stop') void model.systemctlStop(unit);
          else if (action === 'crash') model.crash(unit);
          else if (action === 'lose') model.loseBus();
          else if (action === 'find') model.findBus();
          else {
            try {
              run(action, action === 'stop-all' ? undefined : stack);
            } catch {
              // A refusal changes nothing.
            }
          }
          await clock.advance(wait);
        }
        model.findBus();
        await clock.advance(60_000);
        const { transitions } = conductor.timeline();
        expect(transitions.map(({ seq }) => seq)).toEqual(
          transitions.map(({ seq }) => seq).sort((a, b) => b - a),
        );
        for (const { name, state } of conductor.snapshot().stacks) {
          let last = 'STOPPED';
          for (const { from, to } of transitions.filter((one) => one.name === name).reverse()) {
            expect(from).toBe(last);
            last = to;
          }
          expect(last).toBe(state);
        }
      }),
      { numRuns: 200 },
    );
  });
});
