import type { Operation, StackCommandKind } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';
import type { Behaviour, RobotModel, VirtualClock } from './robot-model.js';

const names = ['teleop', 'mapping', 'nav'] as const;
const robot = () => modelConductor(names);

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RoviError) return error.code;
  }
  return 'no error';
}

/** So many stops of nav meet somebody who starts it at the same time: right after it ended, or in the midst of its end. */
function startedAgain(
  model: RobotModel,
  clock: VirtualClock,
  { times, during = false }: { readonly times: number; readonly during?: boolean },
): void {
  const stopUnit = model.stopUnit.bind(model);
  let left = times;
  model.stopUnit = async (unit, options) => {
    const stopped = stopUnit(unit, options);
    if (unit !== 'rovi-nav.service' || (left -= 1) < 0) return stopped;
    if (!during) await stopped;
    void model.systemctlStart(unit);
    await clock.sleep(50);
    return stopped;
  };
}

describe('one stack at a time', () => {
  it('starts a stack and waits for its processes', async () => {
    const { conductor, through } = await robot();
    const operation = await through('start', 'nav');
    expect(operation).toMatchObject({
      outcome: 'succeeded',
      changed: true,
      message: 'nav running, 1 of 1 processes',
    });
    expect(conductor.snapshot().active).toBe('nav');
  });

  it('ends a failed start when its unit has ended: the robot is free from then on', async () => {
    const { run, clock, model, conductor } = await robot();
    model.behaviours.set('rovi-nav.service', { start: 'crashes-soon', stopMs: 10 });
    let free: boolean | null = null;
    const { finished } = run('start', 'nav');
    void finished.then(() => (free = conductor.snapshot().active === null));
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('start-failed');
    expect(free).toBe(true);
  });

  it('starts a stack that is just ending only when it has ended', async () => {
    const { run, clock, model, through } = await robot();
    await through('start', 'nav');
    model.crash('rovi-nav.service');
    const sentBefore = model.sent.length;
    const { finished } = run('start', 'nav');
    await clock.advance(10);
    expect(model.sent).toHaveLength(sentBefore);
    await clock.advance(60_000);
    expect(await finished).toMatchObject({ outcome: 'succeeded', message: 'nav running, 1 of 1 processes' });
  });

  it('knows that a start which joined another one lost the lock, though it made no run of its own', async () => {
    const { run, clock, model } = await robot();
    model.seizeLock();
    void model.systemctlStart('rovi-nav.service');
    await clock.advance(100);
    const { finished } = run('start', 'nav');
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('lock-lost');
  });

  it('starts, and shows it, whatever those who listen throw', async () => {
    const { conductor, through, faults } = await robot();
    const defect = new Error('defect');
    conductor.subscribe(() => {
      throw defect;
    });
    const { seq: before } = conductor.snapshot();
    let events = 0;
    conductor.subscribe(() => (events += 1));
    expect((await through('start', 'nav')).outcome).toBe('succeeded');
    expect(conductor.snapshot()).toMatchObject({ active: 'nav', seq: before + events });
    expect(faults).toEqual([defect]);
  });

  it('answers a second start of the same stack with what runs', async () => {
    const { model, through } = await robot();
    await through('start', 'nav');
    expect(await through('start', 'nav')).toMatchObject({ outcome: 'succeeded', changed: false });
    expect(model.sent).toHaveLength(1);
  });

  it('starts a stack that has ended, though the word of that is still on its way', async () => {
    const { conductor, model, clock, through } = await robot();
    await through('start', 'nav');
    const reading = model.reading.bind(model);
    const before = reading('rovi-nav.service');
    model.reading = () => before;
    void model.systemctlStop('rovi-nav.service');
    await clock.advance(50);
    model.reading = reading;
    expect(conductor.snapshot().active).toBe('nav');
    expect(await through('start', 'nav')).toMatchObject({ outcome: 'succeeded', changed: true });
    expect(model.sent).toHaveLength(2);
    expect(model.alive()).toEqual(['rovi-nav.service']);
  });

  it('refuses a start while another stack holds the robot, and names the holder', async () => {
    const { run, through, model } = await robot();
    await through('start', 'nav');
    expect(code(() => run('start', 'teleop'))).toBe('stack-busy');
    expect(code(() => run('restart', 'teleop'))).toBe('stack-busy');
    expect(model.sent).toHaveLength(1);
  });

  it('joins the same command and refuses another while one is under way', async () => {
    const { run, clock } = await robot();
    const first = run('start', 'nav');
    expect(run('start', 'nav').operation.id).toBe(first.operation.id);
    expect(code(() => run('start', 'teleop'))).toBe('operation-in-progress');
    await clock.advance(60_000);
    expect((await first.finished).outcome).toBe('succeeded');
  });

  it('lets a stop through at once: it cancels the start and is the last message on the bus', async () => {
    const { run, clock, model, conductor } = await robot();
    const start = run('start', 'nav');
    await clock.advance(1);
    const stop = run('stop', 'nav');
    expect(model.sent.at(-1)).toMatchObject({
      verb: 'stop',
      unit: 'rovi-nav.service',
      at: clock.monotonic(),
    });
    await clock.advance(60_000);
    expect((await start.finished).problem?.code).toBe('operation-cancelled');
    expect((await stop.finished).outcome).toBe('succeeded');
    expect(conductor.snapshot().active).toBeNull();
  });

  it('stops both stacks of a switch that is stopped halfway', async () => {
    const { run, through, clock, model, conductor } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-teleop.service', { start: 'works', stopMs: 3000 });
    const change = run('switch', 'nav');
    await clock.advance(1000);
    const stop = run('stop', 'teleop');
    await clock.advance(60_000);
    expect((await change.finished).outcome).toBe('cancelled');
    expect((await stop.finished).outcome).toBe('succeeded');
    expect(conductor.snapshot().stacks.map(({ state }) => state)).toEqual(['STOPPED', 'STOPPED', 'STOPPED']);
  });

  it('stops the new stack too when the one before it is stopped while a switch is starting', async () => {
    const { run, through, clock, model, conductor } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 10 });
    const change = run('switch', 'nav');
    await clock.advance(1000);
    expect(model.alive()).toEqual(['rovi-nav.service']);
    const stop = run('stop', 'teleop');
    await clock.advance(60_000);
    expect((await change.finished).outcome).toBe('cancelled');
    expect((await stop.finished).outcome).toBe('succeeded');
    expect(model.alive()).toEqual([]);
    expect(conductor.snapshot().active).toBeNull();
  });

  it('takes the next start as soon as a stop that cancelled a slow one has ended', async () => {
    const { run, through, clock, model } = await robot();
    await through('start', 'nav');
    model.isFree = () => clock.sleep(500).then(() => true);
    const restart = run('restart', 'nav');
    await clock.advance(100);
    const next = run('stop', 'nav').finished.then(() => code(() => run('start', 'teleop')));
    await clock.advance(60_000);
    expect((await restart.finished).outcome).toBe('cancelled');
    expect(await next).toBe('no error');
  });

  it('stops with a second stop-all what was started since the first', async () => {
    const { run, through, clock, model } = await robot();
    await through('start', 'nav');
    model.behaviours.set('rovi-nav.service', { start: 'works', stopMs: 3000 });
    const first = run('stop-all');
    await clock.advance(1000);
    void model.systemctlStart('rovi-mapping.service');
    await clock.advance(100);
    const second = run('stop-all');
    expect(second.operation.id).not.toBe(first.operation.id);
    await clock.advance(60_000);
    expect(model.alive()).toEqual([]);
    expect((await second.finished).message).toBe('mapping, nav stopped');
  });

  it('stops with a stop-all what is started while it stops the rest', async () => {
    const { run, through, clock, model } = await robot();
    await through('start', 'nav');
    model.behaviours.set('rovi-nav.service', { start: 'works', stopMs: 3000 });
    const { finished } = run('stop-all');
    await clock.advance(1000);
    void model.systemctlStart('rovi-mapping.service');
    await clock.advance(60_000);
    expect(model.alive()).toEqual([]);
    expect((await finished).message).toBe('mapping, nav stopped');
  });

  it("tries on with a stop while somebody's irreversible job is in the way", async () => {
    const { through, model } = await robot();
    await through('start', 'nav');
    const stopUnit = model.stopUnit.bind(model);
    let refusals = 5;
    model.stopUnit = (unit, options) =>
      (refusals -= 1) < 0
        ? stopUnit(unit, options)
        : Promise.reject(
            new RoviError('stop-failed', 'destructive', {
              context: { dbus_error: 'org.freedesktop.systemd1.TransactionIsDestructive' },
            }),
          );
    expect(await through('stop', 'nav')).toMatchObject({
      outcome: 'succeeded',
      warnings: ["somebody's irreversible job on rovi-nav.service is in the way: trying on"],
    });
    expect(model.alive()).toEqual([]);
  });

  it('does not take what somebody starts right after a stop for what the stop left behind', async () => {
    const { through, clock, model } = await robot();
    await through('start', 'nav');
    startedAgain(model, clock, { times: 1 });
    const { outcome, problem, duration_ms } = await through('stop', 'nav');
    expect({ outcome, code: problem?.code }).toEqual({ outcome: 'failed', code: 'stop-failed' });
    expect(problem?.message).toBe('nav was stopped, but started again: rovi-nav.service is active');
    expect(duration_ms).toBeLessThan(1000);
  });

  it('stops with a stop-all, once more, what somebody starts right after its stop, and what takes the place of its stop', async () => {
    for (const during of [false, true]) {
      const { through, clock, model } = await robot();
      await through('start', 'nav');
      startedAgain(model, clock, { times: 3, during });
      const { outcome, message } = await through('stop-all');
      expect({ outcome, message }).toEqual({ outcome: 'succeeded', message: 'nav stopped' });
      expect(
        model.sent.filter(({ verb, unit }) => verb === 'stop' && unit === 'rovi-nav.service'),
      ).toHaveLength(4);
      expect(model.alive()).toEqual([]);
    }
  });

  it('gives a stop-all up where somebody starts a stack again and again', async () => {
    const { through, clock, model } = await robot();
    await through('start', 'nav');
    startedAgain(model, clock, { times: Infinity });
    const { outcome, problem } = await through('stop-all');
    expect({ outcome, code: problem?.code }).toEqual({ outcome: 'failed', code: 'stop-failed' });
    expect(problem?.message).toBe('stopped, but started again and again: nav');
  });

  it('proves a stop across a reconnection', async () => {
    const { run, through, clock, model } = await robot();
    await through('start', 'nav');
    const { finished } = run('stop', 'nav');
    await clock.advance(10);
    model.loseBus();
    await clock.advance(2000);
    model.findBus();
    await clock.advance(60_000);
    expect(await finished).toMatchObject({ outcome: 'succeeded', message: 'nav stopped' });
  });

  it('says what a switch left behind when the end of the first stack cannot be proven', async () => {
    const { run, through, clock, model } = await robot();
    await through('start', 'teleop');
    const { finished } = run('switch', 'nav');
    await clock.advance(12);
    model.loseBus();
    await clock.advance(60_000);
    const { problem } = await finished;
    expect(problem?.code).toBe('bus-unavailable');
    expect(problem?.message).toMatch(/; teleop may have stopped, and nav was not started$/);
  });

  it('does not call a process missing that it could not look for', async () => {
    const { run, clock, model } = await robot();
    model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 10 });
    const { finished } = run('start', 'nav');
    await clock.advance(500);
    model.loseBus();
    await clock.advance(60_000);
    expect((await finished).problem?.code).toBe('bus-unavailable');
  });

  it('goes back to the stack that ran when a switch fails', async () => {
    const { through, model, conductor } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 10 });
    const operation = await through('switch', 'nav');
    expect(operation).toMatchObject({
      outcome: 'failed',
      from: 'teleop',
      problem: { code: 'switch-rolled-back' },
    });
    expect(conductor.snapshot()).toMatchObject({ active: 'teleop' });
  });

  it('goes back when the new stack stays incomplete, stopping it first', async () => {
    const { through, model, conductor } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 10 });
    expect((await through('switch', 'nav')).problem?.code).toBe('switch-rolled-back');
    expect(model.alive()).toEqual(['rovi-teleop.service']);
    expect(conductor.snapshot().active).toBe('teleop');
  });

  it('says so when going back fails too', async () => {
    const { through, model } = await robot();
    await through('start', 'teleop');
    for (const unit of ['rovi-nav.service', 'rovi-teleop.service']) {
      model.behaviours.set(unit, { start: 'fails', stopMs: 10 });
    }
    expect((await through('switch', 'nav')).problem?.code).toBe('switch-failed');
  });

  it('leaves the robot to who took the lock in the middle of a switch, and goes back to nothing', async () => {
    const { run, through, clock, model, conductor } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-teleop.service', { start: 'works', stopMs: 3000 });
    const change = run('switch', 'nav');
    await clock.advance(1000);
    void model.systemctlStart('rovi-mapping.service');
    await clock.advance(60_000);
    const { problem } = await change.finished;
    expect(problem).toMatchObject({ code: 'lock-lost', context: { from: 'teleop', to: 'nav' } });
    expect(problem?.message).toMatch(
      /^the stack lock is held by .*; teleop is stopped and was not brought back$/,
    );
    expect(model.sent.filter(({ verb }) => verb === 'start')).toHaveLength(1);
    expect(model.alive()).toEqual(['rovi-mapping.service']);
    expect(conductor.snapshot().active).toBe('mapping');
  });

  it('reports an incomplete start and leaves the stack for the operator', async () => {
    const { through, model, conductor } = await robot();
    model.behaviours.set('rovi-nav.service', { start: 'lacks-process', stopMs: 10 });
    expect((await through('start', 'nav')).problem).toMatchObject({
      code: 'processes-missing',
      context: { missing: ['nav_node'] },
    });
    expect(conductor.snapshot()).toMatchObject({ active: 'nav' });
  });
});

const step = fc.oneof(
  fc.record({
    do: fc.constantFrom<StackCommandKind>('start', 'stop', 'restart', 'switch', 'stop-all'),
    stack: fc.constantFrom(...names),
    wait: fc.nat(4000),
  }),
  fc.record({
    do: fc.constantFrom('systemctl-start', 'systemctl-stop', 'crash'),
    stack: fc.constantFrom(...names),
    wait: fc.nat(4000),
  }),
  fc.record({
    do: fc.record<Behaviour>({
      start: fc.constantFrom(
        ...(['works', 'works', 'fails', 'lacks-process', 'crashes-soon'] as const),
        ...(['crashes-late', 'loses-process', 'goes-down'] as const),
      ),
      stopMs: fc.constantFrom(1, 50, 3000),
    }),
    stack: fc.constantFrom(...names),
    wait: fc.nat(200),
  }),
);

describe('whatever is asked in whatever order', () => {
  it('keeps one start at a time, lets every stop through, ends every operation, and tells the truth', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const { clock, model, conductor, run } = await robot();
        const pending: Promise<Operation>[] = [];
        for (const { do: action, stack, wait } of steps) {
          const unit = `rovi-${stack}.service`;
          if (typeof action === 'object') model.behaviours.set(unit, action);
          else if (action === 'systemctl-start') void model.systemctlStart(unit);
          else if (action === 'systemctl-stop') void model.systemctlStop(unit);
          else if (action === 'crash') model.crash(unit);
          else {
            try {
              const { finished } = action === 'stop-all' ? run(action) : run(action, stack);
              if (action === 'stop') {
                // The stop is on the bus before the caller gets its answer, and nothing started follows it.
                const last = model.sent.filter((message) => message.unit === unit).at(-1);
                expect(last?.verb).toBe('stop');
              }
              pending.push(
                finished.then((operation) => {
                  if (
                    operation.outcome === 'succeeded' &&
                    operation.kind !== 'stop' &&
                    operation.kind !== 'stop-all' &&
                    operation.changed
                  ) {
                    expect(operation.message).toContain('running, 1 of 1');
                  }
                  return operation;
                }),
              );
            } catch (error) {
              expect(error).toBeInstanceOf(RoviError);
              expect(action === 'stop' || action === 'stop-all').toBe(false);
            }
          }
          const starting = conductor
            .operations()
            .filter(({ outcome, kind }) => outcome === 'running' && !kind.startsWith('stop'));
          const cancelling = conductor
            .operations()
            .some(({ outcome, kind }) => outcome === 'running' && kind.startsWith('stop'));
          expect(starting.length).toBeLessThanOrEqual(cancelling ? 2 : 1);
          await clock.advance(wait);
          expect(model.alive().length).toBeLessThanOrEqual(1);
        }
        await clock.advance(300_000);
        const ended = await Promise.all(pending);
        expect(ended.every(({ outcome }) => outcome !== 'running')).toBe(true);
        expect(conductor.snapshot().operation).toBeNull();
        const shown = conductor
          .snapshot()
          .stacks.filter(({ state }) => state === 'RUNNING')
          .map(({ unit }) => unit.unit);
        expect(shown).toEqual(model.alive());
      }),
      { numRuns: 300 },
    );
  });

  it('has every operation of a stop end at rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat(3000), async (steps, wait) => {
        const { clock, model, conductor, run } = await robot();
        for (const { do: action, stack, wait: pause } of steps) {
          if (typeof action === 'object') model.behaviours.set(`rovi-${stack}.service`, action);
          else if (!action.startsWith('systemctl') && action !== 'crash') {
            try {
              run(action as StackCommandKind, action === 'stop-all' ? undefined : stack);
            } catch {
              // Refusals are the other property's business.
            }
          }
          await clock.advance(pause);
        }
        await clock.advance(wait);
        const { finished } = run('stop-all');
        await clock.advance(300_000);
        expect((await finished).outcome).toBe('succeeded');
        expect(model.alive()).toEqual([]);
        expect(conductor.snapshot().active).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
