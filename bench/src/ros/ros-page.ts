import { busyWarning, verdictText } from '../judged.js';
import { markdownTable } from '../table.js';
import type { RosResults } from './ros-results.js';
import { rosTables, rosTargets } from './ros-tables.js';

/** docs/performance-ros.md of one run. */
export function rosPage(results: RosResults): string {
  const { machine, plan, graph } = results;
  return `# Performance of the ROS face

Written by \`${results.command}\` on ${results.date}; do not edit. Every figure on this page comes from that one run
(${plan.name}, ${results.minutes.toFixed(0)} minutes). \`npm run bench\` measures this only where a ROS 2 is sourced, and else leaves this
page as it is: it may be of another day and commit than [the other figures](performance.md).

${verdictText(rosTargets(results))}
${busyWarning(machine.othersBusy)}
| | |
| --- | --- |
| machine | ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, a robot of \`packages/testbed\` on it |
| system | ${machine.system}, Linux ${machine.kernel} |
| versions | ROS 2 ${graph['distro'] ?? 'unknown'}, ${graph['rmw'] ?? 'unknown'}, ${graph['interfaces'] ?? 'unknown'} interfaces; ${machine.systemd}; ${machine.dbus}; Node ${machine.node} |
| commit | ${machine.commit} |
| used by others before / after | ${machine.othersBusy.map((share) => `${share.toFixed(1)} %`).join(' / ')} of all cores |
| in the graph | ${results.sizes.map(({ size, topics, services }) => `${size} stacks: ${topics} topics, ${services} services`).join('; ')} |

${rosTables(results).map(markdownTable).join('\n')}
### How it is measured

- One robot for each size of catalog, with the real ROS of this machine and Rovi put there by \`install.sh\`; its graph is its own.
- The stack that changes is one \`sleep\` without Rovi's hardening, so that next to nothing but systemd and we are left. It is started
  and stopped by systemd's D-Bus API and killed by SIGKILL, behind the conductor's back: each round is a start, a crash, a start, a stop.
- The other process is an rclpy node (\`bench/programs/ros_ear.py\`), subscribed to the one topic that is measured. All clocks are
  CLOCK_MONOTONIC, which robot and host share. Between two changes lie 30 to 50 ms at random, for a rival 30 ms and up to its period.
- A first round of each is run and not counted.
`;
}
