import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticketPriorities } from '@rovi/contract';
import { PATIENCE, TicketQueue } from './ticket-queue.js';

const one = (id: string, priority: (typeof ticketPriorities)[number] = 'normal', motion = true) => ({
  id,
  priority,
  motion,
});

describe('the queue', () => {
  it('gives the highest priority first, of equals the oldest', () => {
    const queue = new TicketQueue();
    for (const [id, priority] of [
      ['a', 'low'],
      ['b', 'normal'],
      ['c', 'critical'],
      ['d', 'normal'],
      ['e', 'high'],
    ] as const)
      queue.add(one(id, priority));
    const order = Array.from({ length: 5 }, () => queue.take(true)?.id);
    expect(order).toEqual(['c', 'e', 'b', 'd', 'a']);
    expect(queue.take(true)).toBeNull();
  });

  it('lets no motion wait for what is none, nor the other way', () => {
    const queue = new TicketQueue();
    queue.add(one('motion'));
    queue.add(one('scan', 'critical', false));
    expect(queue.take(true)?.id).toBe('motion');
    expect(queue.take(false)?.id).toBe('scan');
  });

  it('never lets more than three times its patience of younger ones pass', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...ticketPriorities).map((priority) => ({ priority })) },
        { weight: 2, arbitrary: fc.constant('take' as const) },
      ),
      { minLength: 50, maxLength: 400 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new TicketQueue();
        const passed = new Map<string, number>();
        const born: string[] = [];
        const take = (): void => {
          const next = queue.take(true);
          if (next === null) return;
          passed.delete(next.id);
          for (const id of passed.keys()) {
            if (born.indexOf(id) < born.indexOf(next.id)) passed.set(id, (passed.get(id) ?? 0) + 1);
          }
        };
        for (const step of all) {
          if (step === 'take') take();
          else {
            const id = String(born.length);
            born.push(id);
            passed.set(id, 0);
            queue.add(one(id, step.priority));
          }
          for (const count of passed.values()) expect(count).toBeLessThanOrEqual(3 * PATIENCE);
        }
        while (queue.size > 0) take();
      }),
    );
  });
});
