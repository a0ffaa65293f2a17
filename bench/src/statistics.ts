/** A sample in the figures that are published of it. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly p5: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** The quantile `q` (0 to 1) of sorted values, interpolated between neighbours. */
export function quantile(sorted: readonly number[], q: number): number {
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    n: sorted.length,
    median: quantile(sorted, 0.5),
    p5: quantile(sorted, 0.05),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
  };
}

export function median(values: readonly number[]): number {
  return summarize(values).median;
}

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the medians of several samples: a figure made from them, with a bootstrap interval (2000 resamples). */
export function estimate(
  samples: readonly (readonly number[])[],
  of: (...medians: number[]) => number,
): Estimate {
  const again = Array.from({ length: 2000 }, () =>
    of(...samples.map((sample) => median(sample.map(() => anyOf(sample))))),
  ).sort((a, b) => a - b);
  return { value: of(...samples.map(median)), low: quantile(again, 0.025), high: quantile(again, 0.975) };
}

/** The same items in a random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function anyOf(sample: readonly number[]): number {
  return sample[Math.floor(Math.random() * sample.length)] ?? Number.NaN;
}
