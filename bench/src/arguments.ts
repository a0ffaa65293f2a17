import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { FULL, QUICK } from './plan.js';
import type { Plan } from './plan.js';
import { FULL_FLEET, QUICK_FLEET } from './fleet/fleet-plan.js';
import type { FleetPlan } from './fleet/fleet-plan.js';
import { FULL_HTTP, QUICK_HTTP } from './http/http-plan.js';
import type { HttpPlan } from './http/http-plan.js';
import { FULL_ROS, QUICK_ROS } from './ros/ros-plan.js';
import type { RosPlan } from './ros/ros-plan.js';
import { FULL_SERVICES, QUICK_SERVICES } from './services/services-plan.js';
import type { ServicesPlan } from './services/services-plan.js';
import { FULL_TICKETS, QUICK_TICKETS } from './tickets/tickets-plan.js';
import type { TicketsPlan } from './tickets/tickets-plan.js';

export const USAGE = `npm run bench -- [options]
  --quick         small numbers, one robot: to see that it works
  --sizes A,B     catalog sizes (10,100,1000)
  --ros           only the ROS face, which is else measured after the rest where a ROS 2 is sourced
  --ros-sizes A,B catalog sizes of the ROS face (5,100,1000)
  --http          only the HTTP face: beside supervisord, a thousand subscribers, the memory of a day
  --http-sizes A,B catalog sizes of the HTTP face (5,100)
  --services      only services: a graph of a hundred beside systemctl, health checks at idle
  --tickets       only the store of tickets: durable creates, pages of a million
  --fleet         only a fleet: a hundred and a thousand simulated robots, a broker, a console
  --fleet-sizes A,B numbers of robots (100,1000)
  --json FILE     write everything that was measured, each sample
  --from FILE     measure nothing: show an earlier run, as --json wrote it
  --docs FILE     write the page (docs/performance.md where all is measured, else nowhere); the page of the ROS face
                  is written beside it (performance-ros.md), those of the HTTP face (performance-http.md), of
                  services (performance-services.md), of tickets (performance-tickets.md) and of a fleet
                  (performance-fleet.md) too
`;

export interface BenchArguments {
  readonly plan: Plan;
  readonly rosPlan: RosPlan;
  readonly httpPlan: HttpPlan;
  readonly servicesPlan: ServicesPlan;
  readonly ticketsPlan: TicketsPlan;
  readonly fleetPlan: FleetPlan;
  /** The one part to measure; null: all but the HTTP face, services, tickets and fleets, the ROS face where a ROS 2 is sourced. */
  readonly only: 'ros' | 'http' | 'services' | 'tickets' | 'fleet' | null;
  /** An earlier run to show instead of measuring. */
  readonly from: string | undefined;
  readonly json: string | undefined;
  readonly docs: string | undefined;
}

/** Reads the command line. Throws where it cannot be understood. */
export function readArguments(argv: readonly string[]): BenchArguments | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      ros: { type: 'boolean', default: false },
      'ros-sizes': { type: 'string' },
      http: { type: 'boolean', default: false },
      'http-sizes': { type: 'string' },
      services: { type: 'boolean', default: false },
      tickets: { type: 'boolean', default: false },
      fleet: { type: 'boolean', default: false },
      'fleet-sizes': { type: 'string' },
      from: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const base = values.quick ? QUICK : FULL;
  const baseRos = values.quick ? QUICK_ROS : FULL_ROS;
  const baseHttp = values.quick ? QUICK_HTTP : FULL_HTTP;
  const sizes = readSizes('--sizes', values.sizes, 10) ?? base.sizes;
  const rosSizes = readSizes('--ros-sizes', values['ros-sizes'], 2) ?? baseRos.sizes;
  const httpSizes = readSizes('--http-sizes', values['http-sizes'], 4) ?? baseHttp.sizes;
  const baseFleet = values.quick ? QUICK_FLEET : FULL_FLEET;
  const fleetSizes = readSizes('--fleet-sizes', values['fleet-sizes'], 2) ?? baseFleet.sizes;
  const parts = (['ros', 'http', 'services', 'tickets', 'fleet'] as const).filter((part) => values[part]);
  if (parts.length > 1)
    throw new Error(`${parts.map((part) => `--${part}`).join(' and ')}: expected one of them`);
  const asked =
    values.quick ||
    [values.sizes, values['ros-sizes'], values['http-sizes'], values['fleet-sizes']].some(Boolean);
  const whole = !asked && values.from === undefined;
  return {
    plan: { ...base, sizes },
    rosPlan: { ...baseRos, sizes: rosSizes },
    httpPlan: { ...baseHttp, sizes: httpSizes },
    servicesPlan: values.quick ? QUICK_SERVICES : FULL_SERVICES,
    ticketsPlan: values.quick ? QUICK_TICKETS : FULL_TICKETS,
    fleetPlan: { ...baseFleet, sizes: fleetSizes },
    only: parts[0] ?? null,
    from: values.from,
    json: values.json,
    docs: values.docs ?? (whole ? join(REPOSITORY, 'docs/performance.md') : undefined),
  };
}

function readSizes(option: string, text: string | undefined, least: number): number[] | undefined {
  const sizes = text?.split(',').map(Number);
  if (sizes?.some((size) => !Number.isInteger(size) || size < least || size > 1100) === true) {
    throw new Error(`${option}: expected whole numbers from ${least} to 1100, separated by commas`);
  }
  return sizes;
}
