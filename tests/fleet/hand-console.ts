import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { FleetCommand, FleetReply, FleetRequest } from '@rovi/contract';
import { fleetLinkSchema, fleetReplySchema } from '@rovi/contract';
import { fleetSigner } from '@rovi/mqtt';
import type { FleetSigner } from '@rovi/mqtt';
import { connectAsync } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { until } from '../mqtt/broker.js';

/** An Ed25519 key of its own. */
export function newSigner(): FleetSigner {
  const { privateKey } = generateKeyPairSync('ed25519');
  return fleetSigner(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

/** What one request is about, but for what all have. */
export type Wish =
  | {
      readonly kind: 'ask';
      readonly command: FleetCommand;
      readonly reason: string;
      readonly offer_ms: number;
    }
  | { readonly kind: 'do'; readonly offer: string; readonly confirm: string | null }
  | { readonly kind: 'look' }
  | { readonly kind: 'operation'; readonly operation: string };

/** A console that speaks the protocol by hand: it can say what no well-behaved one would. */
export class HandConsole {
  readonly name: string;
  readonly signer: FleetSigner;
  readonly replies: FleetReply[] = [];
  readonly #client: MqttClient;
  readonly #prefix: string;
  readonly #there = new Set<string>();

  private constructor(client: MqttClient, name: string, prefix: string, signer: FleetSigner) {
    this.#client = client;
    this.name = name;
    this.signer = signer;
    this.#prefix = prefix;
  }

  static async join(url: string, prefix: string, signer = newSigner()): Promise<HandConsole> {
    const name = `hand-${randomUUID().slice(0, 8)}`;
    const client = await connectAsync(url, { protocolVersion: 5, clientId: name, clean: true });
    const console = new HandConsole(client, name, prefix, signer);
    client.on('message', (topic, payload) => {
      if (topic.endsWith('/link')) {
        const link = fleetLinkSchema.parse(JSON.parse(payload.toString('utf8')));
        if (link.online) console.#there.add(link.boot_id);
        return;
      }
      console.replies.push(fleetReplySchema.parse(JSON.parse(payload.toString('utf8'))));
    });
    await client.subscribeAsync([`${prefix}/+/reply/${name}`, `${prefix}/+/link`], { qos: 1 });
    return console;
  }

  /** Resolves when this run of a gateway has said that it is there: before that it may not hear requests. */
  async sees(bootId: string): Promise<void> {
    await until('its link', () => this.#there.has(bootId), 30_000);
  }

  /** A request as this console signs it. */
  request(robot: string, wish: Wish, behalf: FleetRequest['on_behalf'] = null): FleetRequest {
    return { robot, id: randomUUID(), on_behalf: behalf, ...wish };
  }

  /** Sends it, signed or as the text that is given. */
  async send(
    request: FleetRequest,
    more: {
      readonly text?: string;
      readonly signer?: FleetSigner;
      readonly to?: string;
      readonly responseTopic?: string;
      readonly retain?: boolean;
    } = {},
  ): Promise<void> {
    const payload = more.text ?? JSON.stringify((more.signer ?? this.signer).sign(request));
    await this.#client.publishAsync(`${this.#prefix}/${more.to ?? request.robot}/request`, payload, {
      qos: 1,
      retain: more.retain ?? false,
      properties: {
        responseTopic: more.responseTopic ?? `${this.#prefix}/${request.robot}/reply/${this.name}`,
        correlationData: Buffer.from(request.id),
      },
    });
  }

  /** The answers to a request so far. */
  to(request: FleetRequest): FleetReply[] {
    return this.replies.filter(({ id }) => id === request.id);
  }

  /** Sends it, and resolves with its first answer. */
  async call(request: FleetRequest, more: Parameters<HandConsole['send']>[1] = {}): Promise<FleetReply> {
    const before = this.to(request).length;
    await this.send(request, more);
    await until(`an answer to ${request.kind}`, () => this.to(request).length > before, 30_000);
    const [reply] = this.to(request).slice(before);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  /** Asks, and resolves with the request that would do it. */
  async offered(
    robot: string,
    command: FleetCommand,
    more: { readonly offerMs?: number; readonly behalf?: FleetRequest['on_behalf'] } = {},
  ): Promise<FleetRequest> {
    // A minute: only a story about what is late shall hang on how fast it is told.
    const { offerMs = 60_000, behalf = null } = more;
    const ask = this.request(robot, { kind: 'ask', command, reason: 'a test', offer_ms: offerMs }, behalf);
    const reply = await this.call(ask);
    if (reply.kind !== 'offer') throw new Error(`no offer: ${JSON.stringify(reply)}`);
    return this.request(robot, { kind: 'do', offer: reply.offer, confirm: null }, behalf);
  }

  async leave(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
