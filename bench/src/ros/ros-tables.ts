import { targetTable } from '../judged.js';
import { median, summarize } from '../statistics.js';
import { ms } from '../table.js';
import type { Table } from '../table.js';
import type { Target } from '../targets.js';
import type { DeliverySamples } from './measure-delivery.js';
import type { Cost } from './measure-ros-idle.js';
import type { RosResults } from './ros-results.js';

const DELIVERY_MS = 20;

/** The target, for each size of catalog. */
export function rosTargets({ sizes }: RosResults): Target[] {
  return sizes.map(({ size, delivery }) => {
    const { n, p99 } = summarize(allOf(delivery.unit));
    return {
      what: `state change to message received by another process, ${size} stacks`,
      wanted: `p99 < ${DELIVERY_MS} ms`,
      measured: `${ms(p99)} ms (N ${n})`,
      met: p99 < DELIVERY_MS,
    };
  });
}

/** All tables of the ROS section, in the order they are read. */
export function rosTables(results: RosResults): Table[] {
  return [
    targetTable('ROS: targets', rosTargets(results)),
    deliveryTable(results),
    rivalTable(results),
    callTable(results),
    idleTable(results),
  ];
}

function deliveryTable({ sizes }: RosResults): Table {
  return {
    title: 'ROS: state change to message received',
    columns: ['', 'N', 'median', 'p95', 'p99', 'max'],
    rows: sizes.flatMap(({ size, delivery: { unit, snapshot, diagnostics } }) => [
      row(`${size} stacks, \`/rovi/units/…/state\`: all changes`, allOf(unit)),
      row('… started', unit.started),
      row('… stopped', unit.stopped),
      row('… crashed', unit.crashed),
      row('… crashed, from the SIGKILL on', unit.killed),
      row(`${size} stacks, \`/rovi/state\`: all changes`, allOf(snapshot)),
      row(`${size} stacks, \`/diagnostics\`: all changes`, allOf(diagnostics)),
    ]),
    note: "Milliseconds from systemd's own timestamp of the change (`ActiveEnterTimestampMonotonic`, `InactiveEnterTimestampMonotonic`) to the beginning of the callback in the subscriber; of a crash also from right before the SIGKILL. Between them lie systemd's signal, the gateway, its ROS process and two passes through DDS.",
  };
}

function rivalTable({ sizes }: RosResults): Table {
  return {
    title: 'ROS: the same by a node that polls',
    columns: ['', 'N', 'median', 'p95', 'p99', 'max'],
    rows: sizes.flatMap(({ size, delivery, rivals }) =>
      rivals.length === 0
        ? []
        : [
            row(`${size} stacks: Rovi`, allOf(delivery.unit)),
            ...rivals.map((rival) =>
              row(`${size} stacks: polls at ${rival.hertz} Hz`, allOf(rival.delivery)),
            ),
          ],
    ),
    note: 'Milliseconds, all changes. The rival is a small rclpy node that asks `systemctl show` for all stacks at a fixed rate and publishes each state: what one writes by hand. A state that lasts less than its period it never tells.',
  };
}

function callTable({ sizes }: RosResults): Table {
  return {
    title: 'ROS: service calls',
    columns: ['', 'N', 'median', 'p95', 'p99', 'max'],
    rows: sizes.flatMap(({ size, calls: { getState, stop } }) => [
      row(`${size} stacks, the state: \`/rovi/get_state\``, getState.ros),
      row(`${size} stacks, the state: HTTP`, getState.http),
      row(`${size} stacks, a stop: \`/rovi/stacks/…/stop\``, stop.ros),
      row(`${size} stacks, a stop: HTTP`, stop.http),
      row(`${size} stacks, a stop: \`systemctl stop\``, stop.systemctl),
    ]),
    note: 'Milliseconds from request to answer; `systemctl` is a whole program and proves nothing. The state is the snapshot as JSON; the ROS caller is rclpy on an open client, HTTP the typed client, a connection a call.',
  };
}

function idleTable({ sizes }: RosResults): Table {
  const cost = (text: string, { cpuPercent, rssMiB, pssMiB }: Cost, whole: number | null): string[] => [
    text,
    cpuPercent.toFixed(2),
    whole === null ? '' : whole.toFixed(2),
    rssMiB.toFixed(1),
    pssMiB.toFixed(1),
  ];
  return {
    title: 'ROS: while nothing changes',
    columns: ['', 'CPU, % of a core', 'whole robot, %', 'RSS, MiB', 'PSS, MiB'],
    rows: sizes.flatMap(({ size, idle: { on, off, rivals } }) => [
      cost(`${size} stacks: the ROS process`, on.ros, null),
      cost(`${size} stacks: the gateway beside it`, on.gateway, on.robotPercent),
      cost(`${size} stacks: the gateway without it`, off.gateway, off.robotPercent),
      ...rivals.map(({ hertz, rival, robotPercent }) =>
        cost(`${size} stacks: rival that polls at ${hertz} Hz`, rival, robotPercent),
      ),
    ]),
    note: `Over ${sizes[0]?.idle.seconds ?? 0} s each, a stack of a launch and two nodes running, nobody subscribed, \`/diagnostics\` published each second. The gateway is its main process. A rival's \`systemctl\`s are in its CPU; what it makes systemd and the bus do shows in that of the whole robot, which has a gateway without ROS process beside the rival. Memory is of the main process.`,
  };
}

/** All changes of one topic, from systemd's timestamps on. */
export function allOf({ started, stopped, crashed }: DeliverySamples): number[] {
  return [...started, ...stopped, ...crashed];
}

function row(text: string, samples: readonly number[]): string[] {
  const { n, p95, p99, max } = summarize(samples);
  return [text, String(n), ms(median(samples)), ms(p95), ms(p99), ms(max)];
}
