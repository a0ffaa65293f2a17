import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CommandResult } from '@rovi/testbed';
import { beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { Running } from '../cli/rovictl.js';
import { InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';
import { SSHD } from './two-robots.js';

const run = promisify(execFile);

const PORT = 8443;
const HOME = `/home/${OPERATOR}`;
const FOLDER = `${HOME}/.config/rovi`;

/** The robots besides the one that commands, each on a network of its own. */
export const others = ['dock', 'hall', 'yard'] as const;
export type Other = (typeof others)[number];

/** Where this file is, the service answers its checks with an error from its next start on. */
const BAD = '/opt/bad-web';

/** Until this file is, what is held is being started. */
const GO = '/opt/go';

/** As long as a story may hold a start. */
const HELD = { start: 90 };

/** A robot's catalog: the shipped stacks, and a service whose health can be spoilt. */
const catalog = stringify({
  ...(parse(shippedCatalog()) as object),
  ros: { face: false },
  http: {
    listen: [
      {
        address: '0.0.0.0',
        port: PORT,
        tls: { certificate: '/etc/rovi/tls/robot.pem', key: '/etc/rovi/tls/robot.key' },
      },
    ],
    names: others,
  },
  services: {
    bus: { description: 'What the web needs', command: ['/bin/sleep', 'infinity'], timeouts: HELD },
    pool: { description: 'Workers', command: ['/bin/sleep', 'infinity'], instances: { min: 2, max: 2 } },
    web: {
      description: 'Pages',
      requires: ['bus'],
      command: [
        '/bin/sh',
        '-c',
        `cd /usr/share/doc; [ ! -e ${BAD} ] || cd /; exec /usr/bin/python3 -u -m http.server 8099 --bind 127.0.0.1`,
      ],
      ports: [{ name: 'web', port: 8099 }],
      // A machine that is shared needs seconds until Python listens: until then it is neither well nor unwell.
      health: [{ probe: { type: 'http', port: 'web', path: '/base-files/' }, interval: 1, start_period: 6 }],
      timeouts: HELD,
    },
  },
});

const CERTIFICATE = `set -e
mkdir -p /etc/rovi/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=robot \
  -addext subjectAltName=${others.map((name) => `DNS:${name}`).join(',')} \
  -out /etc/rovi/tls/robot.pem -keyout /etc/rovi/tls/robot.key 2>/dev/null
chmod 644 /etc/rovi/tls/robot.pem /etc/rovi/tls/robot.key`;

/**
 * Four robots with one catalog: `here`, whose operator commands, and three others on networks of their own, each reached
 * another way: yard by ssh, hall by https, dock by a socket that is forwarded by hand.
 */
export class ManyRobots {
  readonly here: InstalledRobot;
  readonly there: Readonly<Record<Other, InstalledRobot>>;

  constructor(name: string) {
    const robot = (which: string): InstalledRobot =>
      new InstalledRobot(`${name}-${which}`, {
        catalog,
        prepare: async (one) => void (await one.shell(CERTIFICATE)),
      });
    this.here = robot('here');
    this.there = { dock: robot('dock'), hall: robot('hall'), yard: robot('yard') };
    beforeAll(async () => {
      await this.script(`umask 077
mkdir -p ~/.ssh ${FOLDER}
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519`);
      await Promise.all(others.map((other, index) => this.#plug(other, `10.77.${String(index + 1)}`)));
      await this.#acquaint();
    });
  }

  /** All four, the commanding one by the name of this machine. */
  get all(): readonly (readonly [string, InstalledRobot])[] {
    return [['local', this.here], ...others.map((name) => [name, this.there[name]] as const)];
  }

  /** `rovictl` on the first robot, as its operator, without a terminal. */
  rovictl(argv: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
    return this.here.rovictl(argv, { user: OPERATOR, timeoutMs: 100_000, env });
  }

  /** The same, still running. */
  start(argv: readonly string[]): Running {
    const child = this.here.robot.spawn(['rovictl', ...argv], {
      user: OPERATOR,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Running(child);
  }

  /** The same at a terminal of this size; both its streams come as stdout. */
  startOnTerminal(argv: readonly string[]): Running {
    const command = `stty cols 100 rows 30; exec rovictl ${argv.join(' ')}`;
    const child = this.here.robot.spawn(
      ['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null'],
      { user: OPERATOR, env: { TERM: 'xterm-256color' }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    return new Running(child);
  }

  /** A script of the operator's on the first robot. */
  async script(text: string): Promise<string> {
    return (await this.here.robot.exec(['bash', '-ec', text], { user: OPERATOR })).stdout;
  }

  /** The run of a unit on each robot: what tells that it was not touched. */
  async runs(unit: string): Promise<Record<string, string>> {
    const found = await Promise.all(
      this.all.map(async ([name, robot]) => [name, await robot.property(unit, 'InvocationID')] as const),
    );
    return Object.fromEntries(found);
  }

  /** Takes the cable of a robot out, or puts it back; then it carries when this resolves. */
  async cable(other: Other, state: 'up' | 'down'): Promise<void> {
    await this.there[other].robot.exec(['ip', 'link', 'set', 'cable', state]);
    if (state === 'down') return;
    // Whoever refuses a connection has been reached.
    const touch = ['timeout', '2', 'bash', '-c', `: < /dev/tcp/${other}/9`];
    await this.here.robot.waitFor('the cable to carry', async () => {
      const { stderr } = await this.here.robot.exec(touch, { check: false });
      return stderr.includes('refused') ? true : null;
    });
  }

  /** From its next start on the service of this robot fails its check, or passes it again. */
  async spoil(other: Other, bad: boolean): Promise<void> {
    await this.there[other].robot.exec(bad ? ['touch', BAD] : ['rm', '-f', BAD]);
  }

  /** From now on a unit of this robot is being started until it is let go. */
  async hold(other: Other, unit: string): Promise<void> {
    const { robot } = this.there[other];
    await robot.exec(['rm', '-f', GO]);
    const text = `[Service]\nExecStartPre=/bin/sh -c 'until [ -e ${GO} ]; do sleep 0.1; done'\n`;
    await robot.writeFile(`/run/systemd/system/${unit}.d/held.conf`, text);
    await this.there[other].systemctl(['daemon-reload']);
  }

  /** What is held on this robot goes on, and nothing is held any more. */
  async letGo(other: Other): Promise<void> {
    await this.there[other].robot.exec(['touch', GO]);
  }

  async #plug(other: Other, network: string): Promise<void> {
    const [here, there] = [this.here.robot, this.there[other].robot];
    await run('nsenter', [
      ...['--target', String(here.leader), '--net', 'ip', 'link', 'add', `to-${other}`, 'type', 'veth'],
      ...['peer', 'name', 'cable', 'netns', String(there.leader)],
    ]);
    for (const [robot, device, address] of [
      [here, `to-${other}`, `${network}.1`],
      [there, 'cable', `${network}.2`],
    ] as const) {
      await robot.exec(['ip', 'address', 'add', `${address}/24`, 'dev', device]);
      await robot.exec(['ip', 'link', 'set', device, 'up']);
    }
    await here.shell(`echo '${network}.2 ${other}' >> /etc/hosts`);
    const key = await here.readFile(`${HOME}/.ssh/id_ed25519.pub`);
    await there.shell(`${SSHD}
install -d -m 700 -o ${OPERATOR} -g ${OPERATOR} ${HOME}/.ssh
usermod -p '*' ${OPERATOR}`);
    await there.writeFile(`${HOME}/.ssh/authorized_keys`, key, { mode: '0600', owner: OPERATOR });
  }

  async #acquaint(): Promise<void> {
    const owner = `${OPERATOR}:${OPERATOR}`;
    // Its patience is 5 s for cables that have just been plugged in, and a machine with other things to do.
    await this.here.robot.waitFor('the host keys', async () => {
      await this.script(
        `ssh-keyscan -t ed25519 ${others.join(' ')} > ~/.ssh/known_hosts 2>/dev/null || true`,
      );
      const known = await this.script('cat ~/.ssh/known_hosts');
      return others.every((other) => known.includes(`${other} ssh-ed25519`));
    });
    const { hall } = this.there;
    const made = await hall.rovictl(['token', 'create', '--role', 'operator', '--name', 'afar']);
    await this.here.robot.writeFile(`${FOLDER}/token`, made.stdout, { mode: '0600', owner });
    const certificate = await hall.robot.readFile('/etc/rovi/tls/robot.pem');
    await this.here.robot.writeFile(`${FOLDER}/hall.pem`, certificate, { owner });
    this.here.robot.spawn(
      [
        ...['ssh', '-N', '-o', 'StreamLocalBindUnlink=yes'],
        ...['-L', `${HOME}/dock.sock:/run/rovi/conductor.sock`, 'dock'],
      ],
      { user: OPERATOR, stdio: 'ignore' },
    );
    const forwarded = ['test', '-S', `${HOME}/dock.sock`];
    await this.here.robot.waitFor(
      'the forwarded socket',
      async () => (await this.here.robot.exec(forwarded, { check: false })).code === 0,
    );
    const web = ['--token-file', `${FOLDER}/token`, '--ca-file', `${FOLDER}/hall.pem`];
    for (const words of [
      ['yard', 'ssh://yard', '--label', 'outdoor'],
      ['hall', `https://hall:${String(PORT)}`, ...web, '--label', 'indoor'],
      ['dock', `unix://${HOME}/dock.sock`, '--label', 'indoor'],
    ]) {
      const added = await this.rovictl(['host', 'add', ...words]);
      if (added.code !== 0) throw new Error(added.stderr);
    }
  }
}
