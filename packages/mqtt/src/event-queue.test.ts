import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueuedEvent } from './event-queue.js';
import { EventQueue } from './event-queue.js';

const LIMIT = 10;
const happening = (id: number) => ({
  type: 'service_started',
  service: 'camera',
  instance: 1,
  text: '',
  data: {},
  at: new Date(id).toISOString(),
  id: String(id),
});

/** A queue, a broker that has what was acknowledged, and what was sent first when. */
function played(steps: readonly { step: 'push' | 'take' | 'settle' | 'postpone' | 'lost'; pick: number }[]) {
  const queue = new EventQueue(LIMIT);
  const inFlight: QueuedEvent[] = [];
  const first: string[] = [];
  const settled: QueuedEvent[] = [];
  let pushed = 0;
  let notices = 0;
  let largest = 0;
  const take = (): boolean => {
    const next = queue.take(
      () => `dropped-${String((notices += 1))}`,
      () => new Date(pushed).toISOString(),
    );
    if (next === null) return false;
    if (!next.sent) first.push(next.happening.id);
    next.sent = true;
    inFlight.push(next);
    return true;
  };
  const answer = (event: QueuedEvent | undefined, done: (event: QueuedEvent) => void): void => {
    if (event === undefined) return;
    inFlight.splice(inFlight.indexOf(event), 1);
    done(event);
  };
  for (const { step, pick } of steps) {
    const one = inFlight[pick % Math.max(1, inFlight.length)];
    if (step === 'push') queue.push(happening((pushed += 1)));
    if (step === 'take') take();
    if (step === 'settle') answer(one, (event) => (queue.settle(event), settled.push(event)));
    if (step === 'postpone') answer(one, (event) => queue.postpone(event));
    if (step === 'lost') {
      inFlight.length = 0;
      queue.lost();
    }
    largest = Math.max(largest, queue.size);
  }
  // The broker is back and takes everything.
  queue.lost();
  inFlight.length = 0;
  do {
    while (take());
    for (const event of inFlight.splice(0)) {
      queue.settle(event);
      settled.push(event);
    }
  } while (!queue.empty);
  return { queue, first, settled, pushed, largest };
}

const steps = fc.array(
  fc.record({
    step: fc.oneof(
      { weight: 6, arbitrary: fc.constant('push' as const) },
      { weight: 3, arbitrary: fc.constantFrom('take' as const, 'settle' as const) },
      { weight: 1, arbitrary: fc.constantFrom('postpone' as const, 'lost' as const) },
    ),
    pick: fc.nat(20),
  }),
  { maxLength: 200 },
);

it('acknowledges every event or counts it as dropped, and tells the count', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const { queue, settled, pushed } = played(script);
      const notices = settled.filter(({ happening: { type } }) => type === 'events_dropped');
      const told = notices.reduce((sum, { happening: { data } }) => sum + Number(data['count']), 0);
      expect(settled.length - notices.length + queue.dropped).toBe(pushed);
      expect(told).toBe(queue.dropped);
      expect(new Set(settled.map(({ happening: { id } }) => id)).size).toBe(settled.length);
    }),
    { numRuns: 500 },
  );
});

it('never holds more than its limit and a notice, and sends in order', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const { first, largest } = played(script);
      expect(largest).toBeLessThanOrEqual(LIMIT + 1);
      const ids = first.filter((id) => !id.startsWith('dropped')).map(Number);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});

it('tells of a gap where it is: before what is left of the queue, after what was sent', () => {
  const queue = new EventQueue(LIMIT);
  const take = () =>
    queue.take(
      () => 'gap',
      () => '2026-01-01T00:00:00.000Z',
    );
  queue.push(happening(1));
  expect(take()?.happening.id).toBe('1');
  for (let id = 2; id <= 15; id += 1) queue.push(happening(id));
  expect([queue.size, queue.dropped]).toEqual([LIMIT, 5]);
  queue.lost();
  expect(take()).toMatchObject({ happening: { id: '1' }, sent: false });
  expect(take()?.happening).toMatchObject({
    type: 'events_dropped',
    data: { count: 5, first_at: happening(2).at, last_at: happening(6).at },
  });
  expect(take()?.happening.id).toBe('7');
});
