import { busyWarning, verdictText } from '../judged.js';
import { markdownTable } from '../table.js';
import type { FleetResults } from './fleet-results.js';
import { fleetTables } from './fleet-tables.js';
import { fleetTargets } from './fleet-targets.js';
import { onTo100000 } from './on-to-100000.js';

/** docs/performance-fleet.md of one run. */
export function fleetPage(results: FleetResults): string {
  const { machine, plan, broker } = results;
  return `# Performance of a fleet

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes), but for the last section, which says what it reckons. \`npm run bench\` measures this only with \`--fleet\`.

${verdictText(fleetTargets(results))} The targets are our own, and are those of the largest fleet.
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB: broker, console, robots and clients, all on it |
| system | ${machine.system}, Linux ${machine.kernel} |
| versions | ${broker}; Node ${machine.node} |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((share) => `${share.toFixed(1)} %`).join(' / ')} of all cores |

${fleetTables(results).map(markdownTable).join('\n')}
### How it is measured

- **The robots are simulated.** Each is the real member of a fleet (\`FleetMember\`) with a connection, a user and a password of its
  own; below it is no conductor and no systemd, but a stand-in with five stacks and twelve services that changes a stack when it is told to and takes
  50 ms for a command. They share ${plan.processes} processes of this machine; a robot has its cores for itself.
- **The console is real**: observer, HTTP face on a unix socket, in a process of its own; its conductor is the real one over
  a model of a robot on which nothing happens. It is asked and followed by the typed client in the bench's process.
- **The broker** is Debian's mosquitto as it comes, with users, passwords and an access list, over TCP on the loopback, without TLS.
  Its limit of open files is raised; nothing else is set.
- All clocks are of this one machine. Robots, console, broker and bench share its ${machine.cores} cores: at the start of all, and after an outage,
  the robots' own work (${plan.processes} processes for ${Math.max(...plan.sizes)} robots) is most of what is measured.
- All robots begin at the same moment, and so their heartbeats come together, once every ${plan.heartbeatS} s, and what is asked meanwhile waits: the worst
  case. Those of a real fleet are spread.
- The longer an outage, the farther apart are the attempts of the robots: up to 30 s, each less up to a quarter by chance.
- What anybody asks robots one by one, by HTTP or ssh, is another thing and not measured beside it; \`mosquitto_sub\` is the floor.

${onTo100000(results)}`;
}
