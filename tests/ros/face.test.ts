/** The face between a real conductor and a transport that keeps what it is given: what goes out, and when. */
import type { ConductorApi } from '@rovi/conductor';
import { Conductor, noProber } from '@rovi/conductor';
import {
  noCatalogFile,
  MemoryMarkStore,
  MemorySupervisionStore,
  RobotModel,
  VirtualClock,
} from '@rovi/conductor/robot-model';
import type { RosProbeResult } from '@rovi/contract';
import { rosSchema, snapshotSchema, stackSchema, streamsSchema } from '@rovi/contract';
import { NoRosTransport, RosFace } from '@rovi/ros';
import type { RosMessage, RosSpec, RosTransport, TransportListener, TransportStatus } from '@rovi/ros';
import { describe, expect, test } from 'vitest';
import { until } from './ros-programs.js';

/** A transport of the port's own kind: it has what it was given. */
class KeptTransport implements RosTransport {
  readonly published: { topic: string; message: RosMessage; at: number }[] = [];
  spec: RosSpec | null = null;
  stopped = false;
  #listener: TransportListener | null = null;
  readonly #onAtOnce: boolean;

  constructor(onAtOnce: boolean) {
    this.#onAtOnce = onAtOnce;
  }

  start(spec: RosSpec, listener: TransportListener): void {
    this.spec = spec;
    this.#listener = listener;
    if (this.#onAtOnce) this.turnOn();
  }

  tell(part: Partial<TransportStatus>): void {
    const status = { state: 'on', text: '', mend: '', pid: 1, restarts: 0, detail: {} } as const;
    this.#listener?.status({ ...status, ...part });
  }

  turnOn(detail: Record<string, string> = {}): void {
    this.tell({ state: 'on', detail });
    this.resync(...(this.spec?.topics.filter(({ optional }) => !optional).map(({ name }) => name) ?? []));
  }

  resync(...topics: string[]): void {
    this.#listener?.resync(new Set(topics));
  }

  call(service: string, request: RosMessage = {}): Promise<RosMessage> {
    return new Promise((resolve) => this.#listener?.call(service, request, resolve));
  }

  publish(topic: string, message: RosMessage): void {
    this.published.push({ topic, message, at: performance.now() });
  }

  on(topic: string): RosMessage[] {
    return this.published.filter((one) => one.topic === topic).map(({ message }) => message);
  }

  restart(): void {
    // Nothing of it can fail.
  }

  probe(): Promise<RosProbeResult> {
    return Promise.resolve({ ok: true, text: 'kept', rate: null, publishers: null, type: null });
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }
}

/** The model's clock on real time. */
class RealTime extends VirtualClock {
  override now = () => Date.now();
  override monotonic = () => performance.now();
  override at = (delay: number, run: () => void) => void setTimeout(run, delay);
}

interface Options {
  readonly onAtOnce?: boolean;
  /** Replaces how figures are had. */
  readonly resources?: ConductorApi['resources'];
}

async function faced({ onAtOnce = false, resources }: Options = {}) {
  const stacks = {
    nav: stackSchema.parse({
      description: 'x',
      launch: { package: 'rovi_bringup', file: 'nav.launch.py' },
      processes: ['nav_node'],
      timeouts: { settle: 0 },
    }),
  };
  const faults: unknown[] = [];
  const model = new RobotModel(new RealTime(), { 'rovi-nav.service': ['nav_node'] }, 200);
  const real = new Conductor({
    policy: { robot: 'testbed', lock_wait: 1, stacks, services: {} },
    version: 'test',
    catalog: noCatalogFile,
    units: model,
    lock: model,
    journal: model,
    audit: { record: () => undefined },
    clock: model.clock,
    prober: noProber,
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => faults.push(error),
  });
  await real.start();
  const conductor: ConductorApi = {
    snapshot: () => real.snapshot(),
    detail: (stack) => real.detail(stack),
    failure: (stack) => real.failure(stack),
    resources: resources ?? ((unit) => real.resources(unit)),
    reportFace: (face) => real.reportFace(face),
    impact: (kind, stack) => real.impact(kind, stack),
    serviceImpact: (intent) => real.serviceImpact(intent),
    healthHistory: (service) => real.healthHistory(service),
    maintain: (body, request) => real.maintain(body, request),
    endMaintenance: (target, request) => real.endMaintenance(target, request),
    recover: (request) => real.recover(request),
    reload: (request) => real.reload(request),
    reportExternal: (services) => real.reportExternal(services),
    reportTickets: (ticket, desk) => real.reportTickets(ticket, desk),
    command: (command) => real.command(command),
    operations: () => real.operations(),
    operation: (id) => real.operation(id),
    timeline: () => real.timeline(),
    lastRestart: (name) => real.lastRestart(name),
    subscribe: (listener) => real.subscribe(listener),
    eventsSince: (since, bootId) => real.eventsSince(since, bootId),
  };
  const transport = new KeptTransport(onAtOnce);
  const field = {
    id: 'nav',
    type: 'text',
    source: { provider: 'system', type: 'service', service: 'rovi-nav' },
  };
  const face = new RosFace({
    conductor,
    transport,
    policy: {
      robot: 'testbed',
      stacks,
      ros: rosSchema.parse({}),
      streams: streamsSchema.parse({ status: { fields: [field] } }),
    },
    logger: { info: () => undefined },
  });
  face.start();
  const command = (kind: 'start' | 'stop') =>
    real.command({
      kind,
      stack: 'nav',
      actor: { name: 't', face: 'cli', verified: false },
      origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
      reason: '',
    }).finished;
  return {
    conductor: real,
    transport,
    face,
    command,
    [Symbol.asyncDispose]: async () => {
      await face.stop();
      await real.stop();
      expect(faults).toEqual([]);
    },
  };
}

const PROTOBUF = '/rovi/status_fields/protobuf';
const levels = (message: RosMessage | undefined) =>
  (message?.['status'] as { level: number }[] | undefined)?.map(({ level }) => level);

describe.concurrent('the face', () => {
  test('says nothing before the transport is on, then everything once', async () => {
    await using robot = await faced();
    const { transport, face, command } = robot;
    await command('start');
    expect(face.status().face).toMatchObject({ name: 'ros', state: 'starting' });
    expect(transport.published).toEqual([]);
    transport.turnOn();
    const latched = face
      .status()
      .topics.filter(({ qos, type }) => qos.durability === 'transient_local' && !type.startsWith('rovi_'));
    for (const { name } of latched) {
      if (name !== PROTOBUF) expect(transport.on(name), name).toHaveLength(1);
    }
    expect(transport.on('/diagnostics')).toHaveLength(1);
    // How to write it may still be on its way from the disk.
    await until('the protobuf', () => transport.on(PROTOBUF).length === 1);
    expect(transport.on('/rovi/units/nav/state')).toEqual([{ data: 'active' }]);
    expect(transport.on('/rovi/units/nav/processes/nav_node')).toEqual([{ data: true }]);
    expect(robot.conductor.snapshot().faces).toEqual([face.status().face]);
  });

  test('says a value again only when it is another; all of it when it may have been lost', async () => {
    await using robot = await faced();
    const { transport, command } = robot;
    transport.turnOn();
    await command('start');
    await command('stop');
    await until('nav at rest, in the last round too', () => {
      const last = transport.on('/rovi/state').at(-1)?.['data'] as string;
      return (
        transport.on('/rovi/units/nav/state').at(-1)?.['data'] === 'inactive' &&
        snapshotSchema.parse(JSON.parse(last)).seq === robot.conductor.snapshot().seq
      );
    });
    for (const { name, type } of transport.spec?.topics ?? []) {
      if (!name.startsWith('/rovi/units/')) continue;
      const values = transport.on(name).map(({ data }) => data);
      expect(typeof values[0], name).toBe(type === 'std_msgs/msg/Bool' ? 'boolean' : 'string');
      expect(values, name).toEqual(values.filter((value, index) => value !== values[index - 1]));
    }
    const before = transport.published.length;
    transport.resync('/rovi/units/gateway/state', '/rovi/state');
    const again = new Set(transport.published.slice(before).map(({ topic }) => topic));
    expect([...again].sort()).toEqual(['/diagnostics', '/rovi/state', '/rovi/units/gateway/state']);
  });

  test('has each event on its topic at once, and a round of state every 20 ms at most', async () => {
    const shortest: number[] = [];
    while (shortest.length < 3) {
      await using robot = await faced();
      const { transport, command, conductor } = robot;
      transport.turnOn();
      const from = conductor.snapshot().seq;
      for (let round = 0; round < 3; round += 1) {
        await command('start');
        await command('stop');
      }
      await until('the last state', () => {
        const last = transport.on('/rovi/state').at(-1)?.['data'] as string;
        return snapshotSchema.parse(JSON.parse(last)).seq === conductor.snapshot().seq;
      });
      const events = transport
        .on('/rovi/events')
        .map(({ data }) => (JSON.parse(data as string) as { seq: number }).seq)
        .filter((seq) => seq > from);
      expect(events).toEqual(Array.from({ length: conductor.snapshot().seq - from }, (_, n) => from + 1 + n));
      const moments = transport.published.filter(({ topic }) => topic === '/rovi/state').map(({ at }) => at);
      // The first is that of the resync, the second follows the first event. From a round to the fifth after it:
      const spans = moments.slice(6).map((at, index) => at - (moments[index + 1] ?? 0));
      shortest.push(Math.min(...spans));
    }
    // Timers are whole milliseconds, and a round begins a little before it is seen: on a busy machine sometimes more,
    // so the best of three.
    expect(Math.max(...shortest)).toBeGreaterThan(75);
  });

  test('says no event while the transport is away', async () => {
    await using robot = await faced();
    const { transport, command } = robot;
    transport.turnOn();
    transport.tell({ state: 'failing', pid: null });
    const before = transport.on('/rovi/events').length;
    await command('start');
    expect(transport.on('/rovi/events')).toHaveLength(before);
    expect(robot.conductor.snapshot().faces).toMatchObject([{ name: 'ros', state: 'failing', pid: null }]);
    transport.turnOn();
    expect(transport.on('/rovi/units/nav/state').at(-1)).toEqual({ data: 'active' });
  });

  test('says the typed topic only where the transport has it', async () => {
    await using robot = await faced();
    const { transport } = robot;
    transport.turnOn({ interfaces: 'standard' });
    expect(transport.on('/rovi/stack_states')).toEqual([]);
    transport.turnOn({ interfaces: 'typed' });
    expect(transport.on('/rovi/stack_states')).toHaveLength(1);
  });

  test('has the protobuf too, on a transport that is on at once', async () => {
    await using robot = await faced({ onAtOnce: true });
    await until('the protobuf', () => robot.transport.on(PROTOBUF).length === 1);
    expect(robot.transport.on('/rovi/status_fields').length).toBeGreaterThan(0);
  });

  test('answers calls', async () => {
    await using robot = await faced({ onAtOnce: true });
    expect(await robot.transport.call('/rovi/stacks/nav/start')).toMatchObject({ success: true });
    expect(robot.conductor.snapshot().active).toBe('nav');
  });

  test('has last words, and nothing after them: not even what it was about to say', async () => {
    let looking = 0;
    let looked = (): void => undefined;
    const slow = new Promise<void>((resolve) => (looked = resolve));
    const robot = await faced({
      onAtOnce: true,
      resources: async () => {
        looking += 1;
        await slow;
        return { cpu_seconds: 1, memory_bytes: 1, source: 'cgroup' };
      },
    });
    const { transport, face, command, conductor } = robot;
    await command('start');
    await until('a look at the figures', () => looking > 0);
    const stopped = face.stop();
    looked();
    await stopped;
    await command('stop');
    // The face has had its turn.
    await new Promise(setImmediate);
    expect(transport.stopped).toBe(true);
    expect(levels(transport.on('/diagnostics').at(-1))).toEqual([3, 3]);
    expect(transport.on('/rovi/units/nav/state').at(-1)).toEqual({ data: 'unknown' });
    expect(transport.on('/rovi/units/gateway/state').at(-1)).toEqual({ data: 'unknown' });
    expect(JSON.parse(transport.on('/rovi/state').at(-1)?.['data'] as string)).toMatchObject({
      known: false,
    });
    await conductor.stop();
  });
});

test('a robot that is to have no face: off, and it says why', async () => {
  const transport = new NoRosTransport('the catalog says so', 'Change it.');
  const statuses: TransportStatus[] = [];
  const refuse = (): never => {
    throw new Error('nobody is there');
  };
  transport.start(
    { namespace: '/rovi', node: 'conductor', topics: [], services: [] },
    { status: (status) => void statuses.push(status), resync: refuse, call: refuse },
  );
  transport.publish();
  transport.restart();
  expect(statuses).toEqual([
    { state: 'off', text: 'the catalog says so', mend: 'Change it.', pid: null, restarts: 0, detail: {} },
  ]);
  expect(await transport.probe()).toMatchObject({
    ok: false,
    text: 'the ROS face is off: the catalog says so',
  });
  await transport.stop();
});
