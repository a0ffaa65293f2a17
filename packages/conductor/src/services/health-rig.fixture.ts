import type { InstanceHealth, ProbeKind } from '@rovi/contract';
import { serviceSchema, serviceUnit } from '@rovi/contract';
import type { HealthProber, ProbeTarget } from '../ports/health-prober.js';
import { VirtualClock } from '../robot-model.js';
import { reading } from '../unit-reading.fixture.js';
import { HealthMonitor } from './health-monitor.js';
import { ServiceObserver } from './service-observer.js';

export type Looked = Awaited<ReturnType<HealthProber['probe']>>;
/** How a look ends: at once, after so many ms, or never, also not when it should. */
export type Answer =
  boolean | null | { readonly ok: boolean | null; readonly after: number } | 'hangs' | 'throws';

/** A service as the catalog writes it, less what every one has. */
export type Declared = Readonly<
  Record<string, { readonly health?: readonly object[]; readonly [key: string]: unknown }>
>;

/** One look as it was taken. */
export interface Taken {
  readonly service: string;
  readonly kind: ProbeKind;
  readonly target: ProbeTarget;
  readonly at: number;
  /** Null while it goes on. */
  ended: number | null;
  readonly signal: AbortSignal;
}

/** A HealthMonitor on a virtual clock, fed by a real ServiceObserver; `answer` says how each look ends. */
export function healthRig(
  declared: Declared,
  answer: (service: string, kind: ProbeKind, nth: number) => Answer = () => true,
) {
  const clock = new VirtualClock();
  const taken: Taken[] = [];
  const told: { service: string; id: number; at: number; before: InstanceHealth; now: InstanceHealth }[] = [];
  const services = declare(declared);
  const observer = new ServiceObserver(services);
  const prober: HealthProber = {
    async probe(kind, target, signal) {
      const nth = taken.filter((one) => one.service === target.service && one.kind === kind).length;
      const look: Taken = {
        service: target.service,
        kind,
        target,
        at: clock.monotonic(),
        ended: null,
        signal,
      };
      taken.push(look);
      const how = answer(target.service, kind, nth);
      if (how === 'throws') throw new Error('a defect');
      if (how === 'hangs') return new Promise<Looked>(() => undefined);
      if (typeof how === 'object' && how !== null) await clock.sleep(how.after);
      look.ended = clock.monotonic();
      const ok = typeof how === 'object' && how !== null ? how.ok : how;
      return { ok, text: ok === null ? 'cannot look' : ok ? 'fine' : 'broken', figures: {} };
    },
  };
  const stacks = new Map<string, boolean>();
  const monitor = new HealthMonitor({
    services,
    prober,
    clock,
    stackReady: (name) => stacks.get(name) ?? null,
  });
  observer.subscribe((change) => monitor.instanceChanged(change));
  monitor.subscribe((service, id, before, now) => {
    told.push({ service, id, at: clock.monotonic(), before, now });
  });
  let runs = 0;
  const say = (unit: string, activeState: string, invocationId: string | null): void =>
    observer.observe({ kind: 'unit', reading: reading({ unit, activeState, invocationId }) });
  /** Everything is told to be at rest, as after the gateway's begin. */
  for (const unit of observer.units) say(unit, 'inactive', null);
  return {
    clock,
    monitor,
    observer,
    taken,
    told,
    stacks,
    say,
    declare: (next: Declared) => {
      observer.declare(declare(next));
      monitor.declare(declare(next));
    },
    unit: (service: string, id = 1) => serviceUnit(service, observer.entry(service), id),
    start(service: string, id = 1): void {
      runs += 1;
      const unit = serviceUnit(service, observer.entry(service), id);
      const invocation = runs.toString(16).padStart(32, '0');
      say(unit, 'activating', invocation);
      say(unit, 'active', invocation);
    },
    end(service: string, state: 'inactive' | 'failed' = 'inactive', id = 1): void {
      const unit = serviceUnit(service, observer.entry(service), id);
      say(unit, state, observer.instance(service, id).knowledge?.reading.invocationId ?? null);
    },
    /** Milliseconds between the end of each look at the service and the begin of the next. */
    pauses: (service: string): number[] => {
      const looks = taken.filter((one) => one.service === service);
      return looks.slice(1).map(({ at }, index) => at - (looks[index]?.ended ?? Number.NaN));
    },
  };
}

function declare(declared: Declared) {
  return Object.fromEntries(
    Object.entries(declared).map(([name, entry]) => [
      name,
      serviceSchema.parse({ description: name, command: ['/bin/true'], ...entry }),
    ]),
  );
}
