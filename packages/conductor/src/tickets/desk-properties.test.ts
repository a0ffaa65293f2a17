/** Whatever people, time and crashes do at once, the rules of a ticket's life hold. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RoviError, ticketBodySchema, ticketPriorities } from '@rovi/contract';
import { by, deskRig } from './desk-rig.fixture.js';

const priority = fc.constantFrom(...ticketPriorities);
const which = fc.nat(30);
const rare = fc.constantFrom(
  { kind: 'estop' as const },
  { kind: 'crash' as const },
  { kind: 'full-disk' as const },
  { kind: 'lost-answer' as const },
  { kind: 'stack' as const },
  { kind: 'lose' as const },
  { kind: 'stop' as const },
);
const step = fc.record({
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1500 })),
  do: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('drive' as const),
        seconds: fc.constantFrom(0.1, 1, 4),
        priority,
        dry: fc.constantFrom(true, false, false, false),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('execute' as const), which, force: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
    { weight: 1, arbitrary: rare },
  ),
});

it('no interleaving of creates, executions, cancels, e-stops, faults and crashes breaks them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 30, maxLength: 90 }),
      fc.integer({ min: 0, max: 30 }),
      async (steps, lag) => {
        const rig = await deskRig({}, () => lag);
        void rig.run('start', 'nav').finished;
        await rig.clock.advance(3_000);
        let { desk } = rig;
        const ids: string[] = [];
        const answers: string[] = [];
        const wrong: string[] = [];
        /** Attempts that an e-stop met, perhaps over and not yet written down: the millisecond of the first. */
        const met = new Map<string, number>();
        /** Executions that have not come to their end, of the gateway that lives. */
        let open = 0;
        let life = 0;
        const note = (work: Promise<unknown>): void =>
          void work.catch((error: unknown) => answers.push(RoviError.from(error).code));
        const execute = async (owner: typeof desk, id: string, force: boolean): Promise<void> => {
          const born = life;
          const { finished } = await owner.execute({ ticket_id: id, force }, by());
          if (born !== life) return;
          open += 1;
          await finished;
          if (born === life) open -= 1;
        };
        /** A start while the stop before it goes on is refused. */
        const turned = async (): Promise<void> => {
          const { active } = rig.conductor.snapshot();
          await (active === 'nav' ? rig.run('stop', 'nav') : rig.run('start', 'nav')).finished;
        };
        for (const { pause, do: one } of steps) {
          const id = 'which' in one ? ids[one.which % Math.max(1, ids.length)] : undefined;
          switch (one.kind) {
            case 'drive':
            case 'stop': {
              // Created, and asked for as soon as it is there.
              const body =
                one.kind === 'drive'
                  ? {
                      command: 'drive',
                      params: { speed: 1, duration_seconds: one.seconds },
                      priority: one.priority,
                      dry_run: one.dry,
                    }
                  : { command: 'stop' };
              const owner = desk;
              note(
                owner.create(ticketBodySchema.parse(body), by()).then((ticket) => {
                  ids.push(ticket.id);
                  return execute(owner, ticket.id, false);
                }),
              );
              break;
            }
            case 'execute':
              if (id !== undefined) note(execute(desk, id, one.force));
              break;
            case 'cancel': {
              if (id === undefined) break;
              const executing = desk.status.executing.find((ticket) => ticket.id === id);
              const moving = rig.base.moving.size;
              note(
                desk.cancel(id, by()).then(({ status }) => {
                  if (status === 'queued' || status === 'executing') wrong.push(`cancelled, and ${status}`);
                }),
              );
              // In that very turn: what it moved stands.
              if (
                executing?.command === 'drive' &&
                !executing.dry_run &&
                moving > 0 &&
                rig.base.moving.size > 0
              )
                wrong.push('it moves on after its cancel');
              break;
            }
            case 'estop':
              for (const ticket of desk.status.executing) {
                const attempt = `${ticket.id} ${String(ticket.attempts)}`;
                if (ticket.command !== 'stop' && !met.has(attempt)) met.set(attempt, rig.clock.now());
              }
              note(desk.estop(by()));
              if (rig.base.moving.size > 0) wrong.push('it moves on after the e-stop');
              break;
            case 'reset':
              note(desk.resetEstop(by()));
              break;
            case 'full-disk':
              rig.store.failing = 2;
              break;
            case 'lost-answer':
              rig.store.losing = 1;
              break;
            case 'lose':
              rig.base.lost = !rig.base.lost;
              break;
            case 'stack':
              note(turned());
              break;
            case 'crash': {
              // Killed: nothing of it says a word any more, and the dead man's switch stops the base.
              rig.killed(desk);
              life += 1;
              open = 0;
              desk = rig.made();
              void desk.start();
            }
          }
          await rig.clock.advance(pause);
          if (rig.base.moving.size > 1) wrong.push('two motions at once');
          if (desk.status.estop.active && rig.base.moving.size > 0) wrong.push('it moves while e-stopped');
        }
        rig.store.failing = 0;
        rig.store.losing = 0;
        await rig.clock.advance(60_000);
        note(desk.resetEstop(by()));
        await rig.clock.advance(200_000);
        expect(wrong).toEqual([]);
        expect(rig.store.illegal).toEqual([]);
        expect(rig.base.late).toBe(0);
        expect(rig.base.most).toBeLessThanOrEqual(1);
        expect(open).toBe(0);
        expect(desk.status.counts).toEqual(rig.store.recount());
        expect(desk.status.counts).toMatchObject({ queued: 0, executing: 0 });
        for (const ticket of rig.store.tickets.values()) {
          // Each execution began from the queue, and none ran beside or after another of a ticket that had not failed.
          const path = ticket.transitions.map(({ to }) => to);
          expect(path.filter((to) => to === 'executing').length).toBe(ticket.attempt_list.length);
          expect(path.filter((to) => to === 'completed').length).toBeLessThanOrEqual(1);
          for (const attempt of ticket.attempt_list) {
            expect(attempt.ended_at).not.toBeNull();
            const end = Date.parse(attempt.started_at) + (attempt.execution_time_ms ?? 0);
            if (attempt.status === 'completed')
              expect(end).toBeLessThanOrEqual(met.get(`${ticket.id} ${String(attempt.number)}`) ?? Infinity);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);
