import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { PATHS } from '@rovi/contract';
import type { SupervisedService } from '@rovi/contract';
import { installRovi, REPOSITORY, Robot } from '@rovi/testbed';
import { Hand } from '../hand.js';
import { ASKED_PORTS, GRAPH, serviceCatalog } from './service-catalog.js';

/** The units of all services, needed ones first. */
export const GRAPH_UNITS: readonly string[] = GRAPH.map(({ name }) => `rovi-${name}.service`);
/** What a plain `systemctl start` is given for the graph: wants each of them, and is reached when all are up. */
export const GRAPH_TARGET = 'bench-graph.target';

/** A robot with Rovi installed for the graph of services, and what commands it. */
export class ServicesBenchRobot {
  readonly robot: Robot;
  /** Programs as root, and as the account that the conductor runs as: of that one systemd asks polkit. */
  readonly root: Hand;
  readonly rovi: Hand;

  private constructor(robot: Robot, root: Hand, rovi: Hand) {
    this.robot = robot;
    this.root = root;
    this.rovi = rovi;
  }

  /** Boots, installs, and resolves when the gateway knows all services. `checked`: with their health checks. */
  static async boot(checked: boolean): Promise<ServicesBenchRobot> {
    const environment = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
    const workspace = /^ROVI_ROS_WS_DIR=(\S+)$/m.exec(environment)?.[1];
    if (workspace === undefined) throw new Error('env/.env.robot names no workspace');
    const robot = await Robot.boot({ name: checked ? 'bench-checked' : 'bench-graph' });
    try {
      await installRovi(robot, { catalog: serviceCatalog({ checked, workspace }) });
      const wants = GRAPH_UNITS.map((unit) => `Wants=${unit}\n`).join('');
      await robot.writeFile(`/etc/systemd/system/${GRAPH_TARGET}`, `[Unit]\n${wants}`);
      const { tcp, http } = ASKED_PORTS;
      const asked = ['node', '/opt/rovi-src/bench/dist/services/asked.js', String(tcp), String(http)];
      await robot.exec(['systemctl', 'daemon-reload']);
      await robot.exec(['systemd-run', '--unit=bench-asked', ...asked]);
      const bench = new ServicesBenchRobot(robot, new Hand(robot, 'root'), new Hand(robot, 'rovi'));
      await bench.root.checkClock();
      await bench.until('every service to be known', ({ state }) => state !== 'UNKNOWN');
      return bench;
    } catch (error) {
      await robot.shutdown();
      throw error;
    }
  }

  get client(): RoviClient {
    return new RoviClient({ socketPath: this.robot.path(PATHS.socket), actor: 'bench', face: 'cli' });
  }

  /** Resolves when the gateway shows every service so. */
  async until(what: string, holds: (service: SupervisedService) => boolean): Promise<void> {
    await this.robot.waitFor(
      what,
      async () => {
        const services = await this.client.state().then(
          (state) => state.services,
          () => [],
        );
        return services.length === GRAPH.length && services.every(holds);
      },
      60_000,
    );
  }

  /** Stops the graph, and resolves when the gateway shows it. */
  async stopAll(): Promise<void> {
    await this.root.run(['systemctl', 'stop', GRAPH_TARGET, ...GRAPH_UNITS]);
    await this.until('every service to be stopped', ({ state }) => state === 'STOPPED');
  }

  /** Disconnects what measures and takes the robot down. */
  async shutdown(): Promise<void> {
    await Promise.allSettled([this.root.close(), this.rovi.close()]);
    await this.robot.shutdown();
  }
}
