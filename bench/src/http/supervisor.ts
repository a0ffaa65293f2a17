import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import type { Robot } from '@rovi/testbed';
import type { AskedRequest, Place } from './asker.js';

/** Where tools/bench.sh unpacks Debian's package, in the repository. */
const UNPACKED = 'test-output/supervisor';
const UNIT = 'bench-supervisor.service';
const SOCKET = '/run/bench-supervisor.sock';
const PORT = 9001;

/** supervisord over its unix socket, and over TCP. */
export const SUPERVISOR_PLACES: Readonly<Record<'unix' | 'tcp', Place>> = {
  unix: { socketPath: SOCKET },
  tcp: { host: '127.0.0.1', port: PORT },
};

/** Nothing is watched for after a start, as `timeouts.settle: 0` asks of Rovi. */
function configuration(programs: readonly string[]): string {
  return `[supervisord]
nodaemon=true
user=root
logfile=/dev/null
logfile_maxbytes=0
pidfile=/run/bench-supervisor.pid
[unix_http_server]
file=${SOCKET}
[inet_http_server]
port=127.0.0.1:${PORT}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
${programs
  .map(
    (name) => `[program:${name}]
command=/usr/bin/sleep infinity
user=rovi
autostart=false
autorestart=false
startsecs=0
`,
  )
  .join('')}`;
}

/** The rival: Debian's supervisord, as a unit of the robot, with one `sleep` a program. */
export class Supervisor {
  readonly pid: number;
  readonly version: string;

  private constructor(pid: number, version: string) {
    this.pid = pid;
    this.version = version;
  }

  /** Throws where its package was not unpacked. */
  static async start(robot: Robot, programs: readonly string[]): Promise<Supervisor> {
    if (!existsSync(join(REPOSITORY, UNPACKED, 'usr/bin/supervisord'))) {
      throw new Error(`no supervisord in ${UNPACKED}: run \`npm run bench -- --http\``);
    }
    await robot.writeFile('/etc/bench-supervisor.conf', configuration(programs));
    const unpacked = `/opt/rovi-src/${UNPACKED}/usr`;
    const env = { PYTHONPATH: `${unpacked}/lib/python3/dist-packages` };
    const program = ['python3', `${unpacked}/bin/supervisord`];
    const version = (await robot.exec([...program, '--version'], { env })).stdout.trim();
    const unit = ['systemd-run', '--quiet', `--unit=${UNIT}`, `--setenv=PYTHONPATH=${env.PYTHONPATH}`];
    await robot.exec([...unit, '--', ...program, '-c', '/etc/bench-supervisor.conf']);
    await robot.waitFor(
      'supervisord listens',
      async () => (await robot.exec(['test', '-S', SOCKET], { check: false })).code === 0,
      30_000,
    );
    const { stdout } = await robot.exec(['systemctl', 'show', '--value', '-p', 'MainPID', UNIT]);
    return new Supervisor(Number(stdout), version);
  }

  /**
   * Resolves when every child has become its program. Until then a child is a Python that loses a SIGTERM, and a stop takes
   * 10 s.
   */
  async executed(robot: Robot): Promise<void> {
    await robot.waitFor("supervisord's child to be its program", async () => {
      const children = await readFile(robot.path(`/proc/${this.pid}/task/${this.pid}/children`), 'utf8');
      const pids = children.split(' ').filter(Boolean);
      const names = await Promise.all(pids.map((pid) => readFile(robot.path(`/proc/${pid}/comm`), 'utf8')));
      return names.every((name) => name.trim() === 'sleep');
    });
  }

  /** A call of its XML-RPC. */
  static call(place: Place, method: string, program?: string): AskedRequest {
    const value = (type: string, text: string): string =>
      `<param><value><${type}>${text}</${type}></value></param>`;
    // Name, and true: wait until it is done.
    const parameters = program === undefined ? '' : value('string', program) + value('boolean', '1');
    return {
      place,
      method: 'POST',
      path: '/RPC2',
      headers: { 'content-type': 'text/xml' },
      body: `<?xml version="1.0"?><methodCall><methodName>supervisor.${method}</methodName><params>${parameters}</params></methodCall>`,
    };
  }
}
