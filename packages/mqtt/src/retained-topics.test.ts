import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RetainedTopics } from './retained-topics.js';

const topic = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), topic, payload: fc.constantFrom('1', '2', '3') }),
  fc.record({ kind: fc.constant('clear' as const), topic }),
  fc.record({ kind: fc.constantFrom('send' as const, 'lost' as const), topic }),
  fc.record({ kind: fc.constant('answer' as const), topic, again: fc.boolean() }),
);

it('whatever happened, a broker that takes all ends with the newest of each topic, and nothing of cleared ones', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (script) => {
      const topics = new RetainedTopics();
      const wanted = new Map<string, string>();
      const broker = new Map<string, string>();
      const inFlight: { topic: string; payload: string }[] = [];
      const receive = ({ topic: name, payload }: { topic: string; payload: string }): void => {
        if (payload === '') broker.delete(name);
        else broker.set(name, payload);
      };
      for (const one of script) {
        if (one.kind === 'put') {
          topics.put(one.topic, one.payload);
          wanted.set(one.topic, one.payload);
        } else if (one.kind === 'clear') {
          topics.clear(one.topic);
          wanted.delete(one.topic);
        } else if (one.kind === 'send') {
          const next = topics.take();
          if (next !== null) inFlight.push(next);
          expect(new Set(inFlight.map(({ topic: name }) => name)).size).toBe(inFlight.length);
        } else if (one.kind === 'answer') {
          const answered = inFlight.shift();
          if (answered === undefined) continue;
          if (!one.again) receive(answered);
          topics.settle(answered.topic, one.again);
        } else {
          // The broker may have had it, or not.
          for (const lost of inFlight.splice(0)) if (lost.topic < 'b') receive(lost);
          topics.renew();
        }
      }
      for (const { topic: name } of inFlight.splice(0)) topics.settle(name, true);
      for (let next = topics.take(); next !== null; next = topics.take()) {
        receive(next);
        topics.settle(next.topic, false);
      }
      expect(topics.settled).toBe(true);
      expect(new Map([...broker].sort())).toEqual(new Map([...wanted].sort()));
      expect(new Set(topics)).toEqual(new Set(wanted.keys()));
    }),
    { numRuns: 500 },
  );
});

it('does not send what has the same key', () => {
  const topics = new RetainedTopics();
  topics.put('a', 'seen at 1', 'up');
  expect(topics.take()).toEqual({ topic: 'a', payload: 'seen at 1' });
  topics.settle('a', false);
  topics.put('a', 'seen at 2', 'up');
  expect(topics.take()).toBeNull();
});
