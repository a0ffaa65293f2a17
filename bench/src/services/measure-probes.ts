import { setTimeout as delay } from 'node:timers/promises';
import { cgroupCpuMs, daemonPlace, pssMiB } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import { INTERVAL_S, TOP } from './service-catalog.js';
import type { ServicesBenchRobot } from './services-bench-robot.js';

/** What a gateway uses while nothing changes. */
export interface ProbeFigures {
  /** Checks that pass, each looked at within its interval. */
  readonly checks: number;
  readonly seconds: number;
  /** Percent of one core: all processes of the gateway's unit. */
  readonly cpuPercent: number;
  /** Its main process. */
  readonly pssMiB: number;
}

/** Milliseconds until first looks are over and what was built at the start is collected. */
const QUIET_MS = 15_000;

/** A gateway that was restarted under the running graph, with nobody connected to it. */
export async function measureProbes(bench: ServicesBenchRobot, seconds: number): Promise<ProbeFigures> {
  const { client, robot, root } = bench;
  await root.run(['systemctl', 'start', `rovi-${TOP}.service`]);
  await root.run(['systemctl', 'restart', 'rovi-gateway.service']);
  await bench.until('every service to run', ({ state }) => state === 'RUNNING');
  await delay(QUIET_MS);
  const place = await daemonPlace(robot);
  const cpu = await cgroupCpuMs(robot, place);
  const begin = monotonicMs();
  await delay(seconds * 1000);
  const used = (await cgroupCpuMs(robot, place)) - cpu;
  const elapsed = monotonicMs() - begin;
  const memory = await pssMiB(robot, place.pid);
  const { services, at } = await client.state();
  const checks = services.flatMap(({ instances }) => instances.flatMap(({ health }) => health.checks));
  // Seconds that a look may be old: the interval, and some for the look itself.
  const oldest = Date.parse(at) - (INTERVAL_S + 3) * 1000;
  const good = checks.filter(
    ({ passing, last }) => passing === true && last !== null && Date.parse(last.at) >= oldest,
  );
  if (good.length < checks.length) {
    throw new Error(
      `${checks.length - good.length} of ${checks.length} checks do not pass, or were not looked at`,
    );
  }
  return {
    checks: good.length,
    seconds: elapsed / 1000,
    cpuPercent: (100 * used) / elapsed,
    pssMiB: memory,
  };
}
