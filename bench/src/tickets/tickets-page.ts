import { busyWarning, verdictText } from '../judged.js';
import { markdownTable } from '../table.js';
import type { TicketsResults } from './tickets-results.js';
import { ticketsTables, ticketsTargets } from './tickets-tables.js';

/** docs/performance-tickets.md of one run. */
export function ticketsPage(results: TicketsResults): string {
  const { machine, plan } = results;
  return `# Performance of the store of tickets

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes). \`npm run bench\` measures this only with \`--tickets\`.

${verdictText(ticketsTargets(results))} The targets are our own.
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB |
| system | ${machine.system}, Linux ${machine.kernel}, files on ${results.fileSystem} |
| versions | Node ${machine.node} |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((share) => `${share.toFixed(1)} %`).join(' / ')} of all cores |

${ticketsTables(results).map(markdownTable).join('\n')}
### How it is measured

- The store with its process as installed (\`dist/rovi-tickets.mjs\`), without the gateway and its HTTP.
- **Creates**: ${plan.rounds} rounds of ${plan.creates} by each contender, in random order; WAL and \`synchronous = FULL\` for all. The time of one
  is from the call to the promise's end; with 64 at a time each waits for those it is committed with.
- **Pages**: 5 % of the tickets are pending, 5 % failed, the rest completed.
- What a disk takes for \`fsync\` decides most of it: on a robot's card creates are slower, pages are not.
`;
}
