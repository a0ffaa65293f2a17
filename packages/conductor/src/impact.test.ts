import type { Impact, StackCommandKind } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';

const names = ['teleop', 'mapping', 'nav'] as const;
const actor = { name: 'tester', face: 'cli', verified: false } as const;
const origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' } as const;

async function robot() {
  const made = await modelConductor(names);
  const { conductor } = made;
  const confirmed = (kind: StackCommandKind, stack: string | undefined, confirm: string) =>
    conductor.command({
      kind,
      actor,
      origin,
      reason: '',
      confirm,
      ...(stack === undefined ? {} : { stack }),
    });
  return { ...made, confirmed };
}

const shown = ({ affects }: Impact): string[] => affects.map(({ effect, name }) => `${effect} ${name}`);

function refusal(work: () => unknown): RoviError {
  try {
    work();
  } catch (error) {
    if (error instanceof RoviError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what a command would hit', () => {
  it('is the target alone where the robot is free', async () => {
    const { conductor } = await robot();
    const impact = conductor.impact('start', 'nav');
    expect(shown(impact)).toEqual(['starts nav']);
    expect(impact).toMatchObject({ confirm: false, text: 'starts nav' });
    expect(shown(conductor.impact('switch', 'nav'))).toEqual(['starts nav']);
    expect(conductor.impact('restart', 'nav').text).toBe('starts nav');
    expect(conductor.impact('stop', 'nav')).toMatchObject({
      affects: [],
      text: 'nav is not running: nothing changes',
    });
    expect(conductor.impact('stop-all').text).toBe('no stack is running: nothing changes');
  });

  it('of a switch is also the holder: it stops first, and that is asked about', async () => {
    const { conductor, through } = await robot();
    await through('start', 'teleop');
    const impact = conductor.impact('switch', 'nav');
    expect(shown(impact)).toEqual(['stops teleop', 'starts nav']);
    expect(impact).toMatchObject({
      confirm: true,
      text: 'stops teleop (running, 1 of 1 processes), then starts nav',
    });
    const [teleop] = conductor.snapshot().stacks;
    expect(impact.affects[0]).toMatchObject({
      invocation_id: teleop?.unit.invocation_id,
      processes: teleop?.processes.length,
    });
  });

  it('of a start in maintenance is nothing, by the refusal that it would meet', async () => {
    const { conductor, through, confirmed } = await robot();
    await through('start', 'teleop');
    await conductor.maintain(
      { target: 'nav', reason: 'new wheels', until: null },
      { actor, origin, reason: '' },
    );
    const impact = conductor.impact('switch', 'nav');
    expect(impact).toMatchObject({ affects: [], confirm: false, refusal: { code: 'in-maintenance' } });
    expect(impact.text).toMatch(/^nothing: refused, for nav is in maintenance since .*: new wheels$/);
    expect(refusal(() => confirmed('switch', 'nav', impact.token)).toProblem()).toEqual(impact.refusal);
    expect(shown(conductor.impact('stop', 'teleop'))).toEqual(['stops teleop']);
    await conductor.endMaintenance('nav', { actor, origin, reason: '' });
    expect(shown(conductor.impact('switch', 'nav'))).toEqual(['stops teleop', 'starts nav']);
  });

  it('of a start that would be refused is nothing, and says why', async () => {
    const { conductor, through } = await robot();
    await through('start', 'teleop');
    for (const kind of ['start', 'restart'] as const) {
      expect(conductor.impact(kind, 'nav')).toMatchObject({ affects: [], confirm: false });
      expect(conductor.impact(kind, 'nav').text).toMatch(/^nothing: refused while teleop \(running.* holds/);
      expect(conductor.impact(kind, 'nav').refusal?.code).toBe('stack-busy');
    }
    expect(conductor.impact('switch', 'nav').refusal).toBeNull();
    expect(conductor.impact('start', 'teleop').text).toMatch(/^teleop \(.*\) runs already: nothing changes$/);
    expect(shown(conductor.impact('restart', 'teleop'))).toEqual(['restarts teleop']);
    expect(conductor.impact('restart', 'teleop').confirm).toBe(false);
  });

  it('of a stop is also what the operation that it cancels has in hand', async () => {
    const { conductor, through, run, clock, model } = await robot();
    await through('start', 'teleop');
    model.behaviours.set('rovi-teleop.service', { start: 'works', stopMs: 3000 });
    run('switch', 'nav');
    await clock.advance(1000);
    const impact = conductor.impact('stop', 'nav');
    expect(shown(impact)).toEqual(['stops teleop']);
    expect(impact).toMatchObject({ confirm: true });
    expect(impact.text).toMatch(/^stops teleop \(.*\) and cancels the switch from teleop to nav$/);
    expect(conductor.impact('start', 'mapping').text).toMatch(
      /^nothing: refused while the switch .* under way$/,
    );
    expect(conductor.impact('switch', 'nav')).toMatchObject({
      affects: [],
      text: 'nothing more: the switch from teleop to nav that tester asked for is under way',
    });
    await clock.advance(60_000);
  });

  it('cannot be told while systemd is away, nor of a stack that is not there', async () => {
    const { conductor, model } = await robot();
    expect(refusal(() => conductor.impact('start', 'nowhere')).code).toBe('stack-unknown');
    model.loseBus();
    expect(refusal(() => conductor.impact('start', 'nav')).code).toBe('bus-unavailable');
  });
});

describe('a confirmed command', () => {
  it('is done where nothing has changed, and sent again it joins itself', async () => {
    const { conductor, through, confirmed, clock } = await robot();
    await through('start', 'teleop');
    const { token } = conductor.impact('switch', 'nav');
    const first = confirmed('switch', 'nav', token);
    await clock.advance(5);
    expect(confirmed('switch', 'nav', token).operation.id).toBe(first.operation.id);
    await clock.advance(60_000);
    expect((await first.finished).outcome).toBe('succeeded');
  });

  it('is refused where another run of the same stack would be stopped, and says what it would hit now', async () => {
    const { conductor, through, confirmed, model } = await robot();
    await through('start', 'teleop');
    const { token } = conductor.impact('switch', 'nav');
    await through('restart', 'teleop');
    const sent = model.sent.length;
    const error = refusal(() => confirmed('switch', 'nav', token));
    expect(error.code).toBe('situation-changed');
    expect(error.context['impact']).toEqual(conductor.impact('switch', 'nav'));
    expect(model.sent).toHaveLength(sent);
  });

  it('does nothing where the run was replaced after it was accepted', async () => {
    const { conductor, through, confirmed, clock, model } = await robot();
    await through('start', 'teleop');
    const { token } = conductor.impact('switch', 'nav');
    // Whatever the switch looks at before it stops anything takes its time.
    const holders = model.holders.bind(model);
    model.holders = () => clock.sleep(500).then(holders);
    const { finished } = confirmed('switch', 'nav', token);
    void model.systemctlStop('rovi-teleop.service').then(() => model.systemctlStart('rovi-teleop.service'));
    await clock.advance(60_000);
    expect((await finished).problem).toMatchObject({
      code: 'situation-changed',
      context: { stack: 'teleop' },
    });
    expect(model.alive()).toEqual(['rovi-teleop.service']);
    expect(model.sent.filter(({ verb }) => verb === 'stop')).toEqual([]);
  });

  it('is refused as a stop too, and without the token a stop never is', async () => {
    const { conductor, through, confirmed, run, clock } = await robot();
    await through('start', 'teleop');
    const { token } = conductor.impact('stop', 'teleop');
    await through('restart', 'teleop');
    expect(refusal(() => confirmed('stop', 'teleop', token)).code).toBe('situation-changed');
    const { finished } = run('stop', 'teleop');
    await clock.advance(60_000);
    expect((await finished).outcome).toBe('succeeded');
  });
});

const waits = fc.constantFrom(0, 0, 1, 3, 12, 20, 400, 3500);
const deed = fc.record({
  do: fc.oneof(
    fc.constantFrom<StackCommandKind>('start', 'stop', 'restart', 'switch', 'stop-all'),
    fc.constantFrom('systemctl-start', 'systemctl-stop', 'crash', 'blink'),
    fc.constantFrom('systemctl-restart', 'systemctl-restart'),
    fc.record({
      start: fc.constantFrom(...(['works', 'works', 'fails', 'lacks-process', 'crashes-late'] as const)),
      stopMs: fc.constantFrom(1, 50, 3000),
    }),
  ),
  stack: fc.constantFrom(...names),
  wait: waits,
});

type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

async function perform(
  { model, run, clock }: Awaited<ReturnType<typeof robot>>,
  { do: action, stack, wait }: Deed,
  byTheConductor = true,
): Promise<void> {
  const unit = `rovi-${stack}.service`;
  if (typeof action === 'object') model.behaviours.set(unit, action);
  else if (action === 'systemctl-start') void model.systemctlStart(unit);
  else if (action === 'systemctl-stop') void model.systemctlStop(unit);
  else if (action === 'systemctl-restart') {
    void model.systemctlStop(unit).then(() => model.systemctlStart(unit));
  } else if (action === 'crash') model.crash(unit);
  else if (action === 'blink') {
    model.loseBus();
    await clock.advance(wait);
    model.findBus();
  } else if (byTheConductor) {
    try {
      run(action, action === 'stop-all' ? undefined : stack);
    } catch (error) {
      expect(error).toBeInstanceOf(RoviError);
    }
  }
  await clock.advance(wait);
}

describe('whatever happens between what was shown and the command', () => {
  it('stops no run that was not shown', async () => {
    let accepted = 0;
    let refused = 0;
    let stops = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 6 }),
        fc.constantFrom<StackCommandKind>('start', 'stop', 'restart', 'switch', 'switch', 'stop-all'),
        fc.constantFrom(...names),
        fc.array(deed, { maxLength: 4 }),
        fc.array(deed, { maxLength: 3 }),
        async (before, kind, name, meanwhile, after) => {
          const made = await robot();
          const { conductor, model, clock, confirmed } = made;
          // Time enough for others between what a switch looks at and what it stops.
          const holders = model.holders.bind(model);
          model.holders = () => clock.sleep(200).then(holders);
          for (const one of before) await perform(made, one);
          const stack = kind === 'stop-all' ? undefined : name;
          const impact = conductor.impact(kind, stack);
          for (const one of meanwhile) await perform(made, one);

          const stopped: { unit: string; run: string; began: boolean }[] = [];
          const runOf = (unit: string): string => `${unit} ${model.reading(unit).invocationId ?? ''}`;
          const runs = new Set(names.map((one) => runOf(`rovi-${one}.service`)));
          let operation: string | null = null;
          let sending = true;
          const stopUnit = model.stopUnit.bind(model);
          model.stopUnit = (unit, options) => {
            const { activeState, invocationId } = model.reading(unit);
            const ours = operation === null ? undefined : conductor.operation(operation);
            const byThis =
              sending ||
              (ours?.steps.some((step) => step.text === `stop ${unit}` && step.duration_ms === null) ??
                false);
            if (byThis && activeState !== 'inactive' && activeState !== 'failed') {
              stopped.push({ unit, run: invocationId ?? '', began: !runs.has(runOf(unit)) });
            }
            return stopUnit(unit, options);
          };
          const sent = model.sent.length;
          let finished: Promise<unknown>;
          try {
            const begun = confirmed(kind, stack, impact.token);
            operation = begun.operation.id;
            finished = begun.finished;
          } catch (error) {
            expect(error).toBeInstanceOf(RoviError);
            expect(model.sent).toHaveLength(sent);
            if ((error as RoviError).code === 'situation-changed') refused += 1;
            if (meanwhile.length === 0) expect((error as RoviError).code).not.toBe('situation-changed');
            await clock.advance(300_000);
            return;
          }
          sending = false;
          accepted += 1;
          for (const one of after) await perform(made, one, false);
          await clock.advance(300_000);
          await finished;
          stops += stopped.length;
          for (const { unit, run, began } of stopped) {
            const on = impact.affects.find((one) => one.unit === unit);
            const wasShown = on?.invocation_id === run;
            // A stop-all goes on until nothing runs; a switch takes back the run that it began itself, or whose start by
            // somebody else, shown as such, it joined.
            const taken = on?.effect === 'starts' && (began || on.state === 'STARTING');
            const allowed = (began && kind === 'stop-all') || taken;
            expect(wasShown || allowed, JSON.stringify({ impact, unit, run })).toBe(true);
          }
        },
      ),
      {
        numRuns: 500,
        examples: [
          [
            [
              { do: 'systemctl-restart', stack: 'teleop', wait: 0 },
              { do: { start: 'lacks-process', stopMs: 1 }, stack: 'nav', wait: 0 },
              { do: 'systemctl-restart', stack: 'nav', wait: 12 },
            ],
            'switch',
            'nav',
            [],
            [],
          ],
        ],
      },
    );
    // The property would hold of a conductor that refuses all, or stops nothing.
    expect(accepted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
    expect(stops).toBeGreaterThan(20);
  });
});
