import { targetTable } from '../judged.js';
import { median, summarize } from '../statistics.js';
import type { Table } from '../table.js';
import { ms } from '../table.js';
import type { Target } from '../targets.js';
import type { CreateSamples, Creator, TicketsResults } from './tickets-results.js';
import { CREATORS } from './tickets-results.js';

const perSecond = (rates: readonly number[]): string => median(rates).toFixed(0);

/** What is wanted of the store of tickets. */
export function ticketsTargets({ creates, full, pages, plan }: TicketsResults): Target[] {
  const slowest = Math.max(...pages.map(({ rovi }) => summarize(rovi).p95));
  const p99 = summarize(full.ms).p99;
  const [many, python] = [median(creates.many.rates), median(creates.python.rates)];
  return [
    {
      what: `any page of ${plan.stored}, p95`,
      wanted: '< 100 ms',
      measured: `${ms(slowest)} ms`,
      met: slowest < 100,
    },
    {
      what: `create beside ${plan.stored}, 64 at a time, p99`,
      wanted: '< 250 ms',
      measured: `${ms(p99)} ms`,
      met: p99 < 250,
    },
    {
      what: 'durable tickets a second, 64 at a time, beside Python',
      wanted: '≥ 1.0 times',
      measured: `${(many / python).toFixed(2)} times`,
      met: many >= python,
    },
  ];
}

/** All tables of the section on tickets, in the order they are read. */
export function ticketsTables(results: TicketsResults): Table[] {
  const { creates, lives, full, pages, plan, file } = results;
  const row = (text: string, { ms: samples, rates }: CreateSamples): string[] => {
    const { n, median: middle, p99, max } = summarize(samples);
    return [text, String(n), perSecond(rates), ms(middle), ms(p99), ms(max)];
  };
  return [
    targetTable('Tickets: targets', ticketsTargets(results)),
    {
      title: 'Tickets: creates, each on the disk before it is answered',
      columns: ['', 'N', 'a second', 'p50', 'p99', 'max'],
      rows: [
        ...(Object.keys(CREATORS) as Creator[]).map((one) => row(CREATORS[one], creates[one])),
        row(`${CREATORS.many}, beside ${plan.stored}`, full),
      ],
      note: `Milliseconds. Python writes one row into one table with one index, in its own process; Rovi's create goes to another process and back, and writes the ticket, its first transition, three indices and the counts. What arrives while the disk is waited for is committed together. A whole life (created, queued, executing, completed: four steps, each on the disk before the next) runs ${perSecond(lives)} times a second, 64 at a time.`,
    },
    {
      title: `Tickets: pages of 100, of ${plan.stored} stored`,
      columns: ['', 'N', 'p50', 'p95', 'max', 'plain SQL, p50'],
      rows: pages.map(({ text, rovi, sql }) => {
        const { n, median: middle, p95, max } = summarize(rovi);
        return [text, String(n), ms(middle), ms(p95), ms(max), sql.length === 0 ? '–' : ms(median(sql))];
      }),
      note: `Milliseconds, the file warm. Plain SQL is \`ORDER BY seq DESC LIMIT 100 OFFSET n\` on the very same file and indices from Python, without the way between two processes. The file has ${file.mebibytes.toFixed(0)} MiB; to open it, process and all, takes ${file.opensMs.toFixed(0)} ms.`,
    },
  ];
}
