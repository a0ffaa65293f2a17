import type { AuditEntry, Incident, InstanceHealth, LogEntry, Maintenance, Operation } from '@rovi/contract';
import { serviceSchema, serviceUnit } from '@rovi/contract';
import { MemorySupervisionStore, VirtualClock } from '../robot-model.js';
import { ServiceObserver } from './service-observer.js';
import { SupervisedUnits } from './supervised-units.fixture.js';
import { Supervisor } from './supervisor.js';

/** Seconds of the catalog of the rig. */
export const LOOP = { starts: 3, window: 20, cooldown: 30, tries: 2 } as const;
export const HEALTHY: InstanceHealth = {
  status: 'healthy',
  text: 'fine',
  since: null,
  ready: true,
  checks: [],
};

export const maintained: Maintenance = {
  target: 'video',
  reason: 'new lens',
  actor: { name: 'olga', face: 'cli', verified: true },
  since: '2026-03-01T10:00:00.000Z',
  until: null,
};

const line = (message: string, transport: string): LogEntry => ({
  cursor: '',
  at: '2026-03-01T10:00:00.000Z',
  unit: 'rovi-video.service',
  invocation_id: null,
  pid: null,
  priority: 6,
  identifier: null,
  transport,
  stream: null,
  message,
});

/** A supervisor over services in memory; `gateway` begins it, and begins another one after a `kill`. */
export async function supervised(services: Readonly<Record<string, object>> = { video: {} }) {
  const clock = new VirtualClock();
  const restart = Object.values(services).every((one) => !('restart' in one) || one.restart !== 'never');
  const units = new SupervisedUnits(clock, {
    restart,
    burst: LOOP.starts,
    windowMs: LOOP.window * 1000,
    delayMs: 100,
  });
  const store = new MemorySupervisionStore();
  const incidents: Incident[] = [];
  const audit: AuditEntry[] = [];
  const rig = {
    clock,
    units,
    store,
    incidents,
    audit,
    maintenance: null as Maintenance | null,
    operation: null as Operation | null,
    /** What systemd itself said last of the unit. */
    systemdSaid: 'Start request repeated too quickly.',
    health: HEALTHY,
    supervisor: null as unknown as Supervisor,
    observer: null as unknown as ServiceObserver,
    async gateway() {
      const entries = Object.fromEntries(
        Object.entries(services).map(([name, more]) => [
          name,
          serviceSchema.parse({
            description: name,
            command: ['/bin/true'],
            crash_loop: LOOP,
            on_unhealthy: { action: 'restart', attempts: 2, backoff: 1 },
            ...more,
          }),
        ]),
      );
      const observer = new ServiceObserver(entries);
      const supervisor = new Supervisor({
        observer,
        health: { health: () => rig.health },
        maintenance: {
          of: () => rig.maintenance,
          get all() {
            return rig.maintenance === null ? [] : [rig.maintenance];
          },
        },
        units,
        journal: {
          read: ({ invocation }) =>
            Promise.resolve(
              invocation === undefined
                ? [line(rig.systemdSaid, 'journal')]
                : [
                    line('Started.', 'journal'),
                    line(`last words of ${Number.parseInt(invocation, 16)}`, 'stdout'),
                  ],
            ),
        },
        clock,
        audit: { record: (entry) => void audit.push(entry) },
        store,
        operationOn: () => rig.operation,
        tell: (incident) => incidents.push(incident),
        changed: () => undefined,
      });
      rig.supervisor = supervisor;
      rig.observer = observer;
      observer.subscribe((change) => {
        // Another run has not been looked at yet.
        if (change.now.knowledge?.reading.activeState !== 'active')
          rig.health = { ...HEALTHY, status: 'none' };
        supervisor.instanceChanged(change);
      });
      await supervisor.start();
      await units.start(
        Object.entries(entries).map(([name, entry]) => serviceUnit(name, entry)),
        observer.observe,
      );
      await clock.advance(0);
    },
    /** kill -9: what is not on the disk is gone. */
    async kill() {
      await units.stop();
      const records = store.records;
      const stopped = rig.supervisor.stop();
      await clock.advance(0);
      await stopped;
      store.records = records;
    },
    view: (name = 'video') => rig.supervisor.supervision(name, 1),
    types: () => incidents.map(({ type }) => type),
    healthIs: (status: InstanceHealth['status']) => {
      rig.health = { ...HEALTHY, status, text: status };
      for (const name of Object.keys(services)) rig.supervisor.healthChanged(name, 1, rig.health);
    },
  };
  await rig.gateway();
  return rig;
}
