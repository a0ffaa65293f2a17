import type { Incident, MqttEvent } from '@rovi/contract';
import type { TopicNames } from './topics.js';

/** What every envelope names as its source: the part of a service bus that the gateway takes. */
const SOURCE = 'service_orchestrator';

/** Something that happened, on its way to the bus. */
export interface Happening extends Omit<Incident, 'type'> {
  readonly type: string;
  /** RFC 3339: when it happened, which may be long before it is sent. */
  readonly at: string;
  /** The same in all copies of it: a receiver tells by it what it has had before. */
  readonly id: string;
}

/** The envelope of the bus. What is Rovi's own wins over facts of the same name. */
export function envelopeOf({ type, service, instance, text, data, at, id }: Happening): MqttEvent {
  return {
    event_type: type,
    event_data: { ...data, service_name: service, instance_id: instance, text, event_id: id },
    timestamp: secondsOf(at),
    source: SOURCE,
  };
}

/** Everywhere that it is published, with what: to all events first. */
export function messagesOf(happening: Happening, topics: TopicNames): readonly [string, string][] {
  const envelope = envelopeOf(happening);
  const text = JSON.stringify(envelope);
  const { timestamp } = envelope;
  if (happening.type === 'recovery') {
    // Its own topic is where a service bus looks for `status`: one message says both.
    return [
      [topics.events, text],
      [topics.event('recovery'), JSON.stringify({ status: 'recovered', ...envelope })],
    ];
  }
  const messages: [string, string][] = [
    [topics.events, text],
    [topics.event(happening.type), text],
  ];
  if (happening.type === 'orchestration_error') {
    const error = { error: happening.text, service_name: happening.service, timestamp };
    messages.push([topics.errors, JSON.stringify(error)]);
  }
  return messages;
}

function secondsOf(at: string): number {
  return Date.parse(at) / 1000;
}
