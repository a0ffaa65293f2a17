/** One process list for the stand-in launch of every generated stack. */
export const NODES = ['bench_node_1', 'bench_node_2'] as const;

/** The stack whose nodes are killed one after the other; the last one keeps the launch alive. */
export const MORTALS = Array.from({ length: 8 }, (_, index) => `mortal_node_${index + 1}`);

/** The stacks that are measured; all others only make the catalog large. */
export const STACKS = {
  /** A generated unit as it is, no process expected: complete as soon as systemd says started. */
  generated: { stack: 'generated', other: 'generated_b', processes: [] },
  /** The same with its processes expected: complete when they are there. */
  whole: { stack: 'whole', processes: NODES },
  /** A generated unit whose body is one `sleep`: what is left is systemd and us. */
  trivial: { stack: 'trivial', other: 'trivial_b', processes: [] },
  /** The same with its one process expected. */
  watched: { stack: 'watched', processes: ['sleep'] },
  mortal: { stack: 'mortal', processes: MORTALS },
} as const;

/** Units whose body is replaced by {@link TRIVIAL_BODY}. */
export const TRIVIAL_STACKS = ['trivial', 'trivial_b', 'watched'] as const;

/**
 * Drop-in: no runner, no shell, no stop-post, and none of the hardening for which systemd compiles a system call filter
 * or sets up a mount namespace at every start: that would be most of the time. Started when it has been executed.
 */
export const TRIVIAL_BODY = `[Service]
Type=exec
ExecStart=
ExecStart=/usr/bin/sleep infinity
ExecStopPost=
SystemCallFilter=
SystemCallArchitectures=
RestrictAddressFamilies=
RestrictNamespaces=no
RestrictSUIDSGID=no
LockPersonality=no
ProtectHostname=no
ProtectKernelLogs=no
ProtectKernelModules=no
ProtectControlGroups=no
ProtectSystem=no
`;

/** A catalog of `size` stacks whose start limit never bites, and whose starts are not watched on: that is time by the catalog. */
export function benchCatalog(size: number, workspace: string): string {
  const measured: [string, readonly string[]][] = [
    ['generated', []],
    ['generated_b', []],
    ['whole', NODES],
    ['trivial', []],
    ['trivial_b', []],
    ['watched', ['sleep']],
    ['mortal', MORTALS],
  ];
  return catalogOf(measured, size, workspace);
}

/** The name of the filler at this place, the first at 0. */
export function fillerName(index: number): string {
  return `filler_${String(index + 1).padStart(4, '0')}`;
}

/** A catalog of `size` stacks: these, each with the processes it is expected to have, and fillers of two nodes. */
export function catalogOf(
  measured: readonly (readonly [string, readonly string[]])[],
  size: number,
  workspace: string,
): string {
  const fillers = Array.from({ length: size - measured.length }, (_, index): [string, readonly string[]] => [
    fillerName(index),
    NODES,
  ]);
  const stacks = [...measured, ...fillers].map(
    ([name, processes]) => `  ${name}:
    description: Bench stack ${name}
    launch:
      package: rovi_bringup
      file: rovi.launch.py
      arguments: { robot_mode: real, gateway_enabled: false, stack: ${name}, rviz: false }
    processes: [${processes.join(', ')}]
    timeouts: { settle: 0 }
    start_limit: { interval: 1, burst: 10000 }
`,
  );
  return `version: 1
robot: bench
workspace: ${workspace}
env_file: /etc/rovi/.env.robot
stacks:
${stacks.join('')}`;
}
