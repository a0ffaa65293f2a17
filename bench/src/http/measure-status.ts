import { setTimeout as delay } from 'node:timers/promises';
import { processCpuMs } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import { shuffled } from '../statistics.js';
import type { Load } from './asker-client.js';
import type { LoadFigures } from './asker.js';
import { ASKED } from './http-bench-robot.js';
import type { HttpBenchRobot } from './http-bench-robot.js';
import type { HttpPlan } from './http-plan.js';
import { Supervisor, SUPERVISOR_PLACES } from './supervisor.js';

/** What asks for a status, and of whom. */
export const ASKED_FOR = {
  state: 'GET /api/state',
  stack: `GET /api/stacks/${ASKED}`,
  services: 'GET /api/services/list',
  supervisord: 'supervisord: getAllProcessInfo',
  systemctl: 'systemctl show, spawned',
} as const;
export type AskedFor = keyof typeof ASKED_FOR;

/** One figure of {@link measureStatus}. */
export interface StatusFigures extends LoadFigures {
  readonly what: AskedFor;
  /** `token`: over TCP with one, which may ask 400 times in 2 s; so that is how much was asked. */
  readonly by: 'unix' | 'tcp' | 'token' | 'spawn';
  readonly connections: number;
  /** Percent of one core that the server used; null where there is no server. */
  readonly serverPercent: number | null;
}

/** Milliseconds for which each is asked before it counts. */
const WARM_MS = 400;
/** With one token: fewer than the gateway allows. */
const TOKEN_REQUESTS = 390;
const TOKEN_CONNECTIONS = 16;
/** Units up to which `systemctl show` of all is run many times at once. */
const SPAWN_SIZE = 10;
/** What a program wants to know of a unit. */
const PROPERTIES = 'Id,ActiveState,SubState,Result,MainPID,StateChangeTimestamp,NRestarts,InvocationID';

/** Puts load on every route, by every way, with one stack running; in random order among as many connections. */
export async function measureStatus(
  bench: HttpBenchRobot,
  { connections, milliseconds }: HttpPlan['load'],
): Promise<StatusFigures[]> {
  const { asker, robot, gateway, supervisor, client } = bench;
  await client.start(ASKED);
  await asker.ask(Supervisor.call(SUPERVISOR_PLACES.unix, 'startProcess', ASKED));
  const figures: StatusFigures[] = [];
  for (const many of connections) {
    const measure =
      (
        named: Pick<StatusFigures, 'what' | 'by'>,
        pid: number | null,
        work: (load: Load) => Promise<LoadFigures>,
      ) =>
      async (): Promise<void> => {
        await work({ connections: many, ms: Math.min(WARM_MS, milliseconds) });
        const cpu = async (): Promise<number> => (pid === null ? 0 : processCpuMs(robot, pid));
        const [before, begin] = [await cpu(), monotonicMs()];
        const loaded = await work({ connections: many, ms: milliseconds });
        const percent = (100 * ((await cpu()) - before)) / (monotonicMs() - begin);
        figures.push({
          ...named,
          ...loaded,
          connections: many,
          serverPercent: pid === null ? null : percent,
        });
      };
    const paths = { state: '/api/state', stack: `/api/stacks/${ASKED}`, services: '/api/services/list' };
    const ways = (['unix', 'tcp'] as const).flatMap((by) => [
      ...Object.entries(paths).map(([what, path]) =>
        measure({ what: what as AskedFor, by }, gateway.pid, (load) => asker.load(bench.get(by, path), load)),
      ),
      measure({ what: 'supervisord', by }, supervisor.pid, (load) =>
        asker.load(Supervisor.call(SUPERVISOR_PLACES[by], 'getAllProcessInfo'), load),
      ),
    ]);
    const show = ['systemctl', 'show', '-p', PROPERTIES, ...bench.units];
    // Each names all units: sixteen at once take minutes in a large catalog.
    if (many === 1 || (many <= 16 && bench.size <= SPAWN_SIZE)) {
      ways.push(measure({ what: 'systemctl', by: 'spawn' }, null, (load) => asker.spawn(show, load)));
    }
    for (const way of shuffled(ways)) {
      await way();
      await delay(100);
    }
    if (many === TOKEN_CONNECTIONS) figures.push(await byToken(bench));
  }
  await client.stop(ASKED);
  await asker.ask(Supervisor.call(SUPERVISOR_PLACES.unix, 'stopProcess', ASKED));
  return figures;
}

/** As much as one token may ask: a burst of a fresh one. */
async function byToken(bench: HttpBenchRobot): Promise<StatusFigures> {
  const token = await bench.token('bench');
  const request = bench.get('tcp', '/api/state', { authorization: `Bearer ${token}` });
  // The gateway reads the token file anew when it first meets an unknown token.
  await bench.robot.waitFor(
    'the gateway to know the token',
    async () => (await bench.asker.ask(request)).status === 200,
  );
  await delay(2_100);
  const loaded = await bench.asker.load(request, {
    connections: TOKEN_CONNECTIONS,
    ms: 10_000,
    requests: TOKEN_REQUESTS,
  });
  return { what: 'state', by: 'token', connections: TOKEN_CONNECTIONS, serverPercent: null, ...loaded };
}
