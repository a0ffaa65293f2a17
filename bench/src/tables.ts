import { targetTable } from './judged.js';
import { CONTENDERS, CONTENDER_TEXT } from './contenders.js';
import type { CrashSamples } from './measure-crash.js';
import type { IdleFigures } from './measure-idle.js';
import type { StartSamples } from './measure-start.js';
import type { SwitchSamples } from './measure-switch.js';
import type { Results, SizeResults } from './results.js';
import { estimate, median, summarize } from './statistics.js';
import { ms } from './table.js';
import type { Table } from './table.js';
import { ratioText, startRatio, targets } from './targets.js';

/** All tables of a run, in the order they are read. */
export function tablesOf(results: Results): Table[] {
  const { sizes, once } = results;
  const [first] = sizes;
  if (first === undefined) return [];
  return [
    targetTable('Targets', targets(results)),
    startTable(
      `Start and stop of a generated stack unit, ${first.size} units in the catalog`,
      first.generated,
    ),
    startTable(`Start and stop of a unit with a trivial body, ${first.size} units`, first.trivial),
    wholeTable(once.whole, once.watched),
    stepTable([
      ['generated', first.generated.steps],
      ['trivial', first.trivial.steps],
      ['whole', once.whole.steps],
      ['switch, generated', once.switch.generated.steps],
      ['switch, trivial', once.switch.trivial.steps],
    ]),
    crashTable(results),
    switchTable(once.switch),
    idleTable(results),
    scaleTable(sizes),
  ];
}

function startTable(title: string, samples: StartSamples): Table {
  return {
    title,
    columns: ['', 'N', 'start: median', 'p5–p95', 'to raw (95 %)', 'stop: median', 'p5–p95'],
    rows: CONTENDERS.flatMap((contender) => {
      const [starts, stops] = [samples.start[contender], samples.stop[contender]];
      if (starts === undefined || stops === undefined) return [];
      const [start, stop] = [summarize(starts), summarize(stops)];
      return [
        [
          CONTENDER_TEXT[contender],
          String(start.n),
          ms(start.median),
          `${ms(start.p5)}–${ms(start.p95)}`,
          contender === 'raw' ? '1' : ratioText(startRatio(samples, contender, 'raw')),
          ms(stop.median),
          `${ms(stop.p5)}–${ms(stop.p95)}`,
        ],
      ];
    }),
    note: 'Milliseconds. All in random order within each round. The conductor answers a stop only when the cgroup is proven empty; no rival does that.',
  };
}

function wholeTable(whole: StartSamples, watched: StartSamples): Table {
  const row = (text: string, samples: StartSamples): string[] => {
    const ours = summarize(samples.start.conductor ?? []);
    const raw = summarize(samples.start.raw ?? []);
    return [text, String(ours.n), ms(raw.median), ms(ours.median), `${ms(ours.p5)}–${ms(ours.p95)}`];
  };
  return {
    title: 'Start until the expected processes are there',
    columns: ['', 'N', 'raw D-Bus + job', 'conductor, whole', 'p5–p95'],
    rows: [
      row('generated unit, launch and 2 nodes (Python)', whole),
      row('trivial body, its one process expected', watched),
    ],
    note: 'Milliseconds, medians. The raw call knows of no processes: it is over when systemd is. The difference is mostly the launch itself coming up.',
  };
}

function stepTable(kinds: readonly (readonly [string, Record<string, number[]>])[]): Table {
  return {
    title: "Where the conductor's time goes",
    columns: ['step of the operation', 'N', 'median', 'p95'],
    rows: kinds.flatMap(([kind, steps]) =>
      Object.entries(steps).map(([step, samples]) => {
        const { n, median: middle, p95 } = summarize(samples);
        return [`${kind}: ${step}`, String(n), ms(middle), ms(p95)];
      }),
    ),
    note: 'Milliseconds, from the operation records themselves. What a caller waits for beyond the steps is HTTP and JSON.',
  };
}

function crashTable({ sizes, once }: Results): Table {
  const row = (text: string, samples: readonly number[]): string[] => {
    const { n, median: middle, p5, p95, p99, max } = summarize(samples);
    return [text, String(n), ms(middle), `${ms(p5)}–${ms(p95)}`, ms(p99), ms(max)];
  };
  const rows = (text: string, samples: CrashSamples): string[][] => [
    row(`${text}: first event`, samples.first),
    row(`${text}: event with FAILED`, samples.failed),
    row(`${text}: systemd's own signal (raw D-Bus)`, samples.systemd),
    row(`${text}: our event after that signal`, samples.after),
  ];
  return {
    title: 'Crash to event',
    columns: ['', 'N', 'median', 'p5–p95', 'p99', 'max'],
    rows: [
      ...sizes.flatMap(({ size, crash }) => [
        ...rows(`generated, ${size} units`, crash.generated),
        ...rows(`trivial, ${size} units`, crash.trivial),
      ]),
      row("a node's death, stack at rest", once.nodeDeath.atRest),
      row("a node's death, just after another change", once.nodeDeath.justChanged),
    ],
    note: "Milliseconds from right before the SIGKILL (of the main process; of an expected node, its launch living on) to the event's bytes at a client of the event stream. First event: the first that says the stack no longer runs, with the result that tells why. A generated unit is FAILED only after systemd has killed its remaining processes and run its ExecStopPost. The rival is a raw D-Bus subscriber in a process of its own. Of a node's death systemd signals nothing to anybody, so there is no rival: the conductor awaits the end of each process itself (packages/systemd/src/exit-watch.ts).",
  };
}

function switchTable(switches: { generated: SwitchSamples; trivial: SwitchSamples }): Table {
  const row = (text: string, { conductor, systemctl, raw }: SwitchSamples): string[] => {
    const over = estimate([conductor, systemctl], (ours, theirs) => ours - theirs);
    const overRaw = estimate([conductor, raw], (ours, theirs) => ours - theirs);
    const spread = summarize(conductor);
    return [
      text,
      String(spread.n),
      ms(spread.median),
      `${ms(spread.p5)}–${ms(spread.p95)}`,
      ms(median(systemctl)),
      ms(median(raw)),
      `${ms(over.value)} (${ms(over.low)} to ${ms(over.high)})`,
      `${ms(overRaw.value)} (${ms(overRaw.low)} to ${ms(overRaw.high)})`,
    ];
  };
  return {
    title: 'Switch from one stack to another',
    columns: [
      '',
      'N',
      'switch: median',
      'p5–p95',
      '`systemctl` stop + start',
      'raw stop + start',
      'overhead over `systemctl`',
      'over raw',
    ],
    rows: [row('generated units', switches.generated), row('trivial bodies', switches.trivial)],
    note: 'Milliseconds; overheads with 95 % intervals. The switch also looks at the target before it stops anything, proves the old cgroup empty and the lock free. The time between the two commands by hand is not counted.',
  };
}

function idleTable({ sizes, once }: Results): Table {
  const row = (text: string, figures: IdleFigures): string[] => [
    text,
    figures.seconds.toFixed(0),
    figures.cpuPercent.toFixed(3),
    String(figures.messages),
    String(figures.allMessages),
    figures.pssMiB.toFixed(1),
  ];
  const rival = (text: string, { cpuPercent, pssMiB }: { cpuPercent: number; pssMiB: number }): string[] => [
    text,
    '',
    cpuPercent.toFixed(3),
    '',
    '',
    pssMiB.toFixed(1),
  ];
  return {
    title: 'While nothing changes',
    columns: ['', 'seconds', 'CPU, % of a core', 'D-Bus messages', 'on the whole bus', 'PSS, MiB'],
    rows: [
      ...sizes.flatMap(({ size, idle }) => [
        row(`${size} units, no stack`, idle.none),
        row(`${size} units, a stack running`, idle.active),
      ]),
      rival('rival: raw D-Bus subscriber, same Node', once.idleRivals.raw),
      rival('rival: a Node that does nothing', once.idleRivals.node),
    ],
    note: "CPU is that of the gateway unit's cgroup: the `systemd-notify` of each watchdog ping is in it. D-Bus messages are those sent by the conductor or delivered to it, counted by a bus monitor that was proven to hear.",
  };
}

function scaleTable(sizes: readonly SizeResults[]): Table {
  const medians = (samples: StartSamples): string[] =>
    (['conductor', 'raw', 'systemctl'] as const).map((contender) =>
      ms(median(samples.start[contender] ?? [])),
    );
  return {
    title: 'The same in larger catalogs',
    columns: ['', ...sizes.map(({ size }) => `${size} units`)],
    rows: [
      [
        'N of starts, generated / trivial',
        ...sizes.map(({ generated, trivial }) => `${count(generated)} / ${count(trivial)}`),
      ],
      ...['conductor', 'raw D-Bus + job', '`systemctl`'].flatMap((text, index) => [
        [`start, generated: ${text}`, ...sizes.map(({ generated }) => medians(generated)[index] ?? '')],
      ]),
      ...['conductor', 'raw D-Bus + job', '`systemctl`'].flatMap((text, index) => [
        [`start, trivial: ${text}`, ...sizes.map(({ trivial }) => medians(trivial)[index] ?? '')],
      ]),
      [
        'conductor to raw, generated',
        ...sizes.map(({ generated }) => ratioText(startRatio(generated, 'conductor', 'raw'))),
      ],
      [
        'conductor to raw, trivial',
        ...sizes.map(({ trivial }) => ratioText(startRatio(trivial, 'conductor', 'raw'))),
      ],
      ['gateway CPU per start and stop, trivial', ...sizes.map(({ trivial }) => ms(trivial.cpuMsPerCycle))],
      ['crash to FAILED, trivial, p99', ...sizes.map(({ crash }) => ms(summarize(crash.trivial.failed).p99))],
      ['idle CPU, a stack running, %', ...sizes.map(({ idle }) => idle.active.cpuPercent.toFixed(3))],
      ['PSS, MiB', ...sizes.map(({ idle }) => idle.active.pssMiB.toFixed(1))],
      ['daemon: exec to READY', ...sizes.map(({ daemonStart }) => spread(daemonStart))],
      ['install.sh, once, seconds', ...sizes.map(({ installSeconds }) => installSeconds.toFixed(1))],
    ],
    note: 'Milliseconds and medians where nothing else is said; the daemon start with its range.',
  };
}

function count({ start }: StartSamples): string {
  return String(start.conductor?.length ?? 0);
}

function spread(samples: readonly number[]): string {
  const { median: middle, min, max, n } = summarize(samples);
  return `${ms(middle)} (${ms(min)}–${ms(max)}, N ${n})`;
}
