import { busyWarning, verdictText } from '../judged.js';
import { markdownTable } from '../table.js';
import type { HttpResults } from './http-results.js';
import { httpTables } from './http-tables.js';
import { httpTargets } from './http-targets.js';

/** docs/performance-http.md of one run. */
export function httpPage(results: HttpResults): string {
  const { machine, plan } = results;
  return `# Performance of the HTTP face

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes). \`npm run bench\` measures this only with \`--http\`: it may be of another day and commit
than [the other figures](performance.md).

${verdictText(httpTargets(results))} The targets are our own.
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, a robot of \`packages/testbed\` on it |
| system | ${machine.system}, Linux ${machine.kernel} |
| versions | ${machine.systemd}; ${machine.dbus}; ${machine.polkit}; Node ${machine.node}; supervisord ${results.supervisor} (Debian's) |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((share) => `${share.toFixed(1)} %`).join(' / ')} of all cores |

${httpTables(results).map(markdownTable).join('\n')}
### How it is measured

- One robot for each size of catalog: real systemd, D-Bus and polkit, Rovi put there by \`install.sh\`, and beside it supervisord
  with as many programs, a unit of its own. The gateway is the installed one, with its audit and its journal. Start and stop, events and
  the day are measured on the smallest.
- Everything that asks runs inside the robot as root, in Node, with Node's own HTTP client, the same for Rovi and for supervisord.
  \`autocannon\` was not used: it counts whole milliseconds.
- **Status**: each figure is ${plan.load.milliseconds} ms of load after a short one that is not counted; those of as many connections are in random order.
- **Start and stop**: the unit is a \`sleep\` whose body a drop-in rids of runner and hardening, so that next to nothing but the ways
  to it differ. Between two commands lie 20 to 40 ms at random. A first round is not counted.
- **Events**: all subscribers are one process (\`bench/src/http/listeners.ts\`), over the unix socket: over TCP one address may have 128
  connections. The unit is started over HTTP and its main process killed, ${plan.events.rounds} times; three rounds before are not counted.
  Moments are CLOCK_MONOTONIC, which robot and host share; an event's \`at\` is brought to it each time events are read.
- **The day**: the real conductor and the real HTTP face on a real socket, over the model of a robot and the virtual clock of the
  property tests (\`bench/src/http/day.ts\`). One change of state a second, all day, each stack in turn, every 25th run ending
  in a crash: a robot whose operators switch stacks every few seconds without a pause. systemd, D-Bus and the journal are not in it. The
  listeners must have heard every event before the next simulated minute.

### What limits it

Compare columns of one run, not runs. Clients share the machine's ${machine.cores} cores with what they measure: "client, %" says how much of
one they took, and where server and client together take all there is, requests/s is what both together can do. A thousand
subscribers in one process read one after the other: the last one's time has the reading of all others in it.
`;
}
