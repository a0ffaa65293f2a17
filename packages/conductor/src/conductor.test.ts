import fc from 'fast-check';
import { expect, it } from 'vitest';
import { modelConductor } from './model-conductor.fixture.js';

const names = ['teleop', 'nav'] as const;
const stack = fc.constantFrom(...names);
const happening = fc.oneof(
  fc.record({ what: fc.constantFrom('start', 'stop', 'switch', 'restart'), stack }),
  fc.record({ what: fc.constantFrom('crash', 'systemctl stop', 'systemctl start'), stack }),
  fc.record({ what: fc.constantFrom('lose bus', 'find bus'), stack }),
);

it('tells with its events which stack holds the robot: who listens knows what a snapshot says', async () => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(happening, fc.integer({ min: 1, max: 3_000 })), { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (happenings, processes) => {
        const { conductor, clock, model, run } = await modelConductor(names, { processes });
        await clock.advance(3_000);
        const { active, known } = conductor.snapshot();
        let heard: { active: string | null; known: boolean } = { active, known };
        conductor.subscribe((event) => {
          if (event.type !== 'stack' && event.type !== 'gateway' && event.type !== 'bus') return;
          told += 1;
          heard = { active: event.active, known: event.known };
        });
        for (const [{ what, stack: name }, ms] of happenings) {
          const unit = `rovi-${name}.service`;
          if (what === 'crash') model.crash(unit);
          else if (what === 'systemctl stop') void model.systemctlStop(unit);
          else if (what === 'systemctl start') void model.systemctlStart(unit);
          else if (what === 'lose bus') model.loseBus();
          else if (what === 'find bus') model.findBus();
          else {
            try {
              run(what, name);
            } catch {
              // Refused: nothing happens.
            }
          }
          await clock.advance(ms);
          expect(heard).toEqual({
            active: conductor.snapshot().active,
            known: conductor.snapshot().known,
          });
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(told).toBeGreaterThan(500);
});

it.each(['scale', 'rolling-restart'] as const)('takes no %s of a stack, and touches none', async (kind) => {
  const { conductor, model, audit } = await modelConductor(['nav', 'teleop']);
  const origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' } as const;
  const actor = { name: 'olga', face: 'cli', verified: false } as const;
  expect(() => conductor.command({ kind, stack: 'nav', actor, origin, reason: '' })).toThrow(
    expect.objectContaining({ code: 'bad-request', message: `there is no ${kind} of a stack` }) as Error,
  );
  expect(model.sent).toEqual([]);
  expect(audit).toMatchObject([{ command: kind, target: 'nav', decision: 'refused' }]);
});
