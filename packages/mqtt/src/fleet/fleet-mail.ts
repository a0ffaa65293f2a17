import { randomUUID } from 'node:crypto';
import { RoviError } from '@rovi/contract';
import type { FleetReply, FleetRequest, Role } from '@rovi/contract';
import type { Arrival, BrokerConnection } from '../broker-connection.js';
import type { FleetSigner } from './fleet-signature.js';
import type { FleetTopics } from './fleet-topics.js';
import { readReply } from './fleet-word.js';

/** For whom a request is made. */
export interface Behalf {
  readonly name: string;
  readonly role: Role;
  /** False where the name is only what a client said of itself. */
  readonly verified: boolean;
}

type WithoutHead<Request> = Request extends FleetRequest
  ? Omit<Request, 'robot' | 'id' | 'on_behalf'>
  : never;

/** What is asked, but for what every request has. */
export type Asked = WithoutHead<FleetRequest>;

/** One request to one robot. */
export interface Letter {
  readonly robot: string;
  readonly asked: Asked;
  readonly behalf: Behalf;
  /** Seconds after which the broker does not hand it on any more. */
  readonly expiry: number;
  /** Of a request that was sent before, to ask what became of it; else it is a new one. */
  readonly id?: string;
  /** Hears each answer of this robot to this request, also late and more than once, until it is closed. */
  readonly replied: (reply: FleetReply) => void;
  /** The broker does not hand it on; no robot has it. */
  readonly undelivered: (problem: RoviError) => void;
}

/** A request that is out. */
export interface OpenLetter {
  readonly id: string;
  /** What still comes is no longer heard. */
  close(): void;
}

export interface FleetMailOptions {
  readonly topics: FleetTopics;
  /** The last level of the topics of replies. */
  readonly console: string;
  readonly signer: () => FleetSigner | null;
  readonly connection: () => BrokerConnection | null;
  /** Told of what cannot be an answer to what was asked. */
  readonly odd: (why: string) => void;
}

/** Sends signed requests to robots, and gives each answer to who asked: by robot, id and correlation, all three. */
export class FleetMail {
  readonly #options: FleetMailOptions;
  readonly #open = new Map<string, Letter>();

  constructor(options: FleetMailOptions) {
    this.#options = options;
  }

  /** Throws `fleet-off` without a key, and `fleet-broker-away`: then nothing was sent. */
  send(letter: Letter): OpenLetter {
    const { topics, console } = this.#options;
    const { robot, asked, behalf, expiry } = letter;
    const { signer, connection } = this.ready();
    const id = letter.id ?? randomUUID();
    const request = {
      ...asked,
      robot,
      id,
      on_behalf: { name: behalf.name, role: behalf.role, verified: behalf.verified },
    } as FleetRequest;
    this.#open.set(id, letter);
    connection.publish(
      {
        topic: topics.request(robot),
        payload: JSON.stringify(signer.sign(request)),
        retain: false,
        dup: false,
        expiry,
        responseTopic: topics.reply(robot, console),
        correlation: Buffer.from(id),
      },
      (answer) => {
        if (answer.kind === 'taken') return;
        const message = `the broker hands on nothing to ${robot}: ${answer.text}`;
        const problem = new RoviError('fleet-broker-away', message, {
          mend: 'Let this gateway publish to the topics of requests in the access list of the broker.',
        });
        // Never before `send` has returned.
        queueMicrotask(() => letter.undelivered(problem));
      },
    );
    return { id, close: () => void (this.#open.get(id) === letter && this.#open.delete(id)) };
  }

  /** What it takes to send anything. Throws as {@link send} does. */
  ready(): { readonly signer: FleetSigner; readonly connection: BrokerConnection } {
    const signer = this.#options.signer();
    if (signer === null) {
      throw new RoviError('fleet-off', 'this gateway has no key to sign commands with', {
        mend: 'Name one in its catalog (`mqtt.fleet.key_file`), and make it: `sudo rovictl fleet key --create`. One that is there and not used is told of by `rovictl status`.',
      });
    }
    const connection = this.#options.connection();
    if (connection === null) {
      throw new RoviError('fleet-broker-away', 'this gateway has no connection to the broker', {
        mend: '`rovictl status` has why, and what is tried. A robot is stopped without the broker by `rovictl --host ROBOT stop-all`, or on itself.',
      });
    }
    return { signer, connection };
  }

  /** What came by the topic of a robot's answers. */
  arrived(robot: string, { payload, retained, correlation }: Arrival): void {
    const { odd } = this.#options;
    // An answer is to a question, and no question of this run is as old as what the broker keeps.
    if (retained) return odd(`${robot}: a retained answer`);
    if (correlation === null) return odd(`${robot}: an answer without correlation`);
    const id = correlation.toString();
    const letter = this.#open.get(id);
    // Late, or a second time: that is how networks are. What nobody waits for is not read: it may be large.
    if (letter === undefined) return;
    if (letter.robot !== robot) return odd(`${robot}: an answer to what ${letter.robot} was asked`);
    const heard = readReply(robot, payload);
    if ('fault' in heard) return odd(heard.fault);
    if (heard.word.id !== id) return odd(`${robot}: an answer with another correlation`);
    letter.replied(heard.word);
  }
}
