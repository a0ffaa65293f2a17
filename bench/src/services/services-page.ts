import { busyWarning, verdictText } from '../judged.js';
import { markdownTable } from '../table.js';
import type { ServicesResults } from './services-results.js';
import { servicesTables } from './services-tables.js';
import { servicesTargets } from './services-targets.js';

/** docs/performance-services.md of one run. */
export function servicesPage(results: ServicesResults): string {
  const { machine, plan } = results;
  return `# Performance of services

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes). \`npm run bench\` measures this only with \`--services\`: it may be of another day and
commit than [the other figures](performance.md).

${verdictText(servicesTargets(results))} The targets are our own.
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, a robot of \`packages/testbed\` on it |
| system | ${machine.system}, Linux ${machine.kernel} |
| versions | ${machine.systemd}; ${machine.dbus}; ${machine.polkit}; Node ${machine.node} |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((share) => `${share.toFixed(1)} %`).join(' / ')} of all cores |

${servicesTables(results).map(markdownTable).join('\n')}
### How it is measured

- Two robots: real systemd, D-Bus and polkit, Rovi put there by \`install.sh\`, the gateway as installed, with its audit and its
  journal. Their catalogs are the same but for the health checks (\`bench/src/services/service-catalog.ts\`).
- **Start and stop**: ${plan.rounds} rounds, in each every contender in random order; a first round is not counted. The units are those that
  Rovi generated, for all of them. After each start the next command waits until the gateway shows every service running; after each
  stop root stops all the rest, and the next start waits until the gateway shows that. \`systemctl\` is spawned by a
  process that waits inside the robot, and its time is that of the whole process; Rovi is asked over its unix socket by a Node process
  on the host.
- **Health checks**: the gateway is restarted under the running graph, and its first 15 s are not counted.
`;
}
