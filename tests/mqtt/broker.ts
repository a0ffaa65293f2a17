import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';

/** Resolves when the condition holds; throws with the text after the deadline. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A message as a subscriber had it. */
export interface Received {
  readonly topic: string;
  readonly qos: number;
  readonly retain: number;
  readonly payload: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Debian's mosquitto, a process of this test's own, on a port and in a folder of its own. */
export class Broker {
  readonly port: number;
  readonly folder: string;
  readonly #configuration: string;
  readonly #subscribers: Subscriber[] = [];
  #process: ChildProcess | null = null;
  log = '';

  private constructor(port: number, folder: string, configuration: string) {
    this.port = port;
    this.folder = folder;
    this.#configuration = configuration;
  }

  /** `lines` are of its configuration, in place of `allow_anonymous true`; `prepare` puts files where they name them. */
  static async start(
    options: {
      lines?: (folder: string) => readonly string[];
      prepare?: (folder: string) => Promise<void>;
    } = {},
  ): Promise<Broker> {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-mqtt-'));
    await options.prepare?.(folder);
    const port = await freePort();
    // Not a user of its own: it could not read the folder.
    const lines = [
      'user root',
      `listener ${String(port)} 127.0.0.1`,
      ...(options.lines?.(folder) ?? ['allow_anonymous true']),
    ];
    const broker = new Broker(port, folder, join(folder, 'mosquitto.conf'));
    await writeFile(broker.#configuration, `${lines.join('\n')}\n`);
    await broker.up();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${String(this.port)}`;
  }

  /** Starts it (again), at the same port; it remembers nothing. */
  async up(): Promise<void> {
    const child = spawn('/usr/sbin/mosquitto', ['-v', '-c', this.#configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    }
    await until('mosquitto to listen', async () => {
      if (child.exitCode !== null) throw new Error(`mosquitto ended: ${this.log}`);
      return listens(this.port);
    });
  }

  /** Ends it with this signal. */
  async down(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Signals the process: SIGSTOP makes a broker that hangs. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Listens to topics, as somebody else; resolves when the broker has subscribed it. */
  async subscribe(topics: readonly string[], more: readonly string[] = []): Promise<Subscriber> {
    const [program, ...words] = subscriberArgv(this.port, topics, more);
    const subscriber = new Subscriber(spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#subscribers.push(subscriber);
    await subscriber.ready();
    return subscriber;
  }

  /** Publishes as somebody else. */
  publish(topic: string, payload: string, more: readonly string[] = []): Promise<void> {
    // It does not read nothing from its input.
    return this.#publish(topic, payload, [...more, payload === '' ? '-n' : '-s']);
  }

  /** Publishes one message for each line, as fast as the broker takes them. */
  flood(topic: string, lines: readonly string[]): Promise<void> {
    return this.#publish(topic, `${lines.join('\n')}\n`, ['-l']);
  }

  async #publish(topic: string, input: string, more: readonly string[]): Promise<void> {
    const where = ['-h', '127.0.0.1', '-p', String(this.port), '-V', 'mqttv5', '-q', '1', '-t', topic];
    const child = spawn('mosquitto_pub', [...where, ...more], { stdio: ['pipe', 'ignore', 'inherit'] });
    // With nothing to read it may have ended before: its exit code says how it went.
    child.stdin.on('error', () => undefined).end(input);
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`mosquitto_pub ended with ${String(code)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const subscriber of this.#subscribers) subscriber.end();
    // One that is stopped does not end by SIGTERM.
    await this.down('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The command of a {@link Subscriber}. */
export function subscriberArgv(
  port: number,
  topics: readonly string[],
  more: readonly string[] = [],
): [string, ...string[]] {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-V', 'mqttv5', '-q', '1', '-d', ...more];
  const what = ['-F', 'MSG %j', ...topics.flatMap((topic) => ['-t', topic])];
  return ['stdbuf', '-oL', 'mosquitto_sub', ...where, ...what];
}

/** mosquitto_sub, with all that it has received. */
export class Subscriber {
  readonly received: Received[] = [];
  readonly #child: ChildProcess;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('MSG ')) {
          const message = JSON.parse(line.slice(4)) as Received;
          // An empty one, which clears a retained topic, has none.
          this.received.push({ ...message, payload: message.payload ?? '' });
        } else this.#said += `${line}\n`;
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** Resolves when the broker has acknowledged the subscription. */
  async ready(): Promise<void> {
    await until(
      'mosquitto_sub to be subscribed',
      () => {
        if (this.#child.exitCode !== null) throw new Error(`mosquitto_sub ended: ${this.#said}`);
        return this.#said.includes('Subscribed (mid:');
      },
      30_000,
    );
  }

  /** Payloads of one topic so far, parsed. */
  on(topic: string): Record<string, unknown>[] {
    return this.received
      .filter((message) => message.topic === topic && message.payload !== '')
      .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
  }

  /** Resolves with the topic's payloads when they are so. */
  async until(
    topic: string,
    what: string,
    holds: (payloads: Record<string, unknown>[]) => boolean,
    deadlineMs = 20_000,
  ): Promise<Record<string, unknown>[]> {
    try {
      await until(`${topic}: ${what}`, () => holds(this.on(topic)), deadlineMs);
    } catch (error) {
      throw new Error(`${String(error)}; had ${JSON.stringify(this.received.slice(-5))}`, { cause: error });
    }
    return this.on(topic);
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
