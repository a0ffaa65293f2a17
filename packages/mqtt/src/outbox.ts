import type { BrokerConnection } from './broker-connection.js';
import { EventQueue } from './event-queue.js';
import type { QueuedEvent } from './event-queue.js';
import { RetainedTopics } from './retained-topics.js';
import type { Happening } from './service-bus-event.js';
import { messagesOf } from './service-bus-event.js';
import type { TopicNames } from './topics.js';

/** Seconds that a broker keeps an event for a subscriber who is away: a day. */
const EVENT_EXPIRY_S = 86_400;
/** Milliseconds after which what the broker did not take now is tried again. */
const LATER_MS = 1_000;

export interface OutboxOptions {
  readonly topics: TopicNames;
  /** Events kept while the broker is away. */
  readonly limit: number;
  /** Begins the id of a notice of dropped events. */
  readonly bootId: string;
  /** The broker does not take something, and never will: why. */
  readonly refused: (why: string) => void;
}

/** What is to reach the broker, and how it gets there: events each and in order, retained topics with their newest. */
export class Outbox {
  readonly retained = new RetainedTopics();
  readonly #options: OutboxOptions;
  readonly #queue: EventQueue;
  #connection: BrokerConnection | null = null;
  #pause: NodeJS.Timeout | null = null;
  #notices = 0;
  #refused = 0;
  #whenSettled: (() => void) | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#queue = new EventQueue(options.limit);
  }

  /** Events that wait, were dropped, and messages that the broker refused for good. */
  get counts(): { readonly queued: number; readonly dropped: number; readonly refused: number } {
    return { queued: this.#queue.size, dropped: this.#queue.dropped, refused: this.#refused };
  }

  push(happening: Happening): void {
    this.#queue.push(happening);
  }

  /** A new connection is there: all retained topics are said on it, and the events that wait. */
  attach(connection: BrokerConnection): void {
    this.#connection = connection;
    this.retained.renew();
    this.pump();
  }

  detach(): void {
    this.#connection = null;
    this.#queue.lost();
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
  }

  /** Sends what may be sent now. */
  pump(): void {
    const connection = this.#connection;
    if (connection === null || this.#pause !== null) return;
    for (let due = this.retained.take(); due !== null; due = this.retained.take())
      this.#sendState(connection, due);
    const id = () => `${this.#options.bootId}/dropped-${String((this.#notices += 1))}`;
    const now = () => new Date().toISOString();
    for (let next = this.#queue.take(id, now); next !== null; next = this.#queue.take(id, now)) {
      this.#sendEvent(connection, next);
    }
    if (this.#queue.empty && this.retained.settled) this.#whenSettled?.();
  }

  /** Resolves when the broker has acknowledged all there is, or at the deadline, or at once without a connection. */
  async settle(deadlineMs: number): Promise<void> {
    if (this.#connection === null) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs);
      this.#whenSettled = () => {
        clearTimeout(deadline);
        resolve();
      };
      this.pump();
    });
  }

  #sendState(connection: BrokerConnection, { topic, payload }: { topic: string; payload: string }): void {
    connection.publish({ topic, payload, retain: true, dup: false, expiry: null }, (answer) => {
      this.retained.settle(topic, answer.kind === 'later');
      this.#goOn(answer.kind === 'refused' ? `${topic}: ${answer.text}` : null, answer.kind === 'later');
    });
  }

  #sendEvent(connection: BrokerConnection, event: QueuedEvent): void {
    const messages = messagesOf(event.happening, this.#options.topics);
    const dup = event.sent;
    event.sent = true;
    let unanswered = messages.length;
    let later = false;
    for (const [topic, payload] of messages) {
      connection.publish({ topic, payload, retain: false, dup, expiry: EVENT_EXPIRY_S }, (answer) => {
        unanswered -= 1;
        later ||= answer.kind === 'later';
        if (unanswered === 0 && later) this.#queue.postpone(event);
        else if (unanswered === 0) this.#queue.settle(event);
        this.#goOn(answer.kind === 'refused' ? `${topic}: ${answer.text}` : null, later && unanswered === 0);
      });
    }
  }

  #goOn(refused: string | null, later: boolean): void {
    if (refused !== null) {
      this.#refused += 1;
      this.#options.refused(refused);
    }
    if (later) {
      this.#pause ??= setTimeout(() => {
        this.#pause = null;
        this.pump();
      }, LATER_MS);
    }
    this.pump();
  }
}
