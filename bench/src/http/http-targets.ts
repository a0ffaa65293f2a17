import { summarize } from '../statistics.js';
import { ms } from '../table.js';
import type { Target } from '../targets.js';
import type { HttpResults } from './http-results.js';
import { growthMiB } from './measure-day.js';
import type { DayFigures } from './measure-day.js';
import type { EventFigures } from './measure-events.js';
import { ASKED_FOR } from './measure-status.js';
import type { StatusFigures } from './measure-status.js';

const STATUS_MS = 10;
/** Connections at which the status is judged. */
const STATUS_CONNECTIONS = 16;
const EVENT_MS = 100;
const GROWTH_MB = 5;

/** Our own targets: each route in the smallest catalog, each protocol with the most listeners, and the day. */
export function httpTargets({ sizes, once }: HttpResults): Target[] {
  const [smallest] = sizes;
  const most = Math.max(...once.events.map(({ subscribers }) => subscribers));
  return [
    ...(smallest?.status ?? [])
      .filter(({ what, by, connections }) => {
        const ours = what !== 'supervisord' && what !== 'systemctl';
        return ours && by !== 'token' && connections === STATUS_CONNECTIONS;
      })
      .sort((a, b) => `${a.by} ${a.what}`.localeCompare(`${b.by} ${b.what}`))
      .map((figures) => status(figures, smallest?.size ?? 0)),
    ...once.events.filter(({ subscribers }) => subscribers === most).map(event),
    growth('JavaScript heap', once.day, 'heapMiB'),
    growth('resident memory', once.day, 'rssMiB'),
  ];
}

/** What the tables call a protocol. */
export const PROTOCOL_TEXT = { websocket: 'WebSocket', sse: 'server-sent events' } as const;

function status({ what, by, connections, latency }: StatusFigures, size: number): Target {
  return {
    what: `${ASKED_FOR[what]}, ${by === 'unix' ? 'unix socket' : 'TCP'}, ${connections} connections, ${size} stacks`,
    wanted: `p99 < ${STATUS_MS} ms`,
    measured: `${ms(latency.p99)} ms (N ${latency.n})`,
    met: latency.p99 < STATUS_MS,
  };
}

function event({ protocol, subscribers, toLast }: EventFigures): Target {
  const { n, p99 } = summarize(toLast);
  return {
    what: `event to the last of ${subscribers.toLocaleString('en')} subscribers, ${PROTOCOL_TEXT[protocol]}`,
    wanted: `p99 < ${EVENT_MS} ms`,
    measured: `${ms(p99)} ms (N ${n})`,
    met: p99 < EVENT_MS,
  };
}

function growth(what: string, { hours }: DayFigures, of: 'heapMiB' | 'rssMiB'): Target {
  const megabytes = (growthMiB(hours, of) * 2 ** 20) / 1e6;
  return {
    what: `growth of the ${what} over 24 simulated hours`,
    wanted: `< ${GROWTH_MB} MB`,
    measured: `${megabytes.toFixed(2)} MB (from ${hours.length - 1} h)`,
    met: megabytes < GROWTH_MB,
  };
}
