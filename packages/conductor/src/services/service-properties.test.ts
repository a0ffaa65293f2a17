import type { Operation } from '@rovi/contract';
import { RoviError, serviceUnit } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceIntent } from '../ports/conductor-api.js';
import type { ServiceBehaviour } from './model-units.fixture.js';
import { works } from './model-units.fixture.js';
import type { Declared } from './service-rig.fixture.js';
import { serviceRig } from './service-rig.fixture.js';

type Rig = Awaited<ReturnType<typeof serviceRig>>;

const instances = fc.constantFrom({ min: 1, max: 1 }, { min: 1, max: 3 }, { min: 2, max: 3 });

/** Up to seven services, each of which may need those before it. */
const graph: fc.Arbitrary<Record<string, Declared>> = fc
  .array(
    fc.record({
      instances,
      needs: fc.array(fc.constantFrom('requires', 'wants', null), { maxLength: 7 }),
      unchecked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((nodes) =>
    Object.fromEntries(
      nodes.map(({ needs, ...node }, index) => {
        const named = (kind: string): string[] =>
          needs.slice(0, index).flatMap((one, at) => (one === kind ? [`s${at}`] : []));
        return [`s${index}`, { ...node, requires: named('requires'), wants: named('wants') }];
      }),
    ),
  );

const behaviour: fc.Arbitrary<ServiceBehaviour> = fc.record({
  start: fc.constantFrom('works', 'works', 'works', 'fails', 'crashes', 'unready'),
  startMs: fc.integer({ min: 1, max: 40 }),
  readyMs: fc.integer({ min: 0, max: 60 }),
  stopMs: fc.integer({ min: 1, max: 40 }),
  lingerMs: fc.constantFrom(0, 0, 7, 100),
  restarts: fc.boolean(),
});
const behaviours = fc.array(behaviour, { minLength: 3, maxLength: 9 });
const pick = fc.nat({ max: 100 });

function behave({ model, observer }: Rig, list: readonly ServiceBehaviour[]): void {
  for (const [index, unit] of observer.units.entries()) {
    model.systemd.behaviours.set(unit, list[(index * 7) % list.length] ?? works);
  }
}

function named({ services }: Rig, at: number): string {
  const names = Object.keys(services);
  return names[at % names.length] ?? '';
}

/** Units that what requires this service needs. */
function neededUnits({ services }: Rig, name: string): string[] {
  const entry = services[name];
  if (entry === undefined) return [];
  return Array.from({ length: entry.instances.min }, (_, index) => serviceUnit(name, entry, index + 1));
}

describe('whatever the graph, and whatever fails', () => {
  it('nothing is sent before all that it requires is ready', async () => {
    await fc.assert(
      fc.asyncProperty(graph, behaviours, pick, async (declared, list, at) => {
        const rig = await serviceRig(declared);
        behave(rig, list);
        const { finished } = rig.run({ kind: 'start', service: named(rig, at) });
        await rig.clock.advance(20_000);
        await finished;
        for (const { unit, ready } of rig.model.sent) {
          const service = rig.observer.byUnit(unit)?.service ?? '';
          for (const required of rig.services[service]?.requires ?? []) {
            for (const needed of neededUnits(rig, required)) expect([...ready]).toContain(needed);
          }
        }
      }),
      { numRuns: 120 },
    );
  });

  it('a confirmed stop ends what was listed and nothing else, and nothing of it is left where it succeeded', async () => {
    await fc.assert(
      fc.asyncProperty(graph, behaviours, pick, pick, async (declared, list, first, at) => {
        const rig = await serviceRig(declared);
        const { model, clock, executor, run, observer } = rig;
        for (const name of Object.keys(rig.services).slice(first % 3)) {
          run({ kind: 'start', service: name });
          await clock.advance(5_000);
        }
        behave(rig, list);
        const intent: ServiceIntent = { kind: 'stop', service: named(rig, at) };
        const impact = executor.impact(intent);
        const listed = impact.affects.map(({ unit }) => unit);
        const before = model.systemd.ended.length;
        const { finished } = run({ ...intent, confirm: impact.token });
        const left = finished.then(() =>
          [...model.systemd.up(), ...model.systemd.alive()].filter((unit) => listed.includes(unit)),
        );
        await clock.advance(20_000);
        for (const unit of model.systemd.ended.slice(before)) expect(listed).toContain(unit);
        if ((await finished).outcome === 'succeeded') expect(await left).toEqual([]);
        const own = observer.instances(intent.service).map(({ unit }) => unit);
        expect(listed.every((unit) => own.includes(unit)) || impact.confirm).toBe(true);
      }),
      { numRuns: 80 },
    );
  });
});

describe('instances', () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant('scale' as const), instances: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ kind: fc.constant('crash' as const), instances: fc.integer({ min: 1, max: 4 }) }),
  );

  it('stay within the bounds of the catalog, and the oldest are stopped first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 8 }), async (commands) => {
        const rig = await serviceRig({ pool: { instances: { min: 1, max: 4 } } });
        const { model, clock } = rig;
        for (const { kind, instances: count } of commands) {
          if (kind === 'crash') {
            model.systemd.crash(`rovi-pool@${count}.service`);
            continue;
          }
          const age = new Map(
            model.systemd.up().map((unit) => [unit, model.reading(unit).stateChangedMonotonicUs ?? 0]),
          );
          const before = model.sent.length;
          let operation: Operation;
          try {
            const { finished } = rig.run({ kind, service: 'pool', instances: count });
            await clock.advance(5_000);
            operation = await finished;
          } catch (error) {
            expect(RoviError.from(error).code).toBe('scale-refused');
            expect(count < 1 || count > 4).toBe(true);
            continue;
          }
          expect(operation.outcome).toBe('succeeded');
          expect(model.systemd.up()).toHaveLength(count);
          const stopped = model.sent
            .slice(before)
            .flatMap(({ verb, unit }) => (verb === 'stop' ? [unit] : []));
          const oldest = Math.max(-1, ...stopped.map((unit) => age.get(unit) ?? -1));
          for (const unit of model.systemd.up().filter((one) => age.has(one))) {
            expect(age.get(unit)).toBeGreaterThanOrEqual(oldest);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are restarted so that never two are down, whatever happens to the others', async () => {
    const crash = fc.record({ at: fc.integer({ min: 1, max: 3_000 }), id: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(
      fc.asyncProperty(behaviours, fc.option(crash), async (list, outside) => {
        const rig = await serviceRig({ pool: { instances: { min: 2, max: 4 }, unchecked: false } });
        const { model, clock, run, ended } = rig;
        await ended(run({ kind: 'scale', service: 'pool', instances: 4 }).finished);
        behave(rig, list);
        const before = model.sent.length;
        if (outside !== null)
          clock.at(outside.at, () => model.systemd.crash(`rovi-pool@${outside.id}.service`));
        const { finished } = run({ kind: 'rolling-restart', service: 'pool' });
        const up = finished.then(() => model.systemd.up());
        await clock.advance(20_000);
        const operation = await finished;
        for (const { verb, unit, up: seen } of model.sent.slice(before)) {
          if (verb !== 'start') expect(new Set([...seen, unit]).size).toBe(4);
          else if (outside === null) expect(seen.size).toBe(3);
        }
        if (operation.outcome === 'succeeded' && outside === null) expect(await up).toHaveLength(4);
        else if (outside === null) expect(operation.problem?.code).toBe('rolling-stopped');
      }),
      { numRuns: 80 },
    );
  });
});

describe('commands at once, with others at work on the same units', () => {
  const kinds = [
    'start',
    'start',
    'stop',
    'restart',
    'rolling-restart',
    'crash',
    'their start',
    'their stop',
  ] as const;
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    at: pick,
    cascade: fc.boolean(),
    pause: fc.integer({ min: 0, max: 700 }),
  });

  it('never end in a wrong success, and leave none under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        graph,
        behaviours,
        fc.array(step, { minLength: 1, maxLength: 10 }),
        fc.constantFrom(0, 0, 3),
        async (declared, list, steps, lagMs) => {
          const rig = await serviceRig(declared, { lagMs });
          const { model, clock, executor, run, observer } = rig;
          await clock.advance(10);
          behave(rig, list);
          const wrong: string[] = [];
          const fresh = (unit: string): boolean =>
            (model.reading(unit).stateChangedMonotonicUs ?? 0) / 1000 >= clock.monotonic() - 6;
          const judge = (operation: Operation): void => {
            const { kind, service, outcome } = operation;
            if (outcome !== 'succeeded' || service === null) return;
            if (kind === 'rolling-restart' && !operation.changed) return;
            const up = new Set(model.systemd.up());
            const units =
              kind === 'start'
                ? neededUnits(rig, service)
                : observer.instances(service).map(({ unit }) => unit);
            const bad =
              kind === 'stop'
                ? units.filter(
                    (unit) => (up.has(unit) || model.systemd.alive().includes(unit)) && !fresh(unit),
                  )
                : kind === 'start'
                  ? units.filter((unit) => !up.has(unit) && !fresh(unit))
                  : units.some((unit) => up.has(unit) || fresh(unit))
                    ? []
                    : ['none'];
            if (bad.length > 0) wrong.push(`${operation.message}: ${bad.join(', ')}`);
          };
          for (const { kind, at, cascade, pause } of steps) {
            const unit = observer.units[at % observer.units.length] ?? '';
            if (kind === 'crash') model.systemd.crash(unit);
            else if (kind === 'their start') void model.systemd.systemctlStart(unit);
            else if (kind === 'their stop') void model.systemd.systemctlStop(unit);
            else {
              const intent: ServiceIntent = { kind, service: named(rig, at), cascade };
              try {
                const { confirm, token } = executor.impact(intent);
                void run({ ...intent, ...(confirm ? { confirm: token } : {}) }).finished.then(judge);
              } catch (error) {
                expect(['service-busy', 'service-conflict']).toContain(RoviError.from(error).code);
              }
            }
            await clock.advance(pause);
          }
          const inHand = (): string[] =>
            Object.keys(rig.services).filter((name) => executor.operationOn(name) !== null);
          for (let second = 0; second < 200 && inHand().length > 0; second += 1) await clock.advance(1_000);
          expect(wrong).toEqual([]);
          expect(inHand()).toEqual([]);
        },
      ),
      { numRuns: 120 },
    );
  });
});
