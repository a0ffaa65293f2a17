import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PATHS, stackUnit } from '@rovi/contract';
import { RoviClient } from '@rovi/client';
import { installRovi, REPOSITORY, Robot, setStack } from '@rovi/testbed';
import { catalogOf, fillerName, NODES, TRIVIAL_BODY } from '../bench-catalog.js';
import { settle } from '../bench-robot.js';
import { daemonPlace } from '../daemon-figures.js';
import type { DaemonPlace } from '../daemon-figures.js';
import { Ear } from '../ear.js';
import { Hand } from '../hand.js';
import { Asker } from './asker-client.js';
import type { AskedRequest, Place } from './asker.js';
import { Supervisor } from './supervisor.js';

/** The stack whose status is asked for: a launch (stand-in) and two nodes. */
export const ASKED = 'nav';
/** The stacks that are started and stopped: one `sleep` without Rovi's hardening, and a generated unit as it is. */
export const COMMANDED = { trivial: 'trivial', generated: 'generated' } as const;

/** The gateway over its unix socket, and over TCP. */
export const GATEWAY_PLACES: Readonly<Record<'unix' | 'tcp', Place>> = {
  unix: { socketPath: PATHS.socket },
  tcp: { host: '127.0.0.1', port: 8080 },
};

/** A robot with Rovi installed for `size` stacks, a supervisord of as many programs, and what asks both. */
export class HttpBenchRobot {
  readonly size: number;
  readonly robot: Robot;
  readonly asker: Asker;
  readonly hand: Hand;
  readonly ear: Ear;
  readonly gateway: DaemonPlace;
  readonly supervisor: Supervisor;

  private constructor(parts: {
    readonly size: number;
    readonly robot: Robot;
    readonly asker: Asker;
    readonly hand: Hand;
    readonly ear: Ear;
    readonly gateway: DaemonPlace;
    readonly supervisor: Supervisor;
  }) {
    this.size = parts.size;
    this.robot = parts.robot;
    this.asker = parts.asker;
    this.hand = parts.hand;
    this.ear = parts.ear;
    this.gateway = parts.gateway;
    this.supervisor = parts.supervisor;
  }

  /** Boots, installs, and resolves when the gateway answers over TCP too. */
  static async boot(size: number): Promise<HttpBenchRobot> {
    const environment = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
    const workspace = /^ROVI_ROS_WS_DIR=(\S+)$/m.exec(environment)?.[1];
    if (workspace === undefined) throw new Error('env/.env.robot names no workspace');
    const robot = await Robot.boot({ name: `bench-http-${size}` });
    try {
      const { trivial, generated } = COMMANDED;
      const measured = [
        [ASKED, NODES],
        [trivial, []],
        [generated, []],
      ] as const;
      await installRovi(robot, { catalog: catalogOf(measured, size, workspace) });
      await setStack(robot, generated, { nodes: NODES.map((name) => ({ name })) });
      await robot.writeFile(`/etc/systemd/system/${stackUnit(trivial)}.d/bench.conf`, TRIVIAL_BODY);
      await robot.exec(['systemctl', 'daemon-reload']);
      const fillers = Array.from({ length: size - measured.length }, (_, index) => fillerName(index));
      const supervisor = await Supervisor.start(robot, [...measured.map(([name]) => name), ...fillers]);
      const socketPath = robot.path(PATHS.socket);
      const ear = await robot.waitFor('the gateway answers', () => Ear.open(socketPath), 30_000);
      const asker = new Asker(robot);
      const health = { place: GATEWAY_PLACES.tcp, method: 'GET', path: '/api/health' } as const;
      await robot.waitFor(
        'the gateway answers over TCP',
        async () => (await asker.ask(health)).status === 200,
        30_000,
      );
      const hand = new Hand(robot, 'rovi');
      await hand.checkClock();
      const gateway = await daemonPlace(robot);
      return new HttpBenchRobot({ size, robot, asker, hand, ear, gateway, supervisor });
    } catch (error) {
      await robot.shutdown();
      throw error;
    }
  }

  get client(): RoviClient {
    return new RoviClient({ socketPath: this.robot.path(PATHS.socket), actor: 'bench', face: 'cli' });
  }

  /** The catalog's units, all of them. */
  get units(): readonly string[] {
    const fillers = Array.from({ length: this.size - 3 }, (_, index) => fillerName(index));
    return [ASKED, ...Object.values(COMMANDED), ...fillers].map(stackUnit);
  }

  /** The text of a new viewer's token. */
  async token(name: string): Promise<string> {
    const words = ['rovictl', 'token', 'create', '--role', 'viewer', '--name', name];
    const { stdout } = await this.robot.exec(words);
    const token = /rovi_\S+/.exec(stdout)?.[0];
    if (token === undefined) throw new Error('rovictl printed no token');
    return token;
  }

  /** A status request to the gateway. */
  get(transport: 'unix' | 'tcp', path: string, headers: Record<string, string> = {}): AskedRequest {
    return { place: GATEWAY_PLACES[transport], method: 'GET', path, headers };
  }

  /** Waits until the conductor shows the stack running with so many processes; then lets it come to rest. */
  async settleUp(stack: string, processes: number): Promise<void> {
    await this.ear.until(
      stack,
      `RUNNING with ${processes} processes`,
      (seen) => seen.state === 'RUNNING' && seen.processes.length >= processes,
    );
    await settle();
  }

  /** Waits until the conductor shows the stack ended and its cgroup empty; then lets the robot come to rest. */
  async settleDown(stack: string): Promise<void> {
    await this.ear.until(
      stack,
      'an end',
      (seen) => ['STOPPED', 'FAILED'].includes(seen.state) && seen.processes.length === 0,
    );
    await settle();
  }

  /** Disconnects what measures and takes the robot down. */
  async shutdown(): Promise<void> {
    this.ear.close();
    await Promise.allSettled([this.asker.close(), this.hand.close()]);
    await this.robot.shutdown();
  }
}
