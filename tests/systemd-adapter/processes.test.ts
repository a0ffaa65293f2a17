import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from './inside.js';
import { installUnits } from './units.js';

const listed = `
  const manager = new adapter.DbusUnitManager({ logger: adapter.silentLogger });
  const told = new Map();
  await manager.start(['many.service', 'stubborn.service', 'secret.service'], (event) => {
    if (event.kind === 'processes') told.set(event.unit, event.processes);
  });
  for (const unit of ['many.service', 'stubborn.service', 'secret.service', 'nowhere.service']) {
    answer[unit] = await manager.listProcesses(unit, options);
    answer[unit + ' resources'] = await manager.resources(unit);
    answer[unit + ' told'] = told.get(unit) ?? null;
  }
  await manager.stop();
`;

interface Listed {
  readonly pid: number;
  readonly comm: string;
  readonly names: readonly string[];
}

describe('processes and figures, as an unprivileged user sees them', () => {
  let robot: Robot;
  let answers: Record<string, unknown>;
  const processes = (key: string): Listed[] => answers[key] as Listed[];

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-processes' });
    await robot.addUser('stranger');
    await installUnits(robot);
    await robot.writeFile(
      '/etc/systemd/system/secret.service',
      "[Service]\nExecStart=/bin/bash -c 'exec sleep 1000 1 # password=hunter2'\n",
    );
    // By their names: a shell's child is a shell for a moment.
    const running = (unit: string, ...names: string[]) =>
      robot.waitFor(`${names.join()} of ${unit}`, async () => {
        const folder = `/sys/fs/cgroup/system.slice/${unit}.service`;
        const script = `for one in $(cat ${folder}/cgroup.procs); do cat /proc/$one/comm; done`;
        const { stdout } = await robot.shell(script);
        return stdout.trim().split('\n').sort().join() === names.join();
      });
    await robot.shell('systemctl daemon-reload; systemctl start many stubborn secret');
    await running('stubborn', 'sleep', 'sleep');
    await robot.exec(['systemctl', 'stop', 'stubborn']);
    await running('many', 'bash', 'planner_server', 'sleep');
    answers = await inside(robot, 'stranger', listed);
  });
  afterAll(() => robot.shutdown());

  it('lists every process with the names it may be known by', () => {
    const names = processes('many.service').map((process) => process.names);
    expect(names).toContainEqual(['bash', 'many.sh']);
    expect(names).toContainEqual(['planner_server']);
    expect(names).toContainEqual(['sleep']);
    expect(processes('many.service told')).toEqual(processes('many.service'));
  });

  it('sees what an inactive unit left behind, and tells of it', () => {
    expect(processes('stubborn.service').map(({ comm }) => comm)).toEqual(['sleep']);
    expect(processes('stubborn.service told').map(({ comm }) => comm)).toEqual(['sleep']);
  });

  it('a process that is hidden from us is not taken for gone', async () => {
    const hidden = await inside(robot, 'stranger', listed, ['ProtectProc=invisible']);
    const unknown = processes('many.service').map(({ pid }) => ({ pid, comm: '?', names: [] }));
    expect(unknown).toHaveLength(3);
    expect(hidden['many.service']).toEqual(unknown);
    expect(hidden['many.service told']).toEqual(unknown);
    expect((hidden['stubborn.service told'] as Listed[]).map(({ comm }) => comm)).toEqual(['?']);
  });

  it('a unit that does not exist has none', () => {
    expect(answers['nowhere.service']).toEqual([]);
    expect(answers['nowhere.service resources']).toEqual({
      cpu_seconds: null,
      memory_bytes: null,
      source: 'none',
    });
  });

  it('gives figures, summed over processes where the kernel keeps none', () => {
    const figures = answers['many.service resources'] as {
      cpu_seconds: number;
      memory_bytes: number;
      source: string;
    };
    expect(figures.cpu_seconds).toBeGreaterThanOrEqual(0);
    expect(figures.memory_bytes).toBeGreaterThan(100_000);
    expect(['cgroup', 'processes']).toContain(figures.source);
  });

  it('no command line gets out', () => {
    expect(JSON.stringify(answers)).not.toMatch(/hunter2|1000|\/opt|\/bin/);
  });
});
