import { targetTable } from '../judged.js';
import { median, summarize } from '../statistics.js';
import { ms } from '../table.js';
import type { Table } from '../table.js';
import { ratioText } from '../targets.js';
import { GRAPH_CONTENDERS } from './measure-graph.js';
import type { GraphContender, GraphSamples } from './measure-graph.js';
import { ASKED_PORTS, BOTTOM, GRAPH, INTERVAL_S } from './service-catalog.js';
import type { ServicesResults } from './services-results.js';
import { graphRatio, servicesTargets, unwatchedStarts } from './services-targets.js';

/** All tables of the section on services, in the order they are read. */
export function servicesTables(results: ServicesResults): Table[] {
  const { graph, idle } = results;
  return [
    targetTable('Services: targets', servicesTargets(results)),
    startTable(graph),
    stopTable(graph),
    idleTable(idle),
  ];
}

const COLUMNS = ['', 'N', 'p50', 'min', 'max', 'beside root', 'beside the same account'];

function row(text: string, samples: readonly number[], ratios: readonly string[]): string[] {
  const { n, median: middle, min, max } = summarize(samples);
  return [text, String(n), ms(middle), ms(min), ms(max), ...ratios];
}

function ratios(samples: Readonly<Record<GraphContender, readonly number[]>>): string[] {
  return [ratioText(graphRatio(samples, 'root')), ratioText(graphRatio(samples, 'user'))];
}

function startTable(graph: GraphSamples): Table {
  const unwatched = unwatchedStarts(graph);
  const cpu = (Object.keys(GRAPH_CONTENDERS) as GraphContender[])
    .map((one) => `${GRAPH_CONTENDERS[one]} ${median(graph.cpu[one]).toFixed(0)}`)
    .join(', ');
  return {
    title: `Services: start of a graph of ${GRAPH.length}`,
    columns: COLUMNS,
    rows: [
      row(GRAPH_CONTENDERS.rovi, graph.start.rovi, ratios(graph.start)),
      row('… without the watch at its end', unwatched, ratios({ ...graph.start, rovi: unwatched })),
      row(`${GRAPH_CONTENDERS.root}, a target`, graph.start.root, ['–', '–']),
      row(`${GRAPH_CONTENDERS.user}, the top service`, graph.start.user, ['–', '–']),
    ],
    note: `Milliseconds. Ten layers of ten services, each one \`sleep\`; each requires two of the layer before it, and the top service all of the last layer. systemd gets one job and carries out the whole transaction, and asks polkit once where the caller is not root; Rovi sends one job for each unit when all it requires is ready, each of them asked of polkit. At its end Rovi watches for 500 ms what no readiness check looks at: the second row is the same starts without that step. CPU of the gateway for one start, in milliseconds (median), whoever commanded, until it shows all ${GRAPH.length} running to somebody who asks all the time: ${cpu}.`,
  };
}

function stopTable({ stop, stopped }: GraphSamples): Table {
  return {
    title: `Services: stop of one with what requires it, ${stopped} in all`,
    columns: COLUMNS,
    rows: [
      row(GRAPH_CONTENDERS.rovi, stop.rovi, ratios(stop)),
      row(GRAPH_CONTENDERS.root, stop.root, ['–', '–']),
      row(GRAPH_CONTENDERS.user, stop.user, ['–', '–']),
    ],
    note: `Milliseconds. The stop of \`${BOTTOM}\`, a service of the first layer. Rovi's carries the token of its impact, asked for before, and answers when every cgroup is proven empty.`,
  };
}

function idleTable({ probed, unprobed }: ServicesResults['idle']): Table {
  const rows = [
    { text: `${probed.checks} checks`, ...probed },
    { text: 'none', ...unprobed },
  ];
  return {
    title: `Services: health checks at idle, ${GRAPH.length} services running`,
    columns: ['', 's', 'CPU, % of a core', 'PSS, MiB'],
    rows: rows.map(({ text, seconds, cpuPercent, pssMiB }) => [
      text,
      seconds.toFixed(0),
      cpuPercent.toFixed(2),
      pssMiB.toFixed(1),
    ]),
    note: `The installed gateway, nobody connected to it. Half of the checks are TCP, half HTTP with a look into the body, each every ${INTERVAL_S} s, all of them at one small program on 127.0.0.1 (ports ${ASKED_PORTS.tcp} and ${ASKED_PORTS.http}) that is not counted: some 20 looks a second. That every check passes, and was looked at within its interval, is checked at the end. CPU is that of the gateway's unit with all its processes, memory that of its main process.`,
  };
}
