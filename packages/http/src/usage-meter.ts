import type { Resources } from '@rovi/contract';

/** What a unit uses: of one core in per cent, and bytes; null where that is not known yet, or cannot be. */
export interface Usage {
  readonly cpu_percent: number | null;
  readonly memory_bytes: number | null;
}

interface Look {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly cpuSeconds: number | null;
}

interface Gauge {
  readonly invocation: string | null;
  /** What the percentage is counted from: at least {@link WINDOW_MS} older than what it is counted to. */
  base: Look | null;
  /** The next base, once it is old enough. */
  next: Look | null;
  looked: number;
  usage: Usage;
  /** The look under way: whoever asks meanwhile shares it. */
  looking: Promise<Usage> | null;
}

/** The shortest time that a percentage is taken over: figures of the kernel come in steps of up to 10 ms. */
const WINDOW_MS = 1_000;
/** What was looked at so long ago is taken for now: a look can cost milliseconds. */
const FRESH_MS = 400;
/** A base that is older says nothing about now. */
const STALE_MS = 30_000;

/**
 * CPU in per cent from two looks at what a unit has used. However many ask, and however often, a percentage is of at
 * least a second: the first who asks gets none, and has one a second later.
 */
export class UsageMeter {
  readonly #read: (unit: string) => Promise<Resources>;
  readonly #now: () => number;
  readonly #gauges = new Map<string, Gauge>();

  constructor(read: (unit: string) => Promise<Resources>, now: () => number = () => performance.now()) {
    this.#read = read;
    this.#now = now;
  }

  /** What this run of the unit uses now. Never rejects: what cannot be had is null. */
  async of(unit: string, invocation: string | null): Promise<Usage> {
    const known = this.#gauges.get(unit);
    const gauge = known?.invocation === invocation ? known : fresh(invocation);
    this.#gauges.set(unit, gauge);
    if (gauge.looking !== null) return gauge.looking;
    if (this.#now() - gauge.looked < FRESH_MS) return gauge.usage;
    gauge.looking = this.#look(unit, gauge);
    try {
      return await gauge.looking;
    } finally {
      gauge.looking = null;
    }
  }

  /** What these runs use together: the sum of what is known; null where nothing is. */
  async sum(runs: readonly { readonly unit: string; readonly invocation: string | null }[]): Promise<Usage> {
    const all = await Promise.all(runs.map(({ unit, invocation }) => this.of(unit, invocation)));
    return {
      cpu_percent: total(all.map((one) => one.cpu_percent)),
      memory_bytes: total(all.map((one) => one.memory_bytes)),
    };
  }

  async #look(unit: string, gauge: Gauge): Promise<Usage> {
    const found = await this.#read(unit).catch(() => ({ cpu_seconds: null, memory_bytes: null }));
    const look = { at: this.#now(), cpuSeconds: found.cpu_seconds };
    advance(gauge, look);
    gauge.looked = look.at;
    gauge.usage = { cpu_percent: percent(gauge.base, look), memory_bytes: found.memory_bytes };
    return gauge.usage;
  }
}

function total(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : Math.round(known.reduce((sum, one) => sum + one, 0) * 10) / 10;
}

function fresh(invocation: string | null): Gauge {
  return {
    invocation,
    base: null,
    next: null,
    looked: Number.NEGATIVE_INFINITY,
    usage: { cpu_percent: null, memory_bytes: null },
    looking: null,
  };
}

function advance(gauge: Gauge, look: Look): void {
  const { next } = gauge;
  // Summed over processes, the figure shrinks when one of them ends.
  const shrunk = (look.cpuSeconds ?? 0) < (next?.cpuSeconds ?? 0);
  if (next === null || shrunk || look.at - next.at > STALE_MS) {
    gauge.base = null;
    gauge.next = look;
  } else if (look.at - next.at >= WINDOW_MS) {
    gauge.base = next;
    gauge.next = look;
  }
}

function percent(base: Look | null, { at, cpuSeconds }: Look): number | null {
  if (base?.cpuSeconds == null || cpuSeconds === null) return null;
  const used = ((cpuSeconds - base.cpuSeconds) / ((at - base.at) / 1000)) * 100;
  return Math.round(used * 10) / 10;
}
