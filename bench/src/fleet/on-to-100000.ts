import type { FleetResults } from './fleet-results.js';
import { consoleGrowth } from './fleet-targets.js';

const MANY = 100_000;
/** Robots that one console shows at most: `FLEET_ROBOTS` of packages/mqtt. */
const CONSOLE_ROBOTS = 5_000;
/** Seconds between two reports, as reckoned for a large fleet. */
const SLOW_S = 60;

/** The last section of the page: what the figures of the largest fleet come to for a hundred thousand robots. Reckoned. */
export function onTo100000(results: FleetResults): string {
  const size = results.sizes.at(-1);
  if (size === undefined) return '';
  const { robots, idle, memory, asks, start } = size;
  const { heartbeatS } = results.plan;
  const times = MANY / robots;
  const report = idle.alone.sentBytes / (robots / heartbeatS);
  const packets = idle.alone.received * times;
  const beats = MANY / heartbeatS;
  const inMiB = (idle.alone.receivedBytes * times) / 2 ** 20;
  const outMiB = (idle.alone.sentBytes * times) / 2 ** 20;
  const brokerKiB = (1_024 * (memory.full.broker.rss - memory.empty.broker.rss)) / robots;
  const consoleKiB = (1_024 * consoleGrowth(size)) / robots;
  const consoles = MANY / CONSOLE_ROBOTS;
  const perConsole = CONSOLE_ROBOTS / robots;
  const logins = robots / (start.all / 1_000);
  return `## On to 100,000

**Reckoned from the figures above, not measured.** ${robots.toLocaleString('en')} robots on one broker and one console were measured; where something stops growing in
a straight line nobody has seen yet.

| for 100,000 robots | reckoned | from |
| --- | ---: | --- |
| reports a second, heartbeat ${heartbeatS} s | ${beats.toLocaleString('en')} | one a robot and heartbeat; with ${SLOW_S} s ${(MANY / SLOW_S).toFixed(0)} |
| bytes of a report, as it goes to one console | ${report.toFixed(0)} | bytes sent at idle; five stacks and twelve services |
| into the broker at idle | ${inMiB.toFixed(1)} MiB/s | bytes received at idle, times ${times} |
| out of it for each console that sees all | ${outMiB.toFixed(1)} MiB/s | bytes sent at idle, times ${times} |
| packets a second into it | ${packets.toFixed(0)} | packets received at idle, times ${times}: reports and pings |
| CPU of this broker at idle | ${((idle.alone.broker * times) / 100).toFixed(1)} cores | CPU at idle, times ${times}; mosquitto has one thread |
| broker's memory | ${((brokerKiB * MANY) / 2 ** 20).toFixed(1)} GiB | ${brokerKiB.toFixed(1)} KiB a robot: connection, will, two retained messages; no TLS |
| consoles | ${consoles} | \`FLEET_ROBOTS\`: one console shows at most ${CONSOLE_ROBOTS.toLocaleString('en')} robots |
| memory of each | ${((consoleKiB * CONSOLE_ROBOTS) / 1_024).toFixed(0)} MiB above an empty one | ${consoleKiB.toFixed(1)} KiB a robot, garbage and kept runs included |
| \`GET /api/fleet\` of each | ${((asks.bytes * perConsole) / 2 ** 20).toFixed(1)} MiB | ${(asks.bytes / robots).toFixed(0)} bytes a robot |
| CPU of each at idle | ${(idle.alone.console * perConsole).toFixed(0)} % of a core | CPU at idle, times ${perConsole} |
| until all were let in again by one such broker | ${(MANY / logins / 60).toFixed(0)} min | ${logins.toFixed(0)} robots a second at the cold start above, most of which was the robots' own work on the same cores |

What follows from it:

- **One mosquitto is not for that.** It has one thread and no second machine. A clustered broker (EMQX, VerneMQ, HiveMQ) spreads connections
  over its nodes; all of them speak MQTT 5 with what the protocol needs: retained messages, wills, Message Expiry Interval and what is left of it for a
  later subscriber, Response Topic, Correlation Data, an access list by user name. Whether a given one tells what is left of the expiry has to be
  tried first: a console judges the age of a report by it. Retained messages are
  copied to every node in most of them: ${MANY.toLocaleString('en')} robots have ${(2 * MANY).toLocaleString('en')}, about ${((2 * MANY * report) / 2 / 2 ** 20).toFixed(0)} MiB.
- **A prefix a site.** \`mqtt.fleet.prefix\` may have levels: \`fleet/lyon/hall-3\`. A robot's topics then name its site, the access list holds sites apart, and
  a cluster has something to divide by. It needs nothing new in Rovi.
- **A console a site**, each with its prefix and at most ${CONSOLE_ROBOTS.toLocaleString('en')} robots: ${consoles} of them. Shared subscriptions (\`$share/…\`) do not
  help: they give each message to one of several subscribers, and a console must see all of its robots. Rovi has no console of consoles: whoever wants one
  picture of all sites asks ${consoles} gateways (\`GET /api/fleet\` or its events) and adds them up. That is not built.
- **A longer heartbeat.** Changes are told when they happen, and a broken connection by the last will. The heartbeat only finds robots whose connection
  lives and who do not speak: ${SLOW_S} s in place of ${heartbeatS} s is a third of the load, and 150 s in place of ${(heartbeatS * 2.5).toFixed(0)} s until such a robot is shown as stale.
- **After the broker was away** all robots come back. Each waits 0.5 s, then twice as long each time up to 30 s, less up to a quarter by chance
  (\`reconnect-delay.ts\`): after an outage of more than a minute they come within 30 s, at ${(MANY / 30).toFixed(0)} a second and more than that in the last quarter of the time, each
  with TCP, TLS, password, subscription, link and report. Clusters limit new connections a second and node; what is refused comes again half a minute later.
  What is missing: the spread is a quarter of the delay. For ${MANY.toLocaleString('en')} robots it should be the whole (full jitter), and the longest delay minutes.
- **Commands**: a run names at most 1,000 robots. With 50 at a time a site of ${CONSOLE_ROBOTS.toLocaleString('en')} takes five runs. A broker's queue for one subscriber bounds how many may be asked
  at once; 50 is far below it.
`;
}
