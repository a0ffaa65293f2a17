import { setTimeout as sleep } from 'node:timers/promises';
import type { RosProbe, RosProbeResult } from '@rovi/contract';
import type { Rcl, RclNode } from './rcl.js';

const nothing = { rate: null, publishers: null, type: null } as const;

/** Looks at the graph as this node sees it; for as long as the signal lets it. */
export async function probeGraph(
  rcl: Rcl,
  node: RclNode,
  probe: RosProbe,
  signal: AbortSignal,
): Promise<RosProbeResult> {
  switch (probe.kind) {
    case 'available':
      return { ok: true, text: 'ROS is there', ...nothing };
    case 'node': {
      const there = node
        .getNodeNamesAndNamespaces()
        .some(({ name, namespace }) => `${namespace === '/' ? '' : namespace}/${name}` === probe.name);
      return { ok: there, text: `node ${probe.name} is ${there ? 'there' : 'not there'}`, ...nothing };
    }
    case 'topic':
      return probeTopic(rcl, node, probe, signal);
  }
}

async function probeTopic(
  { QoS }: Rcl,
  node: RclNode,
  { name, window_ms, min_rate }: Extract<RosProbe, { kind: 'topic' }>,
  signal: AbortSignal,
): Promise<RosProbeResult> {
  const type = node.getTopicNamesAndTypes().find((topic) => topic.name === name)?.types[0] ?? null;
  const publishers = node.countPublishers(name);
  if (type === null || publishers === 0) {
    return { ok: false, text: `nobody publishes ${name}`, rate: null, publishers, type };
  }
  let messages = 0;
  const begin = performance.now();
  // Best effort and volatile: what any publisher can serve. A latched message of old is then no sign of life.
  const qos = new QoS(
    QoS.HistoryPolicy['RMW_QOS_POLICY_HISTORY_KEEP_LAST'] ?? 1,
    1000,
    QoS.ReliabilityPolicy['RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT'] ?? 2,
    QoS.DurabilityPolicy['RMW_QOS_POLICY_DURABILITY_VOLATILE'] ?? 2,
  );
  const subscription = node.createSubscription(type, name, { qos, isRaw: true }, () => {
    messages += 1;
  });
  // Who has gone must not leave a subscription behind.
  await sleep(window_ms, undefined, { signal }).catch(() => undefined);
  node.destroySubscription(subscription);
  const seconds = (performance.now() - begin) / 1000;
  const rate = messages / seconds;
  const ok = messages > 0 && rate >= min_rate;
  const wanted = ok || min_rate === 0 ? '' : `, expected ${min_rate} Hz`;
  return {
    ok,
    text: `${name}: ${messages} messages in ${seconds.toFixed(1)} s, ${rate.toFixed(1)} Hz${wanted}`,
    rate,
    publishers,
    type,
  };
}
