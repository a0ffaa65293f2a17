import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REPOSITORY } from '@rovi/testbed';
import { expect } from 'vitest';
import { until } from '../ros/ros-programs.js';

/** What base.py tells of itself: that it heard a velocity, or stopped because it heard none. */
export interface Told {
  readonly event: 'ready' | 'twist' | 'timeout' | 'stale';
  /** m/s. */
  readonly x: number;
  readonly y: number;
  /** Of a stamped one; seconds. */
  readonly frame?: string;
  readonly age?: number;
  /** Metres that it has come in all. */
  readonly come: number;
  /** Milliseconds, of {@link now}. */
  readonly at: number;
}

/** Milliseconds on the clock that all processes of this machine share, those of robots too: CLOCK_MONOTONIC. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

export const isZero = ({ x, y }: Told): boolean => x === 0 && y === 0;

/** The base of base.py, in another process: what it was told by ROS, and when. */
export class ToldBase {
  readonly told: Told[] = [];
  readonly child: ChildProcess;

  constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error('no output');
    this.child = child;
    createInterface(child.stdout).on('line', (line) => this.told.push(JSON.parse(line) as Told));
  }

  /** Resolves when it is in the graph. */
  ready(): Promise<void> {
    return until('the base', () => this.told.length > 0, 60_000);
  }

  /** All velocities since that time. */
  twists(from: number): Told[] {
    return this.told.filter(({ event, at }) => event === 'twist' && at >= from);
  }

  /** Those that are no zeros. */
  moves(from: number): Told[] {
    return this.twists(from).filter((one) => !isZero(one));
  }

  /** Whether it has stopped by itself since then. */
  timedOut(from: number): boolean {
    return this.told.some(({ event, at }) => event === 'timeout' && at >= from);
  }

  /** Resolves when it has been told to move so many times since then. */
  async moving(from: number, times = 4): Promise<void> {
    await until('the base to move', () => this.moves(from).length >= times);
  }

  /** The first zero after that time, and nothing that moves after it; milliseconds from then. */
  async firstZero(from: number): Promise<number> {
    const zeros = () => this.twists(from).filter(isZero).length;
    await until('zeros at the base', () => zeros() >= 3, 30_000);
    const all = this.twists(from);
    const first = all.findIndex(isZero);
    expect(all.slice(first).every(isZero)).toBe(true);
    return (all[first]?.at ?? Infinity) - from;
  }
}

/** Figures by what they say, told at the end and kept in test-output. */
export class Figures {
  readonly #values: Record<string, number[]> = {};

  add(what: string, ...values: number[]): void {
    (this.#values[what] ??= []).push(...values);
  }

  /** The largest there is. */
  worst(what: string): number {
    return Math.max(...(this.#values[what] ?? [NaN]));
  }

  count(what: string): number {
    return this.#values[what]?.length ?? 0;
  }

  /** Writes them to test-output/`name`.json. */
  async keep(name: string): Promise<void> {
    const rows = Object.entries(this.#values).map(([what, values]) => {
      const sorted = values.toSorted((a, b) => a - b).map((value) => Math.round(value * 10) / 10);
      return { what, count: sorted.length, median: sorted[sorted.length >> 1], worst: sorted.at(-1) };
    });
    if (rows.length === 0) return;
    process.stdout.write(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
    await mkdir(join(REPOSITORY, 'test-output'), { recursive: true });
    await writeFile(join(REPOSITORY, `test-output/${name}.json`), JSON.stringify(rows, undefined, 2));
  }
}
