import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroupCpuMs, daemonPlace, processCpuMs, pssMiB } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import { Poller } from './poller.js';
import { RESTING } from './ros-bench-robot.js';
import type { RosBenchRobot } from './ros-bench-robot.js';

/** What one process or unit costs while nothing changes. CPU is percent of one core. */
export interface Cost {
  readonly cpuPercent: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
}

/** The cost of knowing, with a stack running and nothing changing; nobody subscribes. */
export interface RosIdle {
  readonly seconds: number;
  /** The gateway without its ROS process. */
  readonly off: { readonly gateway: Cost; readonly robotPercent: number };
  /** The gateway and its ROS process. */
  readonly on: { readonly gateway: Cost; readonly ros: Cost; readonly robotPercent: number };
  /** The polling rivals beside a gateway without its ROS process; its `systemctl`s are in the figure. */
  readonly rivals: readonly {
    readonly hertz: number;
    readonly rival: Cost;
    readonly robotPercent: number;
  }[];
}

/** Milliseconds after the last change until nothing of it goes on. */
const QUIET_MS = 8_000;

/** Where rclnodejs is, and where it is put while the face is to be off. */
const ROS = '/usr/local/lib/rovi/ros';
const AWAY = `${ROS}.away`;

interface Meter {
  readonly cpuMs: () => Promise<number>;
}

/** Measures over windows of `seconds`, one after the other. The face is on before and after. */
export async function measureRosIdle(
  bench: RosBenchRobot,
  seconds: number,
  rates: readonly number[],
): Promise<RosIdle> {
  const { robot, client } = bench;
  const gateway = await daemonPlace(robot);
  const whole: Meter = { cpuMs: () => cgroupCpuMs(robot, { pid: 1, controlGroup: '/' }) };
  const ofProcess = (pid: number): Meter => ({ cpuMs: () => processCpuMs(robot, pid) });
  const window = async (...meters: Meter[]): Promise<number[]> => {
    await delay(QUIET_MS);
    const before = await Promise.all(meters.map(({ cpuMs }) => cpuMs()));
    const begin = monotonicMs();
    await delay(seconds * 1000);
    const after = await Promise.all(meters.map(({ cpuMs }) => cpuMs()));
    const elapsed = monotonicMs() - begin;
    return after.map((value, index) => (100 * (value - (before[index] ?? 0))) / elapsed);
  };
  const costOf = async (pid: number, cpuPercent = Number.NaN): Promise<Cost> => ({
    cpuPercent,
    rssMiB: await rssMiB(bench, pid),
    pssMiB: await pssMiB(robot, pid),
  });

  await client.start(RESTING);
  const { pid } = (await bench.face('on')).face;
  if (pid === null) throw new Error('the face is on and has no process');
  const [gatewayOn, rosOn, robotOn = 0] = await window(ofProcess(gateway.pid), ofProcess(pid), whole);
  const on = {
    gateway: await costOf(gateway.pid, gatewayOn),
    ros: await costOf(pid, rosOn),
    robotPercent: robotOn,
  };

  await robot.exec(['mv', ROS, AWAY]);
  await client.rosRestart();
  await bench.face('off');
  const [gatewayOff, robotOff = 0] = await window(ofProcess(gateway.pid), whole);
  const off = { gateway: await costOf(gateway.pid, gatewayOff), robotPercent: robotOff };

  const rivals: RosIdle['rivals'][number][] = [];
  for (const hertz of rates) {
    const poller = await Poller.start(bench, hertz);
    await delay(3_000);
    const place = await poller.place();
    const [cpu, robotPercent = 0] = await window({ cpuMs: () => cgroupCpuMs(robot, place) }, whole);
    rivals.push({ hertz, rival: await costOf(place.pid, cpu), robotPercent });
    await poller.stop();
  }
  await robot.exec(['mv', AWAY, ROS]);
  await client.rosRestart();
  await bench.face('on');
  await client.stop(RESTING);
  return { seconds, on, off, rivals };
}

async function rssMiB({ robot }: RosBenchRobot, pid: number): Promise<number> {
  const text = await readFile(robot.path(`/proc/${pid}/status`), 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}
