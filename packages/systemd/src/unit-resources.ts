import type { Resources } from '@rovi/contract';
import type { CgroupTree } from './cgroup-tree.js';
import type { ProcFiles } from './proc-files.js';

/**
 * What the control group uses: by the kernel's accounting of the group where it keeps one, else summed over the
 * processes that live now (time used by those that have ended is then missing).
 */
export function unitResources(cgroups: CgroupTree, proc: ProcFiles, group: string): Resources {
  if (!cgroups.exists(group)) return { cpu_seconds: null, memory_bytes: null, source: 'none' };
  const cpu = cgroups.cpuSeconds(group);
  const memory = cgroups.memoryBytes(group);
  if (cpu !== null && memory !== null) return { cpu_seconds: cpu, memory_bytes: memory, source: 'cgroup' };
  const pids = cgroups.pids(group) ?? [];
  const cpuSeconds = cpu ?? sum(pids.map((pid) => proc.cpuSeconds(pid)));
  const memoryBytes = memory ?? sum(pids.map((pid) => proc.memoryBytes(pid)));
  const source = cpuSeconds === null && memoryBytes === null ? 'none' : 'processes';
  return { cpu_seconds: cpuSeconds, memory_bytes: memoryBytes, source };
}

/** Null only where no figure is known: a process that ended while we looked uses nothing any more. */
function sum(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}
