import type { ServiceStatus } from '@rovi/contract';

/** Samples kept of each unit: two minutes at one each two seconds. */
export const KEPT_SAMPLES = 60;

/** What a unit used at one moment; null where it was not known. */
export interface Sample {
  /** Milliseconds on the page's clock. */
  readonly at: number;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
}

/** The units with their figures as last read, and what each used before. */
export interface Figures {
  readonly services: readonly ServiceStatus[];
  readonly history: ReadonlyMap<string, readonly Sample[]>;
  readonly readAt: number;
}

/** The figures with one more reading. Another run of a unit begins a new history: the old one's use says nothing of it. */
export function read(before: Figures | null, services: readonly ServiceStatus[], at: number): Figures {
  const history = new Map<string, readonly Sample[]>();
  for (const one of services) {
    const last = before?.services.find(({ name }) => name === one.name);
    const kept = last?.invocation_id === one.invocation_id ? (before?.history.get(one.name) ?? []) : [];
    const sample = { at, cpuPercent: one.cpu_percent, memoryBytes: one.memory_bytes };
    history.set(one.name, [...kept, sample].slice(-KEPT_SAMPLES));
  }
  return { services, history, readAt: at };
}
