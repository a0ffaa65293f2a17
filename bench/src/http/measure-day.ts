import { LineProcess } from '../line-process.js';
import { monotonicMs } from '../monotonic.js';
import type { AskedRequest } from './asker.js';
import { Crowd } from './crowd.js';
import type { DayCounts } from './day.js';
import type { HttpBenchRobot } from './http-bench-robot.js';

/** Memory after one simulated hour more, in MiB, after a collection of garbage. */
export interface HourFigures {
  readonly hour: number;
  readonly heapMiB: number;
  readonly rssMiB: number;
}

/** A simulated day. */
export interface DayFigures {
  readonly counts: DayCounts;
  /** How many listened all the time, and how many came and went, and asked, each hour. */
  readonly listeners: number;
  readonly visitors: number;
  readonly requests: number;
  readonly realSeconds: number;
  /** From hour 0, before anything happened. */
  readonly hours: readonly HourFigures[];
}

/** Half of them by WebSocket, half by server-sent events. */
const LISTENERS = 6;
const VISITORS = 10;
/** Asked each hour, each so often. */
const ASKED_EACH_HOUR = 10;
const PATHS_ASKED = [
  '/api/state',
  '/api/services/list',
  '/api/stacks/nav',
  '/api/graph',
  '/api/timeline',
  '/api/operations',
  '/api/impact?command=start&stack=nav',
  '/metrics',
  '/openapi.json',
  '/api/stacks/nowhere',
];
/** Simulated seconds after which everybody must have heard everything: less than what may wait for a slow client. */
const STRETCH_SECONDS = 60;

/** Lets so many simulated hours pass as fast as they will. Throws where a listener misses an event. */
export async function measureDay(
  { robot, asker }: HttpBenchRobot,
  hours: number,
  progress: (text: string) => void,
): Promise<DayFigures> {
  const program = ['node', '--expose-gc', '/opt/rovi-src/bench/dist/http/day.js'];
  const day = new LineProcess(robot, program, 'root');
  const { socketPath } = await day.ask<{ socketPath: string }>({ folder: true });
  const crowd = new Crowd(robot);
  await crowd.open('websocket', LISTENERS / 2, socketPath);
  await crowd.open('sse', LISTENERS / 2, socketPath);
  const visit = async (): Promise<void> => {
    const visitors = new Crowd(robot);
    await visitors.open('websocket', VISITORS / 2, socketPath);
    await visitors.open('sse', VISITORS / 2, socketPath);
    for (let again = 0; again < ASKED_EACH_HOUR; again += 1) {
      for (const path of PATHS_ASKED) {
        const request: AskedRequest = { place: { socketPath }, method: 'GET', path };
        const { status } = await asker.ask(request);
        if (status !== (path.endsWith('/nowhere') ? 404 : 200)) throw new Error(`${path}: ${status}`);
      }
    }
    await visitors.close();
  };
  const measure = async (hour: number): Promise<HourFigures> => {
    const { heap, rss } = await day.ask<{ heap: number; rss: number }>({ measure: true });
    return { hour, heapMiB: heap / 2 ** 20, rssMiB: rss / 2 ** 20 };
  };
  const begin = monotonicMs();
  const figures = [await measure(0)];
  let counts: DayCounts = { seq: 0, changes: 0, events: 0, operations: 0 };
  for (let hour = 1; hour <= hours; hour += 1) {
    for (let passed = 0; passed < 3600; passed += STRETCH_SECONDS) {
      counts = await day.ask<DayCounts>({ run: STRETCH_SECONDS });
      await crowd.reach(counts.seq);
    }
    await visit();
    figures.push(await measure(hour));
    if (hour % 6 === 0) progress(`hour ${hour}: ${counts.changes} changes, ${counts.events} events`);
  }
  const realSeconds = (monotonicMs() - begin) / 1000;
  await crowd.close();
  await day.close();
  const requests = ASKED_EACH_HOUR * PATHS_ASKED.length;
  return { counts, listeners: LISTENERS, visitors: VISITORS, requests, realSeconds, hours: figures };
}

/** MiB by which a straight line through the hours from the first to the last rises in 24 hours. */
export function growthMiB(hours: readonly HourFigures[], of: 'heapMiB' | 'rssMiB'): number {
  const points = hours.filter(({ hour }) => hour > 0).map((one) => ({ x: one.hour, y: one[of] }));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return (24 * points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0)) / spread;
}
