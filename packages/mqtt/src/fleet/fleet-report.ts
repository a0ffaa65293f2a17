import { FLEET_KEPT_S, FLEET_UNITS, isCriticalDown } from '@rovi/contract';
import type { FleetReport, Snapshot, SupervisedService, VerdictLevel } from '@rovi/contract';

/** The worst last: what has failed is not hidden by something else that is not known. */
const worse: readonly VerdictLevel[] = ['ok', 'warn', 'stale', 'error'];

/** What a robot tells the fleet of itself; without the time, which is none of its news. */
export function fleetReport(
  snapshot: Snapshot,
  { heartbeat, commands }: { readonly heartbeat: number; readonly commands: boolean },
): Omit<FleetReport, 'at'> {
  const { robot, boot_id, version, active, known, stacks, services, tickets, maintenance } = snapshot;
  return {
    v: 1,
    robot,
    boot_id,
    version,
    heartbeat_s: heartbeat,
    kept_s: FLEET_KEPT_S,
    ...verdictOf(snapshot),
    active,
    known,
    estop: tickets?.estop.active === true,
    maintenance: maintenance.some(({ target }) => target === null),
    stacks: stacks
      .slice(0, FLEET_UNITS)
      .map(({ name, state, verdict }) => ({ name, state, level: verdict.level })),
    services: services.slice(0, FLEET_UNITS).map((service) => ({
      name: service.name,
      state: service.state,
      level: levelOf(service),
      health: service.health,
    })),
    cut: stacks.length > FLEET_UNITS || services.length > FLEET_UNITS,
    commands,
  };
}

/** The worst that there is to say, and of how much. */
function verdictOf(snapshot: Snapshot): Pick<FleetReport, 'level' | 'text'> {
  const { known, active, stacks, services, tickets } = snapshot;
  if (!known) return { level: 'stale', text: 'systemd cannot be reached: nothing is known' };
  const unwell = [
    ...stacks.map(({ name, verdict }) => ({ name, level: verdict.level, text: verdict.text })),
    ...services.map((service) => ({ name: service.name, level: levelOf(service), text: service.text })),
  ].filter(({ level }) => level !== 'ok');
  const estopped = tickets?.estop.active === true;
  const level = [...unwell.map((one) => one.level), ...(estopped ? (['warn'] as const) : [])].reduce(
    (worst, one) => (worse.indexOf(one) > worse.indexOf(worst) ? one : worst),
    'ok' as VerdictLevel,
  );
  const [first] = unwell.filter((one) => one.level === level);
  const more = unwell.length > 1 ? `, and ${String(unwell.length - 1)} more` : '';
  const running = active === null ? 'no stack is active' : `${active} is active`;
  const text = [
    ...(estopped ? ['e-stop'] : []),
    first === undefined ? running : `${first.name}: ${first.text}${more}`,
  ].join('; ');
  return { level, text: text.slice(0, 500) };
}

/** The service's own; but a robot without a critical one is not well, though it was stopped in good order. */
function levelOf(service: SupervisedService): VerdictLevel {
  return isCriticalDown(service) ? 'error' : service.level;
}
