import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import type { RoviEvent, StackStatus } from '@rovi/contract';
import { monotonicMs } from './monotonic.js';

/** A stack's status and the moment its bytes arrived, CLOCK_MONOTONIC in milliseconds. */
export interface Heard {
  readonly at: number;
  readonly status: StackStatus;
}

type Listener = (heard: Heard) => void;

/** A client of the event stream that stamps what it hears before it parses it. */
export class Ear {
  readonly #request: ClientRequest;
  readonly #heard = new Map<string, Heard>();
  readonly #listeners = new Set<Listener>();
  #text = '';

  private constructor(outgoing: ClientRequest) {
    this.#request = outgoing;
  }

  /** Resolves when the snapshot has come. */
  static async open(socketPath: string): Promise<Ear> {
    const outgoing = request({ socketPath, path: '/api/events', agent: false, headers: { host: 'rovi' } });
    const ear = new Ear(outgoing);
    await new Promise<void>((resolve, reject) => {
      outgoing.on('error', reject);
      outgoing.once('response', (response) => {
        if (response.statusCode !== 200) return reject(new Error(`/api/events: ${response.statusCode}`));
        response.setEncoding('utf8');
        response.on('error', () => undefined); // closed by us
        response.on('data', (chunk: string) => {
          const at = monotonicMs();
          ear.#hear(chunk, at);
          if (ear.#heard.size > 0) resolve();
        });
      });
      outgoing.end();
    });
    return ear;
  }

  /** What was last heard of a stack. */
  last(stack: string): Heard {
    const heard = this.#heard.get(stack);
    if (heard === undefined) throw new Error(`nothing was ever heard of ${stack}`);
    return heard;
  }

  /** The next event of the stack for which the predicate holds. Register before you act. */
  next(stack: string, what: string, predicate: (status: StackStatus) => boolean): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
      };
      const timer = setTimeout(() => {
        end();
        const { status } = this.last(stack);
        reject(new Error(`${stack}: waited 30 s for ${what}; it is ${status.state}, ${status.verdict.text}`));
      }, 30_000);
      const listener: Listener = (heard) => {
        if (heard.status.name !== stack || !predicate(heard.status)) return;
        end();
        resolve(heard);
      };
      this.#listeners.add(listener);
    });
  }

  /** As `next`, but content with what was heard last. */
  async until(stack: string, what: string, predicate: (status: StackStatus) => boolean): Promise<Heard> {
    const last = this.last(stack);
    return predicate(last.status) ? last : this.next(stack, what, predicate);
  }

  close(): void {
    this.#request.destroy();
  }

  #hear(chunk: string, at: number): void {
    const frames = (this.#text + chunk).split('\n\n');
    this.#text = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      if (data === undefined) continue;
      const event = JSON.parse(data) as RoviEvent;
      if (event.type === 'stack') this.#tell({ at, status: event.stack });
      if (event.type === 'snapshot') for (const status of event.snapshot.stacks) this.#tell({ at, status });
    }
  }

  #tell(heard: Heard): void {
    this.#heard.set(heard.status.name, heard);
    for (const listener of [...this.#listeners]) listener(heard);
  }
}
