import type { InstalledRobot } from '../installed-robot.js';
import { STACKS, unitOf } from './five-stacks.js';

/** What can be said of a stack by systemd and the kernel alone. */
export interface StackFacts {
  readonly stack: string;
  readonly active_state: string;
  readonly sub_state: string;
  readonly main_pid: number | null;
  /** PIDs as the robot numbers them, in order. */
  readonly processes: readonly number[];
}

/** As the conductor shows it. */
export async function shownState({ api }: InstalledRobot): Promise<StackFacts[]> {
  const { stacks } = await api.state();
  return stacks.map(({ name, unit, processes }) => ({
    stack: name,
    active_state: unit.active_state,
    sub_state: unit.sub_state,
    main_pid: unit.main_pid,
    processes: processes.map(({ pid }) => pid).sort((one, other) => one - other),
  }));
}

/** As systemd and the kernel say, past the conductor. */
export async function trueState({ robot }: InstalledRobot): Promise<StackFacts[]> {
  const argv = ['systemctl', 'show', '--property=Id,ActiveState,SubState,MainPID', ...STACKS.map(unitOf)];
  const { stdout } = await robot.exec(argv);
  const { stdout: groups } = await robot.shell(
    STACKS.map(
      (stack) => `echo ${stack} $(cat /sys/fs/cgroup/system.slice/${unitOf(stack)}/cgroup.procs)`,
    ).join('\n') + ' 2>/dev/null; true',
  );
  const units = stdout.trim().split('\n\n').map(fieldsOf);
  const processes = new Map(
    groups
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([stack = '', ...pids]) => [stack, pids.map(Number).sort((one, other) => one - other)]),
  );
  return STACKS.map((stack) => {
    const unit = units.find((fields) => fields.get('Id') === unitOf(stack));
    return {
      stack,
      active_state: unit?.get('ActiveState') ?? '',
      sub_state: unit?.get('SubState') ?? '',
      main_pid: Number(unit?.get('MainPID')) || null,
      processes: processes.get(stack) ?? [],
    };
  });
}

const fieldsOf = (block: string) =>
  new Map(block.split('\n').map((line) => line.split('=', 2) as [string, string]));
