import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from './wait-until.js';

const run = promisify(execFile);
const SECRET = 'bench-secret';

/** What each may do, as docs/fleet-protocol.md has it; robots by a pattern. */
const ACCESS = `
user office
topic read fleet/+/state
topic read fleet/+/link
topic read fleet/+/reply/office-console
topic write fleet/+/request
user watcher
topic read $SYS/#
topic read fleet/#

pattern write fleet/%u/#
pattern read fleet/%u/request
`;

/** Totals since the broker began, and what it has now. */
export interface BrokerFigures {
  /** Of any kind. */
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly droppedMessages: number;
  readonly retained: number;
  readonly connected: number;
}

const TOPICS: Readonly<Record<keyof BrokerFigures, string>> = {
  // Of publications it does not count those that come by MQTT 5.
  receivedPackets: '$SYS/broker/messages/received',
  sentPackets: '$SYS/broker/messages/sent',
  receivedBytes: '$SYS/broker/bytes/received',
  sentBytes: '$SYS/broker/bytes/sent',
  droppedMessages: '$SYS/broker/publish/messages/dropped',
  retained: '$SYS/broker/retained messages/count',
  connected: '$SYS/broker/clients/connected',
};

/** Debian's mosquitto with users, passwords and an access list; a process of the bench, which ends with it. */
export class FleetBroker {
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Prepares it for these robots, in a folder that is there and empty; it is not started. */
  static async prepare(folder: string, robots: readonly string[]): Promise<FleetBroker> {
    const users = join(folder, 'users');
    await writeFile(users, [...robots, 'office', 'watcher'].map((name) => `${name}:${SECRET}\n`).join(''));
    await run('mosquitto_passwd', ['-U', users]);
    await writeFile(join(folder, 'access'), ACCESS);
    await writeFile(join(folder, 'password'), `${SECRET}\n`, { mode: 0o600 });
    return new FleetBroker(folder, await freePort());
  }

  get address(): string {
    return `mqtt://127.0.0.1:${String(this.#port)}`;
  }

  /** Everybody's. */
  get passwordFile(): string {
    return join(this.#folder, 'password');
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('mosquitto does not run');
    return pid;
  }

  /** Resolves when it listens. */
  async up(persistence: boolean): Promise<void> {
    const file = join(this.#folder, 'mosquitto.conf');
    const lines = [
      'user root',
      `listener ${String(this.#port)} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${join(this.#folder, 'users')}`,
      `acl_file ${join(this.#folder, 'access')}`,
      'sys_interval 1',
      'log_dest none',
      ...(persistence ? ['persistence true', `persistence_location ${this.#folder}/`] : []),
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    // It dies with the bench, also where that is killed.
    const start = 'ulimit -n "$(ulimit -H -n)" && exec setpriv --pdeathsig KILL -- mosquitto -c "$1"';
    const child = spawn('sh', ['-c', start, 'sh', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    this.#process = child;
    await waitUntil('mosquitto to listen', 10_000, async () => {
      if (child.exitCode !== null) throw new Error(`mosquitto ended: ${said}`);
      return listens(this.#port);
    });
  }

  /** Ends it as a crash does. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Lets it write down what it keeps. */
  async save(): Promise<void> {
    process.kill(this.pid, 'SIGUSR1');
    const { stat } = await import('node:fs/promises');
    const asked = Date.now();
    await waitUntil('mosquitto to save', 10_000, async () => {
      const file = await stat(join(this.#folder, 'mosquitto.db')).catch(() => null);
      return file !== null && file.mtimeMs >= asked - 1_000;
    });
  }

  /** What it says of itself; some seconds old at most; takes a second. */
  async figures(): Promise<BrokerFigures> {
    const topics = Object.values(TOPICS);
    const words = ['-F', '%t=%p', '-W', '1', ...topics.flatMap((topic) => ['-t', topic])];
    // It ends with an error after its second, whatever it has had.
    const { stdout } = await run('mosquitto_sub', [...this.#watcher(), ...words]).catch(
      (error: unknown) => error as { stdout: string },
    );
    const said = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line): [string, number] => {
          const at = line.lastIndexOf('=');
          return [line.slice(0, at), Number(line.slice(at + 1))];
        }),
    );
    const figure = (name: keyof BrokerFigures): number => said.get(TOPICS[name]) ?? Number.NaN;
    return {
      receivedPackets: figure('receivedPackets'),
      sentPackets: figure('sentPackets'),
      receivedBytes: figure('receivedBytes'),
      sentBytes: figure('sentBytes'),
      droppedMessages: figure('droppedMessages'),
      retained: figure('retained'),
      connected: figure('connected'),
    };
  }

  /** A plain subscriber, whole program: resolves when it has so many reports, with how many it has had. */
  async subscribeStates(count: number): Promise<number> {
    const words = ['-t', 'fleet/+/state', '-C', String(count), '-W', '30', '-F', '%t'];
    const { stdout } = await run('mosquitto_sub', [...this.#watcher(), ...words]).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout.trim().split('\n').length;
  }

  #watcher(): string[] {
    return ['-h', '127.0.0.1', '-p', String(this.#port), '-V', 'mqttv5', '-u', 'watcher', '-P', SECRET];
  }
}

/** A port of this machine that nothing listens at. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
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
