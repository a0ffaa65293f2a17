import type { RoviEvent } from '@rovi/contract';
import { serviceSchema, stackSchema } from '@rovi/contract';
import { expect, it } from 'vitest';
import { Conductor } from '../conductor.js';
import type { ProbeTarget } from '../ports/health-prober.js';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  noCatalogFile,
  RobotModel,
  VirtualClock,
} from '../robot-model.js';

const UNIT = 'rovi-video.service';

/** A conductor with one service and one stack, and what it tells of; `looks` says how the checks of the service end. */
async function conducted(health: readonly object[], looks: { ok: boolean }) {
  const clock = new VirtualClock();
  const model = new RobotModel(clock, { [UNIT]: [] }, 5_000);
  const events: RoviEvent[] = [];
  const targets: ProbeTarget[] = [];
  const conductor = new Conductor({
    policy: {
      robot: 'rovi',
      lock_wait: 5,
      stacks: {
        nav: stackSchema.parse({
          description: 'nav',
          launch: { package: 'rovi_bringup', file: 'nav.launch.py' },
        }),
      },
      services: { video: serviceSchema.parse({ description: 'video', command: ['/bin/true'], health }) },
    },
    catalog: noCatalogFile,
    version: 'test',
    units: model,
    lock: model,
    journal: model,
    audit: { record: () => undefined },
    clock,
    prober: {
      probe: (_, target) => {
        targets.push(target);
        return Promise.resolve({ ok: looks.ok, text: looks.ok ? 'fine' : 'broken', figures: {} });
      },
    },
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => {
      throw error;
    },
  });
  await conductor.start();
  conductor.subscribe((event) => {
    // That it was started and stopped is supervision's to tell.
    const run = event.type === 'incident' && /^service_st(?:art|opp)ed$/.test(event.incident.type);
    if (!run) events.push(event);
  });
  const incidents = () =>
    events.flatMap((event) =>
      event.type === 'incident' ? [`${event.incident.type} ${event.incident.text}`] : [],
    );
  return { clock, model, conductor, events, incidents, targets };
}

const liveness = [{ probe: { type: 'tcp', port: 80 }, interval: 1, failures: 2 }];

it('tells once that a service has become unhealthy, and once that it is healthy again', async () => {
  const looks = { ok: true };
  const { clock, model, conductor, incidents, events } = await conducted(liveness, looks);
  void model.systemctlStart(UNIT);
  await clock.advance(5_000);
  expect(incidents()).toEqual([]);
  expect(conductor.snapshot().services[0]).toMatchObject({
    health: 'healthy',
    text: 'running, healthy',
    level: 'ok',
  });
  looks.ok = false;
  await clock.advance(10_000);
  expect(incidents()).toEqual(['service_unhealthy video is unhealthy: liveness tcp: broken']);
  expect(conductor.snapshot().services[0]).toMatchObject({ health: 'unhealthy', level: 'error' });
  // A run that ends, and the next that has not been looked at, are no news of its health.
  void model.systemctlStop(UNIT);
  await clock.advance(5_000);
  void model.systemctlStart(UNIT);
  looks.ok = true;
  await clock.advance(5_000);
  expect(incidents()).toEqual([
    'service_unhealthy video is unhealthy: liveness tcp: broken',
    'service_healthy video is healthy again',
  ]);
  const told = events.flatMap((event) => (event.type === 'incident' ? [event.incident.data['checks']] : []));
  expect(told[0]).toMatchObject([{ name: 'liveness tcp', passing: false }]);
});

it('tells of no look that changes nothing', async () => {
  const { clock, model, events, conductor } = await conducted(liveness, { ok: true });
  void model.systemctlStart(UNIT);
  await clock.advance(5_000);
  const before = events.length;
  await clock.advance(60_000);
  expect(events.length).toBe(before);
  expect(conductor.healthHistory('video').instances[0]?.history[0]?.results).toHaveLength(20);
});

it('lets a probe ask whether a stack runs whole, and stops looking when it stops', async () => {
  const { clock, model, conductor, targets } = await conducted(liveness, { ok: true });
  void model.systemctlStart(UNIT);
  await clock.advance(3_000);
  const [target] = targets;
  expect(['nav', 'gateway', 'video', 'toString'].map((name) => target?.isReady(name))).toEqual([
    false,
    null,
    true,
    null,
  ]);
  await conductor.stop();
  const before = targets.length;
  await clock.advance(10_000);
  expect(targets.length).toBe(before);
});
