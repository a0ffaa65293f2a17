import { targetTable } from '../judged.js';
import { summarize } from '../statistics.js';
import { ms } from '../table.js';
import type { Table } from '../table.js';
import type { HttpResults, HttpSizeResults } from './http-results.js';
import { httpTargets, PROTOCOL_TEXT } from './http-targets.js';
import { COMMANDERS } from './measure-commands.js';
import type { Commander, CommandSamples } from './measure-commands.js';
import { growthMiB } from './measure-day.js';
import type { DayFigures } from './measure-day.js';
import type { EventFigures } from './measure-events.js';
import { ASKED_FOR } from './measure-status.js';
import type { AskedFor, StatusFigures } from './measure-status.js';

/** All tables of the HTTP section, in the order they are read. */
export function httpTables(results: HttpResults): Table[] {
  const { sizes, once } = results;
  return [
    targetTable('HTTP: targets', httpTargets(results)),
    ...sizes.map(statusTable),
    commandTable('HTTP: start and stop of one `sleep`', once.trivial, RIVAL_NOTE),
    commandTable('HTTP: start and stop of a generated stack unit', once.generated, GENERATED_NOTE),
    eventTable(once.events),
    costTable(once.events),
    dayTable(once.day),
  ];
}

const RIVAL_NOTE =
  'Milliseconds, all in random order within each round, `timeouts.settle` and `startsecs` 0. Rovi and `systemctl` start the same unit, and polkit is asked of both; supervisord starts the same program as its own child, and is told to stop it only once that has been executed: a SIGTERM that comes earlier is lost, and the stop then takes 10 s. Rovi answers a start when systemd has executed the program, a stop when the cgroup is proven empty and the stack lock free; 202 only says that the operation was accepted.';
const GENERATED_NOTE =
  'The same of a unit as `rovictl generate` writes it: runner, lock, session file, hardening, and the stand-in launch with two nodes. supervisord knows nothing like it.';

const BY_TEXT = { unix: 'unix socket', tcp: 'TCP', token: 'TCP with a token', spawn: '' } as const;

function statusTable({ size, status }: HttpSizeResults): Table {
  const order = Object.keys(ASKED_FOR) as AskedFor[];
  const ways = Object.keys(BY_TEXT);
  const rank = ({ what, by, connections }: StatusFigures): number =>
    order.indexOf(what) * 10_000 + ways.indexOf(by) * 1_000 + connections;
  return {
    title: `HTTP: status, ${size} stacks`,
    columns: [
      '',
      'at once',
      'N',
      'requests/s',
      'p50',
      'p99',
      'max',
      'server, % of a core',
      'client, %',
      'bytes',
    ],
    rows: [...status]
      .sort((a, b) => rank(a) - rank(b))
      .map(({ what, by, connections, latency, perSecond, serverPercent, clientPercent, bytes }) => [
        [ASKED_FOR[what], BY_TEXT[by]].filter(Boolean).join(', '),
        String(connections),
        String(latency.n),
        by === 'token' ? '–' : perSecond.toFixed(0),
        ms(latency.median),
        ms(latency.p99),
        ms(latency.max),
        serverPercent === null ? '–' : serverPercent.toFixed(0),
        what === 'systemctl' ? '–' : clientPercent.toFixed(0),
        String(bytes),
      ]),
    note: `Milliseconds from a request to the end of its answer. Connections are kept, each asks again as soon as it has its answer; a stack of a launch and two nodes runs. Over TCP the client is root on the robot itself, let in by its account: a token may ask 400 times in 2 s, so the row with one is a burst of 390. supervisord has ${size} programs, one running; \`systemctl show\` names all ${size} units, and each time is that of a whole process. Over TCP supervisord's answers of more than 4 KiB wait some 40 ms: it sends 4 KiB at a time with Nagle's algorithm on, and the client's kernel delays its acknowledgement; over its unix socket nothing waits.`,
  };
}

function commandTable(title: string, { start, stop }: CommandSamples, note: string): Table {
  return {
    title,
    columns: ['', 'N', 'start: p50', 'p99', 'stop: p50', 'p99'],
    rows: (Object.keys(COMMANDERS) as Commander[]).flatMap((commander) => {
      const [starts, stops] = [start[commander], stop[commander]];
      if (starts === undefined || stops === undefined) return [];
      const [up, down] = [summarize(starts), summarize(stops)];
      return [
        [COMMANDERS[commander], String(up.n), ms(up.median), ms(up.p99), ms(down.median), ms(down.p99)],
      ];
    }),
    note,
  };
}

function eventTable(events: readonly EventFigures[]): Table {
  const row = (text: string, samples: readonly number[]): string[] => {
    const { n, median, p95, p99, max } = summarize(samples);
    return [text, String(n), ms(median), ms(p95), ms(p99), ms(max)];
  };
  return {
    title: 'HTTP: event to receiver',
    columns: ['', 'N', 'p50', 'p95', 'p99', 'max'],
    rows: events.flatMap(({ protocol, subscribers, toFirst, toLast, crashToLast }) => {
      const who = `${subscribers.toLocaleString('en')} by ${PROTOCOL_TEXT[protocol]}`;
      return [
        ...(subscribers === 1 ? [] : [row(`${who}: event to the first`, toFirst)]),
        row(`${who}: event to the last`, toLast),
        row(`… SIGKILL of the stack until the last knows it FAILED`, crashToLast),
      ];
    }),
    note: "Milliseconds. An event's moment is its own `at`, taken as it is numbered and handed to the streams; it is in whole milliseconds rounded down, so that these are up to 1 ms too long. Events come in bursts, as the operation and systemd go on: one waits for the fan-out of the one before. That nobody missed one is checked.",
  };
}

function costTable(events: readonly EventFigures[]): Table {
  return {
    title: 'HTTP: what subscribers cost',
    columns: [
      '',
      'all connected after, ms',
      'idle CPU without, %',
      'idle CPU with, %',
      'PSS before, MiB',
      'with',
      'after the events',
      'when they are gone',
    ],
    rows: events.flatMap(({ protocol, subscribers, connectMs, idlePercent, pssMiB }) => {
      if (idlePercent === null) return [];
      return [
        [
          `${subscribers.toLocaleString('en')} by ${PROTOCOL_TEXT[protocol]}`,
          connectMs.toFixed(0),
          idlePercent.without.toFixed(2),
          idlePercent.with.toFixed(2),
          pssMiB.before.toFixed(1),
          pssMiB.with.toFixed(1),
          pssMiB.busy.toFixed(1),
          pssMiB.after.toFixed(1),
        ],
      ];
    }),
    note: "Percent of one core, the gateway's main process, with nothing changing: what it says to silent listeners (`alive` each 5 s and a ping each 10 s on a WebSocket, a comment each 15 s on an event stream). The gateway cannot be asked to collect garbage, so that memory it need not keep is in these figures too.",
  };
}

function dayTable(day: DayFigures): Table {
  const { hours, counts } = day;
  const last = hours.length - 1;
  const shown = hours.filter(({ hour }) => hour <= 1 || hour === last || hour % 3 === 0);
  const growth = (of: 'heapMiB' | 'rssMiB'): string => `${growthMiB(hours, of).toFixed(3)}`;
  return {
    title: `HTTP: memory over ${last} simulated hours`,
    columns: ['hour', 'JavaScript heap, MiB', 'resident, MiB'],
    rows: [
      ...shown.map(({ hour, heapMiB, rssMiB }) => [String(hour), heapMiB.toFixed(2), rssMiB.toFixed(2)]),
      ['slope from hour 1 on, MiB a day', growth('heapMiB'), growth('rssMiB')],
    ],
    note: `After a collection of garbage each. ${counts.changes.toLocaleString('en')} changes of state (one a second), ${counts.operations.toLocaleString('en')} operations, ${counts.events.toLocaleString('en')} events, in ${day.realSeconds.toFixed(0)} s; ${day.listeners} listeners all the time, ${day.visitors} more and ${day.requests} requests each hour. In the first hour what is kept fills up (1,000 events, 1,000 changes, 200 operations); it is not in the slope, a straight line fitted to the rest.`,
  };
}
