import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import type { FleetRobot } from '@rovi/contract';
import { fleetSigner } from '@rovi/mqtt';
import { beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';

const run = promisify(execFile);

export const names = ['alpha', 'bravo', 'carla'] as const;
export type Name = (typeof names)[number];

/** Seconds after which the broker takes a robot for lost is one and a half of this. */
const KEEPALIVE = 5;
const HEARTBEAT = 5;
const PASSWORD = '/etc/rovi/mqtt-password';
const KEY = '/etc/rovi/fleet.key';

/** What each robot may, and the console: as docs/fleet.md has it. */
const ACCESS = [
  ...names.flatMap((name) => [
    `user ${name}`,
    `topic write fleet/${name}/#`,
    `topic read fleet/${name}/request`,
    `topic readwrite own/${name}/#`,
  ]),
  'user office',
  'topic read fleet/+/state',
  'topic read fleet/+/link',
  'topic read fleet/+/reply/rovi-office-console',
  'topic write fleet/+/request',
  'topic readwrite rovi/#',
].join('\n');

const BROKER = ['user root', 'listener 1883 0.0.0.0', 'allow_anonymous false', 'password_file /etc/story/users', 'acl_file /etc/story/access']; // prettier-ignore

/**
 * An office with a broker and a gateway that shows the fleet, and three robots on networks of their own that know nobody
 * but the office.
 */
export class FleetRobots {
  readonly office: InstalledRobot;
  readonly robots: Readonly<Record<Name, InstalledRobot>>;
  /** The key that the robots know, as PEM. */
  readonly pem: string;

  constructor(story: string) {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const { key } = fleetSigner(this.pem);
    this.office = new InstalledRobot(`${story}-office`, {
      catalog: stringify({
        ...(parse(shippedCatalog()) as object),
        robot: 'office',
        ros: { face: false },
        mqtt: {
          broker: 'mqtt://127.0.0.1:1883',
          username: 'office',
          password_file: PASSWORD,
          fleet: { member: false, observe: true, key_file: KEY },
        },
      }),
      furnish: (installed) => this.#furnishOffice(installed),
    });
    const robot = (name: Name): InstalledRobot =>
      new InstalledRobot(`${story}-${name}`, {
        catalog: stringify({
          ...(parse(shippedCatalog()) as object),
          robot: name,
          ros: { face: false },
          services: {
            web: {
              description: 'Pages',
              command: ['/usr/bin/python3', '-u', '-m', 'http.server', '8099', '--bind', '127.0.0.1'],
            },
          },
          mqtt: {
            broker: 'mqtt://broker:1883',
            prefix: `own/${name}`,
            username: name,
            password_file: PASSWORD,
            keepalive: KEEPALIVE,
            fleet: { heartbeat: HEARTBEAT, operators: [{ name: 'office', key }] },
          },
        }),
        furnish: (installed) => withPassword(installed, name),
      });
    this.robots = { alpha: robot('alpha'), bravo: robot('bravo'), carla: robot('carla') };
    beforeAll(async () => {
      await this.brokerUp();
      await Promise.all(names.map((name, index) => this.#plug(name, `10.78.${String(index + 1)}`)));
      // Nobody waits for the next attempt.
      const all = [this.office, ...Object.values(this.robots)];
      await Promise.all(all.map((one) => one.systemctl(['restart', 'rovi-gateway.service'])));
      await this.settled();
    });
  }

  /** Resolves when the office shows all robots as online, as they now are. */
  async settled(): Promise<void> {
    await this.office.robot.waitFor(
      'the whole fleet',
      async () => {
        const { robots } = await this.office.api.fleet.status();
        const there = robots.filter(({ presence, report }) => presence === 'online' && report !== null);
        return there.length === names.length;
      },
      60_000,
    );
  }

  /** How the office shows a robot. */
  async shown(name: Name): Promise<FleetRobot | undefined> {
    return (await this.office.api.fleet.status()).robots.find(({ robot }) => robot === name);
  }

  /** Starts the broker; it remembers nothing. */
  async brokerUp(): Promise<void> {
    const { robot } = this.office;
    const unit = ['--unit=broker', '--collect', '--quiet'];
    await robot.exec(['systemd-run', ...unit, '/usr/sbin/mosquitto', '-c', '/etc/story/mosquitto.conf']);
    await robot.waitFor('the broker to listen', async () => {
      const { stdout } = await robot.exec(['ss', '-Hltn', 'sport = 1883']);
      return stdout.includes(':1883');
    });
  }

  async brokerKilled(): Promise<void> {
    const { robot } = this.office;
    await robot.exec(['systemctl', 'kill', '--signal=KILL', 'broker']);
    // Not before its unit is gone too can it be started again.
    await robot.waitFor(
      'the broker to be gone',
      async () => (await this.office.property('broker.service', 'LoadState')) === 'not-found',
    );
  }

  /** Takes the cable of a robot out, or puts it back. */
  async cable(name: Name, state: 'up' | 'down'): Promise<void> {
    await this.robots[name].robot.exec(['ip', 'link', 'set', 'cable', state]);
  }

  async #furnishOffice(installed: InstalledRobot): Promise<void> {
    const { robot } = installed;
    await robot.writeFile('/etc/story/mosquitto.conf', `${BROKER.join('\n')}\n`);
    await robot.writeFile('/etc/story/access', `${ACCESS}\n`);
    const words = [...names, 'office', 'stranger'].map(
      (name, index) =>
        `mosquitto_passwd -b ${index === 0 ? '-c ' : ''}/etc/story/users ${name} ${name}-secret`,
    );
    await robot.shell(`set -e; ${words.join('; ')}`);
    await robot.writeFile(KEY, this.pem, { mode: '0640', owner: 'root:rovi' });
    await withPassword(installed, 'office');
  }

  async #plug(name: Name, network: string): Promise<void> {
    const [office, there] = [this.office.robot, this.robots[name].robot];
    await run('nsenter', [
      ...['--target', String(office.leader), '--net', 'ip', 'link', 'add', `to-${name}`, 'type', 'veth'],
      ...['peer', 'name', 'cable', 'netns', String(there.leader)],
    ]);
    for (const [robot, device, address] of [
      [office, `to-${name}`, `${network}.1`],
      [there, 'cable', `${network}.2`],
    ] as const) {
      await robot.exec(['ip', 'address', 'add', `${address}/24`, 'dev', device]);
      await robot.exec(['ip', 'link', 'set', device, 'up']);
    }
    await there.shell(`echo '${network}.1 broker' >> /etc/hosts`);
  }
}

async function withPassword({ robot }: InstalledRobot, name: string): Promise<void> {
  await robot.writeFile(PASSWORD, `${name}-secret\n`, { mode: '0640', owner: 'root:rovi' });
}
