import type { SupervisedService } from '@rovi/contract';
import { stringify } from 'yaml';
import { InstalledRobot } from '../installed-robot.js';

const SCRIPT = '/opt/story/held.sh';
/** Says that it is ready once nothing holds it, and ends once nothing slows it: so a story can act in the middle. */
const TEXT = `key="$ROVI_SERVICE-$ROVI_INSTANCE"
trap 'while test -e "/run/rovi/slow-$key"; do sleep 0.05; done; exit 0' TERM
if test -e "/run/rovi/bad-$key"; then sleep 0.05; exit 3; fi
while test -e "/run/rovi/hold-$key"; do sleep 0.05; done
systemd-notify --ready
while :; do sleep 1 & wait $!; done
`;

/** A service of {@link HeldServices}. */
export function held(more: object = {}): object {
  return {
    description: 'Is ready, and ends, when the story lets it',
    command: ['/bin/bash', SCRIPT],
    type: 'notify',
    restart: 'never',
    crash_loop: { starts: 100, window: 10 },
    timeouts: { start: 30, stop: 30 },
    ...more,
  };
}

/** Ten services that need one another, in eight waves: bus; a, b; c, d; e, f; g; h; top. */
export const TEN: Readonly<Record<string, object>> = {
  bus: held(),
  a: held({ requires: ['bus'] }),
  b: held({ requires: ['bus'] }),
  c: held({ requires: ['a'] }),
  d: held({ requires: ['a', 'b'] }),
  e: held({ requires: ['c'] }),
  f: held({ requires: ['d'], restart: 'unless-stopped' }),
  g: held({ requires: ['e'], wants: ['f'] }),
  h: held({ requires: ['g'] }),
  top: held({ requires: ['h', 'f'] }),
};

export const unit = (name: string): string => `rovi-${name}.service`;

/** A robot whose services a story can hold in the middle of what is done to them. */
export class HeldServices {
  readonly installed: InstalledRobot;

  constructor(name: string, services: Readonly<Record<string, object>>) {
    const catalog = {
      version: 1,
      workspace: '/home/rovi/ws',
      env_file: '/etc/rovi/.env.robot',
      ros: { face: false },
      stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
      services,
    };
    this.installed = new InstalledRobot(name, {
      catalog: stringify(catalog),
      prepare: (robot) => robot.writeFile(SCRIPT, TEXT),
    });
  }

  /** `hold-`, `slow-` or `bad-` with the service and its instance. */
  async set(...names: string[]): Promise<void> {
    for (const name of names) await this.installed.robot.writeFile(`/run/rovi/${name}`, '');
  }

  async clear(...names: string[]): Promise<void> {
    await this.installed.robot.exec(['rm', '-f', ...names.map((name) => `/run/rovi/${name}`)]);
  }

  /** Lets go of everything, and has all services at rest. */
  async rest(): Promise<void> {
    const { installed } = this;
    await installed.robot.shell('rm -f /run/rovi/{hold,slow,bad,sick}-*');
    for (const { name, maintenance } of (await installed.api.state()).services) {
      if (maintenance?.target === name) await installed.api.endMaintenance(name);
    }
    await installed.robot.shell(
      'systemctl list-units --plain --no-legend --all "rovi-*.service" | cut -d" " -f1 | grep -v gateway | xargs -r systemctl stop',
    );
    await installed.api.recover();
    await this.shown('all to be at rest', (all) => all.every(({ state }) => state === 'STOPPED'));
  }

  /** Resolves when the API shows the services so, with them. */
  shown(what: string, holds: (all: readonly SupervisedService[]) => boolean): Promise<SupervisedService[]> {
    return this.installed.robot.waitFor(
      what,
      async () => {
        const { services } = await this.installed.api.state();
        return holds(services) ? services : null;
      },
      30_000,
    );
  }

  async service(name: string): Promise<SupervisedService> {
    const { service } = await this.installed.api.service(name);
    if (service == null) throw new Error(`${name} is not shown`);
    return service;
  }

  /** What systemd itself says is not at rest, as `name:state`, sorted. */
  async systemd(): Promise<string[]> {
    const list = ['list-units', '--plain', '--no-legend', '--all', 'rovi-*.service'];
    const { stdout } = await this.installed.systemctl(list);
    return stdout
      .split('\n')
      .map((line) => line.split(/\s+/))
      .flatMap(([name = '', , state = '']) => {
        const short = name.replace(/^rovi-|\.service$/g, '');
        return ['', 'gateway'].includes(short) || state === 'inactive' ? [] : [`${short}:${state}`];
      })
      .sort();
  }

  /** The gateway is killed, and somebody starts it again: then all is known. */
  async killGateway(): Promise<void> {
    const { installed } = this;
    await installed.systemctl(['kill', '--signal=KILL', '--kill-whom=main', 'rovi-gateway']);
    await installed.waitForUnit('rovi-gateway.service', 'failed', 'inactive');
    await installed.robot.exec(['systemctl', 'start', 'rovi-gateway']);
    await this.known();
  }

  async loseBus(): Promise<void> {
    const { installed } = this;
    await installed.systemctl(['stop', 'dbus.socket']);
    await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
    // Before systemd knows of its end, a start would change nothing.
    await installed.waitForUnit('dbus.service', 'inactive', 'failed');
    await installed.robot.waitFor('the loss of the bus', async () =>
      (await installed.api.state()).bus.connected ? null : true,
    );
  }

  async findBus(): Promise<void> {
    await this.installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
    await this.known();
  }

  async known(): Promise<void> {
    await this.shown('all to be known', (all) => all.every(({ state }) => state !== 'UNKNOWN'));
  }
}
