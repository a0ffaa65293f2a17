import { readFile, readdir } from 'node:fs/promises';
import type { Robot } from '@rovi/testbed';

/** The gateway's main process and cgroup, as systemd names them. */
export interface DaemonPlace {
  readonly pid: number;
  readonly controlGroup: string;
}

export async function daemonPlace(robot: Robot): Promise<DaemonPlace> {
  const properties = await show(robot, ['MainPID', 'ControlGroup']);
  return { pid: Number(properties.get('MainPID')), controlGroup: properties.get('ControlGroup') ?? '' };
}

/** Properties of the gateway's unit. */
export async function show(robot: Robot, names: readonly string[]): Promise<Map<string, string>> {
  const { stdout } = await robot.exec(['systemctl', 'show', 'rovi-gateway.service', '-p', names.join(',')]);
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [name = '', ...value] = line.split('=');
        return [name, value.join('=')];
      }),
  );
}

/** Milliseconds of CPU that the unit has used, all its processes together, those that have ended included. */
export async function cgroupCpuMs(robot: Robot, { controlGroup }: DaemonPlace): Promise<number> {
  const text = await readFile(robot.path(`/sys/fs/cgroup${controlGroup}/cpu.stat`), 'utf8');
  const usage = /^usage_usec (\d+)$/m.exec(text)?.[1];
  if (usage === undefined) throw new Error(`no usage in ${controlGroup}/cpu.stat`);
  return Number(usage) / 1000;
}

/** Milliseconds of CPU of one living process, all its threads together. */
export async function processCpuMs(robot: Pick<Robot, 'path'>, pid: number): Promise<number> {
  const folder = robot.path(`/proc/${pid}/task`);
  const threads = await readdir(folder);
  const texts = await Promise.all(threads.map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8')));
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
}

/** Proportional set size in MiB. */
export async function pssMiB(robot: Pick<Robot, 'path'>, pid: number): Promise<number> {
  const text = await readFile(robot.path(`/proc/${pid}/smaps_rollup`), 'utf8');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}

/** The PIDs, in the robot, of every process whose command line has this word. */
export async function pidsOf(robot: Robot, word: string): Promise<number[]> {
  const { stdout } = await robot.exec(['pgrep', '-f', '--', word], { check: false });
  return stdout.split('\n').filter(Boolean).map(Number);
}
