import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that lives in a unit's control group. */
export interface UnitProcess {
  readonly pid: number;
  readonly comm: string;
}

/** Where systemd's hierarchy is mounted: unified, hybrid and legacy layouts. */
const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** Deeper than systemd and container managers nest below one service. */
const MAX_DEPTH = 8;

/** Milliseconds that processes which have been killed may take to be gone. */
const PATIENCE_MS = 2_000;

/** The processes left in these control groups, in the end; null where they could not be looked at: no proof of anything. */
export async function processesLeft(
  groups: readonly string[],
  mounts: readonly string[] = MOUNTS,
): Promise<UnitProcess[] | null> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = groups.map((group) => processesIn(group, mounts));
    const seen = found.filter((processes) => processes !== null).flat();
    if (seen.length === 0) return found.includes(null) ? null : seen;
    if (performance.now() > until) return seen;
    await delay(50);
  }
}

/** The processes in a control group (systemd's `ControlGroup`) and below it; null where they cannot be seen. */
export function processesIn(group: string, mounts: readonly string[] = MOUNTS): UnitProcess[] | null {
  const mount = mounts.find((one) => existsSync(`${one}/init.scope`) || existsSync(`${one}/system.slice`));
  if (mount === undefined) return null;
  const pids = new Set<number>();
  try {
    collect(`${mount}${group}`, pids, 0);
  } catch {
    return null;
  }
  // 0 stands for a process of a PID namespace that cannot be seen from here.
  if (pids.has(0)) return null;
  return [...pids].sort((a, b) => a - b).map((pid) => ({ pid, comm: commOf(pid) }));
}

function collect(folder: string, pids: Set<number>, depth: number): void {
  try {
    for (const line of readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n')) {
      if (line !== '') pids.add(Number(line));
    }
    if (depth >= MAX_DEPTH) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) collect(`${folder}/${entry.name}`, pids, depth + 1);
    }
  } catch (error) {
    // ENOENT, or ENODEV on an open file: there is no such group, and it can only have been removed empty.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
  }
}

function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim();
  } catch {
    return '?';
  }
}
