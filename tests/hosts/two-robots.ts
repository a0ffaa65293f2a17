import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CommandResult } from '@rovi/testbed';
import { beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { Running } from '../cli/rovictl.js';
import { InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';

const run = promisify(execFile);

/** Addresses of the cable between the two. */
export const HERE = '10.77.0.1';
export const THERE = '10.77.0.2';
/** What the second robot serves beside its socket. */
export const PORT = 8443;
const HOME = `/home/${OPERATOR}`;
const FOLDER = `${HOME}/.config/rovi`;

/** The shipped stacks, and a service that needs another. */
export const catalog = stringify({
  ...(parse(shippedCatalog()) as object),
  ros: { face: false },
  http: {
    listen: [
      { address: '127.0.0.1', port: 8080 },
      {
        address: '0.0.0.0',
        port: PORT,
        tls: { certificate: '/etc/rovi/tls/robot.pem', key: '/etc/rovi/tls/robot.key' },
      },
    ],
    names: ['there'],
  },
  services: {
    bus: {
      description: 'What the web needs',
      command: ['/bin/sh', '-c', 'echo bus is up; exec sleep infinity'],
    },
    web: {
      description: 'Pages',
      requires: ['bus'],
      command: [
        '/usr/bin/python3',
        '-u',
        '-m',
        'http.server',
        '8099',
        '--bind',
        '127.0.0.1',
        '--directory',
        '/usr/share/doc',
      ],
      ports: [{ name: 'web', port: 8099 }],
      // A machine that is shared needs seconds until Python listens: until then it is neither well nor unwell.
      health: [{ probe: { type: 'http', port: 'web', path: '/' }, interval: 2, start_period: 6 }],
    },
  },
});

const CERTIFICATE = `set -e
mkdir -p /etc/rovi/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=there \
  -addext subjectAltName=DNS:there -out /etc/rovi/tls/robot.pem -keyout /etc/rovi/tls/robot.key 2>/dev/null
chmod 644 /etc/rovi/tls/robot.pem /etc/rovi/tls/robot.key`;

/** sshd as Debian ships it, with keys of this robot's own. */
export const SSHD = `set -e
rm -f /etc/ssh/ssh_host_*
ssh-keygen -q -A
systemctl start ssh.service`;

/**
 * Two robots with Rovi and the same catalog, joined by a cable; sshd and TLS on the second. The operator of the first
 * has an account on both, a key, the known host, a token, and an inventory with every kind of address.
 */
export class TwoRobots {
  readonly here: InstalledRobot;
  readonly there: InstalledRobot;
  /** Of the second robot, an operator's. */
  token = '';

  constructor(name: string) {
    this.here = new InstalledRobot(`${name}-here`, {
      catalog,
      prepare: async (robot) => void (await robot.shell(CERTIFICATE)),
    });
    this.there = new InstalledRobot(`${name}-there`, {
      catalog,
      prepare: async (robot) => void (await robot.shell(CERTIFICATE)),
    });
    beforeAll(async () => {
      await this.#plug();
      await this.there.robot.shell(SSHD);
      await this.#acquaint();
    });
  }

  /** `rovictl` on the first robot, as its operator. */
  rovictl(
    argv: readonly string[],
    options: { user?: string; env?: Record<string, string> } = {},
  ): Promise<CommandResult> {
    return this.here.rovictl(argv, { user: OPERATOR, timeoutMs: 100_000, ...options });
  }

  /** The same, still running. */
  start(argv: readonly string[]): Running {
    const child = this.here.robot.spawn(['rovictl', ...argv], {
      user: OPERATOR,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Running(child);
  }

  /** A script of the operator's on the first robot. */
  async script(text: string): Promise<string> {
    return (await this.here.robot.exec(['bash', '-ec', text], { user: OPERATOR })).stdout;
  }

  /** Takes the cable out, or puts it back; then it carries when this resolves: the kernel takes a moment for that. */
  async cable(state: 'up' | 'down'): Promise<void> {
    await this.there.robot.exec(['ip', 'link', 'set', 'cable', state]);
    if (state === 'down') return;
    // Whoever refuses a connection has been reached.
    const touch = ['timeout', '2', 'bash', '-c', `: < /dev/tcp/${THERE}/9`];
    await this.here.robot.waitFor('the cable to carry', async () => {
      const { stderr } = await this.here.robot.exec(touch, { check: false });
      return stderr.includes('refused') ? true : null;
    });
  }

  async #plug(): Promise<void> {
    const [here, there] = [this.here.robot, this.there.robot];
    await run('nsenter', [
      ...['--target', String(here.leader), '--net', 'ip', 'link', 'add', 'cable', 'type', 'veth'],
      ...['peer', 'name', 'cable', 'netns', String(there.leader)],
    ]);
    for (const [robot, address] of [
      [here, HERE],
      [there, THERE],
    ] as const) {
      await robot.exec(['ip', 'address', 'add', `${address}/24`, 'dev', 'cable']);
      await robot.exec(['ip', 'link', 'set', 'cable', 'up']);
    }
    await here.shell(`echo '${THERE} there' >> /etc/hosts`);
  }

  async #acquaint(): Promise<void> {
    await this.script(`umask 077
mkdir -p ~/.ssh ${FOLDER}
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519`);
    // Its patience is 5 s for a cable that has just been plugged in, and a machine with other things to do.
    await this.here.robot.waitFor('the host key', async () => {
      await this.script('ssh-keyscan -t ed25519 there > ~/.ssh/known_hosts 2>/dev/null || true');
      return (await this.script('cat ~/.ssh/known_hosts')).includes('ssh-ed25519');
    });
    const key = await this.here.robot.readFile(`${HOME}/.ssh/id_ed25519.pub`);
    await this.there.robot.shell(`set -e
install -d -m 700 -o ${OPERATOR} -g ${OPERATOR} ${HOME}/.ssh
usermod -p '*' ${OPERATOR}`);
    await this.there.robot.writeFile(`${HOME}/.ssh/authorized_keys`, key, { mode: '0600', owner: OPERATOR });
    const made = await this.there.rovictl(['token', 'create', '--role', 'operator', '--name', 'afar']);
    this.token = made.stdout.trim();
    const owner = `${OPERATOR}:${OPERATOR}`;
    await this.here.robot.writeFile(`${FOLDER}/token`, `${this.token}\n`, { mode: '0600', owner });
    const certificate = await this.there.robot.readFile('/etc/rovi/tls/robot.pem');
    await this.here.robot.writeFile(`${FOLDER}/there.pem`, certificate, { owner });
    const web = ['--token-file', `${FOLDER}/token`, '--ca-file', `${FOLDER}/there.pem`];
    for (const words of [
      ['over-ssh', 'ssh://there', '--label', 'yard'],
      ['over-https', `https://there:${String(PORT)}`, ...web],
      ['over-unix', `unix://${HOME}/there.sock`],
    ]) {
      const added = await this.rovictl(['host', 'add', ...words]);
      if (added.code !== 0) throw new Error(added.stderr);
    }
    // What somebody does who forwards the socket with ssh by hand.
    this.here.robot.spawn(
      [
        'ssh',
        '-N',
        '-o',
        'StreamLocalBindUnlink=yes',
        '-L',
        `${HOME}/there.sock:/run/rovi/conductor.sock`,
        'there',
      ],
      {
        user: OPERATOR,
        stdio: 'ignore',
      },
    );
    await this.here.robot.waitFor(
      'the forwarded socket',
      async () =>
        (await this.here.robot.exec(['test', '-S', `${HOME}/there.sock`], { check: false })).code === 0,
    );
  }
}
