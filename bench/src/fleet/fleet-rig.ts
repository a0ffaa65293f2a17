import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { FleetBroker } from './broker.js';
import type { ConsoleOrder } from './console.js';
import { Crowd } from './crowd.js';
import { FleetChild } from './fleet-child.js';
import { FleetFollower } from './follower.js';
import { waitUntil } from './wait-until.js';

/** A broker, a console and the robots of one fleet, which are not connected yet. */
export class FleetRig {
  readonly folder: string;
  readonly names: readonly string[];
  readonly broker: FleetBroker;
  readonly crowd: Crowd;
  readonly client: RoviClient;
  readonly socketPath: string;
  #console: FleetChild | null = null;

  private constructor(folder: string, broker: FleetBroker, crowd: Crowd) {
    this.folder = folder;
    this.names = crowd.names;
    this.broker = broker;
    this.crowd = crowd;
    this.socketPath = join(folder, 'conductor.sock');
    this.client = new RoviClient({ socketPath: this.socketPath, actor: 'bench', face: 'cli' });
  }

  /** Resolves when the console has the broker, which has nothing. */
  static async start(robots: number, processes: number): Promise<FleetRig> {
    // A socket's path may not be long: not below the repository.
    const folder = mkdtempSync(join(tmpdir(), 'rovi-fleet-'));
    const names = Array.from({ length: robots }, (_, index) => `robot-${String(index + 1).padStart(4, '0')}`);
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(join(folder, 'fleet.key'), pem, { mode: 0o600 });
    const broker = await FleetBroker.prepare(folder, names);
    const rig = new FleetRig(folder, broker, new Crowd(names, processes));
    try {
      await broker.up(false);
      await rig.startConsole();
      await waitUntil('the console to have the broker', 10_000, async () => {
        const { broker: seen, key } = await rig.client.fleet.status();
        return seen.connected && key !== null;
      });
    } catch (error) {
      await rig.end();
      throw error;
    }
    return rig;
  }

  get consolePid(): number {
    if (this.#console === null) throw new Error('there is no console');
    return this.#console.pid;
  }

  /** A new process; resolves when it answers, whether or not it has the broker. */
  async startConsole(): Promise<void> {
    await this.endConsole();
    this.#console = new FleetChild('./console.js', ['--expose-gc']);
    const { address: broker, passwordFile } = this.broker;
    const { folder, socketPath } = this;
    const order: ConsoleOrder = {
      kind: 'start',
      broker,
      passwordFile,
      keyFile: join(folder, 'fleet.key'),
      folder,
      socketPath,
    };
    await this.#console.ask(order);
  }

  /** Lets the console collect its garbage; resolves with the MiB that it holds then. */
  async collect(): Promise<number> {
    const order: ConsoleOrder = { kind: 'collect' };
    if (this.#console === null) throw new Error('there is no console');
    return (await this.#console.ask<{ heldMiB: number }>(order)).heldMiB;
  }

  /** Kills it. */
  async endConsole(): Promise<void> {
    await this.#console?.end();
    this.#console = null;
  }

  /** Lets all robots begin to connect. */
  async startRobots(heartbeatS: number): Promise<void> {
    const { address: broker, passwordFile } = this.broker;
    await this.crowd.start({ broker, passwordFile, keyFile: join(this.folder, 'fleet.key'), heartbeatS });
  }

  follow(): FleetFollower {
    return FleetFollower.follow(this.client);
  }

  /** Ends all of its processes and removes its files. */
  async end(): Promise<void> {
    await Promise.all([this.crowd.end(), this.endConsole(), this.broker.kill()]);
    this.clear();
  }

  /** Removes its files. */
  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
