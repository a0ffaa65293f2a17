import { mqttEventSchema } from '@rovi/contract';
import { expect, it } from 'vitest';
import { messagesOf } from './service-bus-event.js';
import { topicNames } from './topics.js';

const topics = topicNames('alicia', 'omega1');
const happening = {
  type: 'service_failed',
  service: 'camera',
  instance: 2,
  text: 'it crashed',
  data: { cause: 'SIGSEGV', service_name: 'not this one' },
  at: '2026-01-02T03:04:05.250Z',
  id: 'boot/7',
};

it('says an event on two topics, and what is Rovi’s own wins over facts', () => {
  const messages = messagesOf(happening, topics);
  expect(messages.map(([topic]) => topic)).toEqual([
    'alicia/services/events',
    'alicia/services/service_failed',
  ]);
  for (const [, payload] of messages) {
    expect(mqttEventSchema.strict().parse(JSON.parse(payload))).toEqual({
      event_type: 'service_failed',
      event_data: {
        service_name: 'camera',
        instance_id: 2,
        text: 'it crashed',
        cause: 'SIGSEGV',
        event_id: 'boot/7',
      },
      timestamp: 1_767_323_045.25,
      source: 'service_orchestrator',
    });
  }
});

it('says errors on a topic of their own as well', () => {
  const [, , error] = messagesOf({ ...happening, type: 'orchestration_error' }, topics);
  expect(error?.[0]).toBe('alicia/services/orchestration_errors');
  expect(JSON.parse(error?.[1] ?? '')).toEqual({
    error: 'it crashed',
    service_name: 'camera',
    timestamp: 1_767_323_045.25,
  });
});

it('says a recovery in one message with the status that a bus looks for', () => {
  const messages = messagesOf({ ...happening, type: 'recovery' }, topics);
  expect(messages.map(([topic]) => topic)).toEqual(['alicia/services/events', 'alicia/services/recovery']);
  expect(JSON.parse(messages[1]?.[1] ?? '')).toMatchObject({ status: 'recovered', event_type: 'recovery' });
});
