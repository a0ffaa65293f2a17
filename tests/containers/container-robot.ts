import { catalogSchema, GATEWAY_UNIT } from '@rovi/contract';
import { keepJournal, makeImage, Robot, setUpPodman } from '@rovi/testbed';
import { generate } from '@rovi/unitgen';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** Busybox, and a program that says what it does. */
export const IMAGE = 'localhost/box:1';
/** With Python, for what a shell cannot do. */
export const PYTHON = 'localhost/python:1';

/** Ends on SIGTERM; says a word on stdout and one on stderr when it begins, and one at its end. */
const STEADY = `#!/bin/sh
trap 'echo "good night"; exit 0' TERM
echo "good morning on stdout"
echo "good morning on stderr" >&2
while :; do sleep 0.1 & wait $!; done
`;

/** A process of a unit, as systemd's GetUnitProcesses lists it. */
export interface UnitProcess {
  readonly cgroup: string;
  readonly pid: number;
  readonly command: string;
}

/** One robot with Podman and two images for a file's tests, and what they ask of it. */
export class ContainerRobot {
  #robot: Robot | undefined;

  constructor(name: string) {
    beforeAll(async () => {
      this.#robot = await Robot.boot({ name });
      await setUpPodman(this.#robot);
      await makeImage(this.#robot, { name: IMAGE, files: { '/steady.sh': STEADY } });
      const { stdout } = await this.#robot.exec([
        'python3',
        '-c',
        'import os; print(os.path.dirname(os.__file__))',
      ]);
      await makeImage(this.#robot, { name: PYTHON, programs: ['python3'], paths: [stdout.trim()] });
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail' && this.#robot !== undefined)
        await keepJournal(this.#robot, task.name);
    });
    afterAll(async () => {
      await this.#robot?.shutdown();
    });
  }

  get robot(): Robot {
    if (this.#robot === undefined) throw new Error('the robot has not booted yet');
    return this.#robot;
  }

  /** Installs what is generated from a catalog with this service alone: its units, and the polkit rule for them. */
  async install(name: string, entry: Record<string, unknown>): Promise<void> {
    const catalog = catalogSchema.parse({
      version: 1,
      workspace: '/home/rovi/ws',
      env_file: '/home/rovi/ws/.env.robot',
      stacks: {},
      services: { [name]: { description: `Service ${name}`, ...entry } },
    });
    const files = generate(catalog).filter(({ install }) =>
      /\/rovi-.*@?\.service$|\.rules$|\.env$/.test(install ?? ''),
    );
    for (const { install, text } of files) {
      if (install !== undefined && !install.endsWith(GATEWAY_UNIT)) await this.robot.writeFile(install, text);
    }
    await this.robot.exec(['systemctl', 'daemon-reload']);
  }

  /** Starts a unit; throws with its journal if that fails. */
  async start(unit: string): Promise<void> {
    const { code, stderr } = await this.robot.exec(['systemctl', 'start', unit], { check: false });
    if (code !== 0) throw new Error(`${stderr}\n${await this.robot.journal(['-u', unit])}`);
  }

  /**
   * Resolves when the container's own program runs, and Podman has ended: to systemd the unit is up a moment before. With
   * the processes of that moment: ten times a second there is a child that has the program's name until it is a sleep.
   */
  runs(unit: string): Promise<UnitProcess[]> {
    return this.robot.waitFor(`the program of ${unit} alone`, async () => {
      const processes = await this.processes(unit);
      const named = processes.filter(({ command }) => command.includes('/steady.sh'));
      const alone = named.length === 1 && named.every(({ command }) => !/podman|conmon/.test(command));
      return alone ? processes : null;
    });
  }

  async property(unit: string, name: string): Promise<string> {
    return (await this.robot.exec(['systemctl', 'show', '--value', '--property', name, unit])).stdout.trim();
  }

  /** What systemd says belongs to the unit, over D-Bus. */
  async processes(unit: string): Promise<UnitProcess[]> {
    const manager = [
      'org.freedesktop.systemd1',
      '/org/freedesktop/systemd1',
      'org.freedesktop.systemd1.Manager',
    ];
    const argv = ['busctl', '--json=short', 'call', ...manager, 'GetUnitProcesses', 's', unit];
    const { data } = JSON.parse((await this.robot.exec(argv)).stdout) as {
      data: [[string, number, string][]];
    };
    return data[0].map(([cgroup, pid, command]) => ({ cgroup, pid, command }));
  }

  /** The PID on the robot of the container's first process. */
  async firstProcess(container: string): Promise<number> {
    const argv = ['podman', 'inspect', '--format', '{{.State.Pid}}', container];
    return Number((await this.robot.exec(argv)).stdout);
  }

  /** Every container that Podman knows, whatever its state. */
  async containers(): Promise<string[]> {
    const { stdout } = await this.robot.exec(['podman', 'ps', '--all', '--format', '{{.Names}}']);
    return stdout.split('\n').filter(Boolean).sort();
  }

  /** What is left of containers on a robot where none should run: processes, containers, networks, published ports. */
  async remains(): Promise<string[]> {
    const { stdout } = await this.robot.exec(['ps', '-eo', 'args=']);
    const processes = stdout.split('\n').filter((line) => /conmon|steady|httpd|sleep|^\S*podman/.test(line));
    const folders = await this.robot.exec(['ls', '/run/netns'], { check: false });
    const rules = await this.robot.exec(['iptables-save'], { check: false });
    return [
      ...processes,
      ...(await this.containers()),
      ...folders.stdout.split('\n').filter(Boolean),
      ...rules.stdout.split('\n').filter((line) => line.includes('--to-destination')),
    ];
  }

  /** The lines that a unit's own processes wrote: priority and text, in order. */
  async said(unit: string): Promise<{ priority: string; text: string; identifier: string; unit: string }[]> {
    await this.robot.exec(['journalctl', '--sync']);
    const argv = ['journalctl', '--quiet', '-o', 'json', `_SYSTEMD_UNIT=${unit}`];
    return (await this.robot.exec(argv)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, string>)
      .map((line) => ({
        priority: line['PRIORITY'] ?? '',
        text: line['MESSAGE'] ?? '',
        identifier: line['SYSLOG_IDENTIFIER'] ?? '',
        unit: line['_SYSTEMD_UNIT'] ?? '',
      }));
  }
}
