import { busyWarning, verdictText } from './judged.js';
import type { Results } from './results.js';
import { markdownTable } from './table.js';
import { tablesOf } from './tables.js';
import { targets } from './targets.js';

/** docs/performance.md of one run. `withRos`: it measured the ROS face too, whose page is another. */
export function performancePage(results: Results, withRos: boolean): string {
  const { machine, plan } = results;
  return `# Performance

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes).

${verdictText(targets(results))}

The ROS face has [a page of its own](performance-ros.md). ${withRos ? 'It is of this run too.' : 'This run did not measure it, for no ROS 2 was sourced: that page is of an earlier run, which it names.'}
Other parts have pages of their own, each of a run of its own: [HTTP](performance-http.md), [services](performance-services.md), [tickets](performance-tickets.md), [a fleet](performance-fleet.md).
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, a robot of \`packages/testbed\` on it |
| system | ${machine.system}, Linux ${machine.kernel} |
| versions | ${machine.systemd}; ${machine.dbus}; ${machine.polkit}; Node ${machine.node} |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((busy) => `${busy.toFixed(1)} %`).join(' / ')} of all cores |

${tablesOf(results).map(markdownTable).join('\n')}
### How it is measured

- One robot for each size of catalog: real systemd, D-Bus and polkit, Rovi put there by \`install.sh\`, the stand-in \`ros2\`.
  All stacks but the seven measured ones are there only to make the catalog large.
- **generated** is the unit as \`rovictl generate\` writes it: \`run_stack.sh\`, lock, session file, \`ros2 launch\` (stand-in) with
  two nodes. **trivial** is a unit whose body a drop-in replaces by \`sleep infinity\` (\`Type=exec\`) and that is rid of the hardening
  which costs time at each start, so that next to nothing but systemd and we are left. No process is expected of either, as the rivals do not wait for any.
- **conductor** is \`POST /api/stacks/…/start\` by the typed client over the unix socket, a connection a call, from outside the
  robot until the operation's outcome is parsed. **raw D-Bus** is \`StartUnit\` and \`JobRemoved\` of its job on an open connection, same
  Node, same dbus-next, same account \`rovi\` and so the same question to polkit; as root systemd asks polkit nothing.
  \`busctl\`, \`systemctl\` and \`rovictl\` are whole programs, timed inside the robot by a small Python loop; \`busctl\` knows nothing of
  jobs, so its job's end is taken from a D-Bus listener.
- Every stack has \`timeouts.settle: 0\`. Where a catalog does not say so, the conductor's starts and switches end a second later:
  it watches for that long whether the stack stays up. No rival does.
- All clocks are CLOCK_MONOTONIC, which robot and host share (checked at the start of each run). Between trials the bench
  waits until the conductor shows the state and then 20 to 40 ms at random.
- A first round of each is run and not counted. Intervals of ratios and differences are bootstrapped (2000 resamples of
  each sample's median).
- Idle figures are taken with nobody connected to the conductor.

### What limits it

Compare columns of one run, not runs: contenders are interleaved so that what else the machine does hits them alike, but it
does hit them. The bench's own processes (event stream client, raw D-Bus subscriber) share its cores with what they measure.
The stand-in \`ros2\` and its nodes
are small Python programs: a real launch takes seconds where these take tens of milliseconds, which makes every ratio
here a worse one than on a robot. \`install.sh\` was timed once per size.
`;
}
