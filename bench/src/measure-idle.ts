import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Robot } from '@rovi/testbed';
import { STACKS } from './bench-catalog.js';
import type { BenchRobot } from './bench-robot.js';
import { cgroupCpuMs, daemonPlace, pidsOf, processCpuMs, pssMiB } from './daemon-figures.js';
import { monotonicMs } from './monotonic.js';

/** What goes on while nothing changes. */
export interface IdleFigures {
  readonly seconds: number;
  /** Percent of one core: all processes of the gateway's unit, short-lived ones included. */
  readonly cpuPercent: number;
  /** D-Bus messages sent by the conductor or addressed to it, systemd's signals included. */
  readonly messages: number;
  /** D-Bus messages on the whole system bus. */
  readonly allMessages: number;
  readonly pssMiB: number;
}

/** The same of a process that only subscribes to systemd by raw D-Bus, and of a Node that does nothing at all. */
export interface IdleRivals {
  readonly raw: { readonly cpuPercent: number; readonly pssMiB: number };
  readonly node: { readonly cpuPercent: number; readonly pssMiB: number };
}

/** Milliseconds after the last change until nothing of it goes on: collecting garbage, looking for young processes. */
const QUIET_MS = 5_000;

interface BusLine {
  readonly type?: string;
  readonly sender?: string;
  readonly destination?: string | null;
  readonly path?: string | null;
}

/** Every message on the robot's system bus while `work` runs. */
async function listen(robot: Robot, work: () => Promise<void>): Promise<BusLine[]> {
  const lines: BusLine[] = [];
  const monitor = robot.spawn(['busctl', 'monitor', '--json=short', '--quiet']);
  if (monitor.stdout !== null) {
    createInterface({ input: monitor.stdout }).on('line', (line) => lines.push(JSON.parse(line) as BusLine));
  }
  // The monitor must be proven to hear before its silence means anything.
  await robot.waitFor(
    'the bus monitor hears',
    async () => {
      await robot.exec(['busctl', 'call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetId']);
      return lines.length > 0;
    },
    10_000,
  );
  await delay(500);
  lines.length = 0;
  await work();
  const heard = [...lines];
  monitor.kill('SIGTERM');
  return heard;
}

/** The conductor's unique name on the bus. */
async function busNameOf(robot: Robot, pid: number): Promise<string> {
  const { stdout } = await robot.exec(['busctl', 'list', '--unique', '--no-legend', '--no-pager']);
  const line = stdout.split('\n').find((text) => text.trim().split(/\s+/)[1] === String(pid));
  const name = line?.trim().split(/\s+/)[0];
  if (name === undefined) throw new Error('the conductor is not on the bus');
  return name;
}

async function idleOnce(robot: Robot, seconds: number): Promise<IdleFigures> {
  const place = await daemonPlace(robot);
  const name = await busNameOf(robot, place.pid);
  let begin = 0;
  let cpu = 0;
  let elapsed = 0;
  const lines = await listen(robot, async () => {
    cpu = await cgroupCpuMs(robot, place);
    begin = monotonicMs();
    await delay(seconds * 1000);
    cpu = (await cgroupCpuMs(robot, place)) - cpu;
    elapsed = monotonicMs() - begin;
  });
  const ours = lines.filter(
    ({ type, sender, destination, path }) =>
      sender === name ||
      destination === name ||
      (type === 'signal' && path?.startsWith('/org/freedesktop/systemd1') === true),
  );
  return {
    seconds: elapsed / 1000,
    cpuPercent: (100 * cpu) / elapsed,
    messages: ours.length,
    allMessages: lines.length,
    pssMiB: await pssMiB(robot, place.pid),
  };
}

/** First with no stack, then with one running; nobody is connected to the conductor. */
export async function measureIdle(
  { robot, client }: BenchRobot,
  seconds: number,
): Promise<{ none: IdleFigures; active: IdleFigures }> {
  await delay(QUIET_MS);
  const none = await idleOnce(robot, seconds);
  await client.start(STACKS.whole.stack);
  await delay(QUIET_MS);
  const active = await idleOnce(robot, seconds);
  await client.stop(STACKS.whole.stack);
  return { none, active };
}

/** The runtime's own floor, measured over the same time side by side. */
export async function measureIdleRivals(robot: Robot, seconds: number): Promise<IdleRivals> {
  const nothing = robot.spawn(['node', '-e', 'setInterval(() => {}, 1e9)'], { user: 'rovi' });
  const raw = robot.spawn(['node', '/opt/rovi-src/bench/dist/raw-rival.js'], { user: 'rovi' });
  const rivals = { raw, node: nothing };
  try {
    await delay(2_000);
    const words = { raw: 'raw-rival[.]js', node: '^node.*1e9' };
    const measured = Object.fromEntries(
      await Promise.all(
        Object.entries(words).map(async ([name, word]) => {
          const [pid] = await pidsOf(robot, word);
          if (pid === undefined) throw new Error(`the idle rival ${name} has ended`);
          const cpu = await processCpuMs(robot, pid);
          const begin = monotonicMs();
          await delay(seconds * 1000);
          const used = (await processCpuMs(robot, pid)) - cpu;
          const cpuPercent = (100 * used) / (monotonicMs() - begin);
          return [name, { cpuPercent, pssMiB: await pssMiB(robot, pid) }] as const;
        }),
      ),
    );
    return measured as unknown as IdleRivals;
  } finally {
    for (const rival of Object.values(rivals)) rival.kill('SIGKILL');
  }
}
